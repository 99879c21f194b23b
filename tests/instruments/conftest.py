"""Shapes and dtypes of the instruments' arguments and results are checked while their tests run."""

from jaxtyping import install_import_hook

install_import_hook("checkers.instruments", "beartype.beartype")
