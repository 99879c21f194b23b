"""What every instrument asks of its tensors: float32 or float64, and shapes that agree.

Integers are refused rather than promoted: a result in their dtype would be cut to a whole number, and one in another
would surprise. What an instrument hands on to a function of yours (inputs, targets) is yours and is not looked at.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

_FLOATS = (torch.float32, torch.float64)


def check_tensors(*, one_dtype: bool = True, **arguments: tuple[Tensor, str]) -> None:
    """Raises TypeError for a tensor that is not float32 or float64, ValueError for shapes that do not match.

    arguments: each tensor with its axes' names, `features=(features, "runs inputs width")`; an axis of one name has one
    length everywhere, and at least 1. one_dtype: whether all must share their dtype.
    """
    lengths: dict[str, tuple[int, str]] = {}
    first: tuple[torch.dtype, str] | None = None
    for name, (tensor, axes) in arguments.items():
        check_float(name, tensor.dtype)
        if first is None:
            first = tensor.dtype, name
        elif one_dtype and tensor.dtype != first[0]:
            raise TypeError(f"{first[1]} is {first[0]} and {name} is {tensor.dtype}; give both in one dtype")
        names = axes.split()
        if tensor.ndim != len(names):
            raise ValueError(f"{name} must have the axes [{', '.join(names)}], not shape {tuple(tensor.shape)}")
        for axis, length in zip(names, tensor.shape, strict=True):
            expected, where = lengths.setdefault(axis, (length, name))
            if length != expected or length == 0:
                reason = "it is empty" if length == 0 else f"'{axis}' has length {expected} in {where}"
                raise ValueError(f"{name} has the shape {tuple(tensor.shape)} for [{', '.join(names)}]: {reason}")


def check_float(name: str, dtype: torch.dtype) -> None:
    """Raises TypeError for a dtype that is neither float32 nor float64; `name` says whose it is."""
    if dtype not in _FLOATS:
        raise TypeError(f"{name} is {dtype}; instruments measure float32 or float64: convert it, as by `.double()`")


def check_parameters(parameters: Mapping[str, Tensor]) -> None:
    """Raises TypeError for parameters that are not float32 or float64."""
    for name, tensor in parameters.items():
        check_float(f"parameter '{name}'", tensor.dtype)
