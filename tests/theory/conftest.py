"""Shapes and dtypes of the theory's arguments and results are checked while its tests run."""

from jaxtyping import install_import_hook

install_import_hook("checkers.theory", "beartype.beartype")
