"""Laws of the tiny registry."""
