"""Draws from a global generator are refused when they happen; what a library draws for itself is told."""

from __future__ import annotations

import importlib
import random
import sys
from pathlib import Path
from typing import Any

import pytest

from lawbook.verification.global_draws import GlobalDrawError, global_draws_refused

DRAWS = {
    "random.gauss(0, 1)": "random.gauss draws from Python's global generator",
    "numpy.random.normal(size=3)": "numpy.random.normal draws from NumPy's global generator",
    "numpy.random.default_rng()": "a generator without a seed",
    "torch.randn(3)": "torch.randn draws from torch's global generator",
    "torch.randint(0, 5, (3,))": "torch.randint draws from torch's global generator",
    "torch.empty(3).uniform_()": "Tensor.uniform_ draws from torch's global generator",
    "torch.nn.init.normal_(torch.empty(3))": "",
    "random.Random(1).gauss(0, 1)": "",
    "numpy.random.default_rng(3).normal()": "",
    "torch.randn(3, generator=torch.Generator().manual_seed(1))": "",
    "torch.empty(3).uniform_(generator=torch.Generator().manual_seed(1))": "",
}


def drawing_module(root: Path, expression: str) -> Any:
    """A module of the registry's checkers whose `draw` evaluates the expression."""
    folder = root / "checkers"
    folder.mkdir()
    name = f"drawing_{abs(hash(expression))}"
    (folder / f"{name}.py").write_text(
        f"import random\nimport numpy\nimport torch\n\ndef draw():\n    return {expression}\n"
    )
    sys.path.insert(0, str(folder))
    try:
        return importlib.import_module(name)
    finally:
        sys.path.remove(str(folder))


@pytest.mark.parametrize("expression", DRAWS)
def test_a_checker_may_draw_from_generators_of_its_own_alone(tmp_path: Path, expression: str) -> None:
    pytest.importorskip("torch")
    module = drawing_module(tmp_path, expression)
    with global_draws_refused(tmp_path):
        if told := DRAWS[expression]:
            with pytest.raises(GlobalDrawError) as caught:
                module.draw()
            assert told in str(caught.value)
            assert "seed" in str(caught.value)
        else:
            module.draw()
    module.draw()


def test_what_a_library_draws_for_itself_is_told(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    module = drawing_module(tmp_path, "torch.nn.Linear(2, 2)")
    with global_draws_refused(tmp_path) as drawn_elsewhere:
        assert drawn_elsewhere() == []
        module.draw()
        (told,) = drawn_elsewhere()
    assert told.startswith("something that the checker calls drew from torch's global generator")


def test_the_numbers_of_a_global_generator_stay_those_that_they_were(tmp_path: Path) -> None:
    random.seed(7)
    before = random.random()
    random.seed(7)
    with global_draws_refused(tmp_path):
        assert random.random() == before
    assert random.random.__self__ is random._inst  # type: ignore[attr-defined]


def test_a_global_draw_is_an_error_that_names_the_authors_line(laboratory: Any) -> None:
    laboratory.edit("checkers/laws/planted.py", "random.Random(seed).gauss", "random.gauss")
    laboratory.plant("careless")
    output = laboratory.verify(exit_code=3)
    assert "checkers/laws/planted.py:42: random.gauss draws from Python's global generator" in output
    assert "draw from random.Random(seed), one for each of trials.seeds" in output
