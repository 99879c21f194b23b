"""Curves and maps drawn with the characters of a terminal."""
