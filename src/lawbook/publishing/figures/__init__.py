"""Figures as inline SVG: no scripts, no external files, colours from the page's style sheet."""
