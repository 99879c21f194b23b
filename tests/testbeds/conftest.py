"""Shapes and dtypes of the test beds' arguments and results are checked while their tests run."""

from jaxtyping import install_import_hook

install_import_hook("checkers.testbeds", "beartype.beartype(conf=beartype.BeartypeConf(is_pep484_tower=True))")
