"""Every function of the test beds is checked against its shape annotations while these tests run."""

import pytest
from jaxtyping import install_import_hook

_hook = install_import_hook("checkers.testbeds", "beartype.beartype")


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    import torch

    torch.set_num_threads(1)
