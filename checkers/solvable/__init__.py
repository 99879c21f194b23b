"""Experiments on solvable settings."""
