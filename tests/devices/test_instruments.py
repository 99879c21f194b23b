"""Every public instrument measures on an accelerator what it measures on the CPU."""

from __future__ import annotations

import runpy
from dataclasses import fields, is_dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import torch
from torch import Tensor

_SHOWN = runpy.run_path(str(Path(__file__).parents[1] / "instruments" / "examples.py"))
EXAMPLES, PUBLIC = _SHOWN["EXAMPLES"], _SHOWN["PUBLIC"]


def parts(result: Any) -> list[Any]:
    """Everything that a result is made of."""
    if is_dataclass(result) and not isinstance(result, type):
        return [part for field in fields(result) for part in parts(getattr(result, field.name))]
    if isinstance(result, dict):
        result = list(result.values())
    return [part for each in result for part in parts(each)] if isinstance(result, list | tuple) else [result]


@pytest.mark.parametrize("name", sorted(name for name in EXAMPLES if EXAMPLES[name].tensors))
def test_it_measures_the_same(name: str, accelerator: ModuleType) -> None:
    example = EXAMPLES[name]
    expected = parts(example.call(PUBLIC[name], **example.tensors))
    with accelerator.card():
        there = {key: tensor.to(accelerator.DEVICE) for key, tensor in example.tensors.items()}
        found = [
            part.cpu() if isinstance(part, Tensor) else part for part in parts(example.call(PUBLIC[name], **there))
        ]
    assert len(found) == len(expected)
    for one, other in zip(expected, found, strict=True):
        if isinstance(one, Tensor):
            torch.testing.assert_close(other, one, rtol=1e-12, atol=1e-12, equal_nan=True)
        elif not callable(one):
            assert other == one
