"""What every public function of the instruments owes whoever reads its numbers, asked of each that the package holds.

A new function fails here until it has an example in `examples.py`.
"""

from __future__ import annotations

import math
import runpy
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch import Tensor

_SHOWN = runpy.run_path(str(Path(__file__).with_name("examples.py")))
EXAMPLES, PUBLIC, CHECKS, MEASURING = (_SHOWN[name] for name in ("EXAMPLES", "PUBLIC", "CHECKS", "MEASURING"))
RUNS, noise = _SHOWN["RUNS"], _SHOWN["noise"]


def numbers(result: Any) -> list[Tensor]:
    """All floating tensors of a result with a runs axis, flags among them as numbers."""
    if isinstance(result, Tensor):
        return [result] if result.is_floating_point() else []
    if is_dataclass(result):
        return [part for field in fields(result) for part in numbers(getattr(result, field.name))]
    if isinstance(result, dict):
        result = list(result.values())
    return [part for each in result for part in numbers(each)] if isinstance(result, list | tuple) else []


def flags(result: Any) -> list[Tensor]:
    return [flag for name in ("converged", "suspect", "valid") if (flag := getattr(result, name, None)) is not None]


def asked(name: str, **changed: Tensor) -> Any:
    return EXAMPLES[name].call(PUBLIC[name], **(EXAMPLES[name].tensors | changed))


def test_every_public_function_has_an_example() -> None:
    assert set(PUBLIC) - CHECKS == set(EXAMPLES)


@pytest.mark.parametrize("name", MEASURING)
def test_the_example_is_healthy(name: str) -> None:
    for part in numbers(asked(name)):
        assert part.isfinite().all()


@pytest.mark.parametrize("spoiled", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("name", MEASURING)
def test_a_run_that_is_not_finite_is_nan_and_spares_the_others(name: str, spoiled: float) -> None:
    healthy = asked(name)
    for which in set(EXAMPLES[name].tensors) - set(EXAMPLES[name].shared):
        bad = EXAMPLES[name].tensors[which].clone()
        bad[(1, *[0] * (bad.ndim - 1))] = spoiled
        if EXAMPLES[name].refuses:
            with pytest.raises(ValueError, match=r"finite|positive"):
                asked(name, **{which: bad})
            continue
        if (name, which) == ("curvature.preconditioned", "preconditioner") and spoiled < 0:
            continue  # not positive, which is refused
        result = asked(name, **{which: bad})
        others = [run for run in range(RUNS) if run != 1]
        for before, after in zip(numbers(healthy), numbers(result), strict=True):
            torch.testing.assert_close(after[others], before[others], rtol=1e-6, atol=1e-9)
        if name.endswith("permute_units") and which == "likeness":
            continue  # one pair's likeness does not undo the permutation
        parts = [part[1] for part in numbers(result)]
        if EXAMPLES[name].entrywise:
            assert not all(bool(part.isfinite().all()) for part in parts)
        elif name != "power_law.fit_power_law":  # whose offset was given
            assert all(bool(part.isnan().all()) for part in parts)
        assert not any(bool(flag[1]) for flag in flags(result))


@pytest.mark.parametrize("dtype", [torch.int64, torch.bool])
@pytest.mark.parametrize("name", MEASURING)
def test_integers_are_refused(name: str, dtype: torch.dtype) -> None:
    for which in set(EXAMPLES[name].tensors) - set(EXAMPLES[name].yours):
        with pytest.raises(TypeError, match=r"float"):
            asked(name, **{which: EXAMPLES[name].tensors[which].to(dtype)})


@pytest.mark.parametrize(("dtype", "scales"), [(torch.float32, (1e18, 1e-18)), (torch.float64, (1e150, 1e-150))])
@pytest.mark.parametrize("name", [name for name in MEASURING if EXAMPLES[name].powers])
def test_numbers_follow_the_scale_or_are_refused(name: str, dtype: torch.dtype, scales: tuple[float, ...]) -> None:
    tensors = {key: tensor.to(dtype) for key, tensor in EXAMPLES[name].tensors.items()}
    before = numbers(asked(name, **tensors))
    for which, power in EXAMPLES[name].powers.items():
        for scale in scales:
            after = numbers(asked(name, **(tensors | {which: tensors[which] * scale})))
            if not before:
                continue
            relative = after[0].double() / scale**power if abs(power) < 2 else after[0].double() / scale / scale
            undefined = after[0].isnan()
            expected = torch.where(undefined, torch.nan, before[0].double())
            torch.testing.assert_close(relative, expected, rtol=1e-3, atol=1e-4, equal_nan=True)


@settings(deadline=None, max_examples=15)
@given(
    name=st.sampled_from([name for name in MEASURING if EXAMPLES[name].offset]),
    offset=st.sampled_from([1.0, 30.0, 1e3]),
    seed=st.integers(0, 99),
)
def test_float32_agrees_with_float64_on_offset_data(name: str, offset: float, seed: int) -> None:
    drawn = {
        key: (noise(*tensor.shape, seed=seed + place) + offset * (key in EXAMPLES[name].offset)).float()
        for place, (key, tensor) in enumerate(EXAMPLES[name].tensors.items())
    }
    if name.startswith("alignment"):
        # Of data a thousand times as far off as they are wide a float32 kernel holds rounding alone, which counts as 0.
        assume(offset < 1e3)
        drawn = {key: tensor / max(offset, 1) ** 0.5 for key, tensor in drawn.items()}
        drawn = {key: tensor @ tensor.mT / 8 for key, tensor in drawn.items()}
    rough, exact = (
        numbers(asked(name, **drawn)),
        numbers(asked(name, **{k: t.double() for k, t in drawn.items()})),
    )
    for one, other in zip(rough, exact, strict=True):
        torch.testing.assert_close(one.double(), other, rtol=2e-3, atol=2e-3)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("value", [0.0, 0.1, -7e5])
@pytest.mark.parametrize("name", [name for name in MEASURING if EXAMPLES[name].dead])
def test_what_does_not_vary_gives_nan(name: str, value: float, dtype: torch.dtype) -> None:
    tensors = {key: tensor.to(dtype) for key, tensor in EXAMPLES[name].tensors.items()}
    for which in EXAMPLES[name].dead:
        dead = tensors[which].clone()
        dead[1] = value
        result = asked(name, **(tensors | {which: dead}))
        assert numbers(result)[0][1].isnan().all()
        assert numbers(result)[0][0].isfinite().all()
        assert not any(bool(flag[1]) for flag in flags(result))


@pytest.mark.parametrize("name", sorted(name for name in MEASURING if len(EXAMPLES[name].tensors) > 1))
def test_shapes_that_do_not_match_are_a_value_error(name: str) -> None:
    if name.startswith(("kernels.empirical", "dense_layers", "neural_features.average", "parameters.", "batch_")):
        pytest.skip("its tensors need not agree")
    example = EXAMPLES[name]
    for which, tensor in example.tensors.items():
        fewer = tensor[..., :-1] if example.shared and which not in example.shared else tensor[:-1]
        with pytest.raises(ValueError):  # noqa: PT011 - each says which axis
            asked(name, **{which: fewer})
