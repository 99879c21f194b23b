"""The experiments of the tiny registry."""
