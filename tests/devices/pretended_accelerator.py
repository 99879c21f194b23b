"""A pretended accelerator: tensors that say they are on another device and are computed on the CPU.

It refuses what CUDA refuses (a CPU tensor among its own, an index from the wrong side, NumPy, a CPU generator), so code
that forgets `trials.device` fails here as it would there, and its numbers are the CPU's. Reads that make a real card
wait for the program, and the program for the card, are counted by the line that asks for them.

Registered as PyTorch's Python backend of the key PrivateUse1. Every operation comes through a dispatch mode;
`torch.tensor(…, device=…)` and indexing by lists bypass modes, and find the backend's own `empty` and `_copy_from`.
"""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import FrameType
from typing import Any

import torch
from torch import Tensor
from torch.utils._mode_utils import no_dispatch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.backend_registration import _setup_privateuseone_for_python_backend

NAME = "pretended"
DEVICE = f"{NAME}:0"
CHECKERS_PARENT = f"{Path(__file__).resolve().parents[2]}{os.sep}"
CHECKERS = f"{CHECKERS_PARENT}checkers{os.sep}"
# Reads of one line that may stand outside of all steps, and those that look like a loop where no step is known of.
A_FEW, A_LOOP = 10, 32

aten = torch.ops.aten
_CPU = torch.device("cpu")
# Operations that hand a number, or how many there are, to the program.
_READS = {
    aten._local_scalar_dense.default,
    aten.equal.default,
    aten.nonzero.default,
    aten.masked_select.default,
    aten._unique2.default,
    aten.unique_dim.default,
    aten.unique_consecutive.default,
}
_COPIES = {aten.copy_.default, aten._copy_from.default, aten._copy_from_and_resize.default}
# CUDA takes indices from the CPU and copies them over.
_INDEXED = {
    aten.index.Tensor,
    aten.index_put.default,
    aten.index_put_.default,
    aten._index_put_impl_.default,
    aten._unsafe_index.Tensor,
    aten._unsafe_index_put.default,
}
# Beside the pointwise ones: where CUDA takes a CPU tensor of no dimension for a number.
_TAKES_NUMBERS = {
    *_INDEXED,
    aten.fill_.Tensor,
    aten.fill.Tensor,
    aten.masked_fill.Tensor,
    aten.masked_fill_.Tensor,
    aten.index_fill.int_Tensor,
    aten.index_fill_.int_Tensor,
}


class OnCard(Tensor):
    """A tensor on the pretended device; `held` is the CPU tensor with its numbers, of the same strides."""

    held: Tensor

    @staticmethod
    def __new__(cls, held: Tensor) -> OnCard:
        wrapper = Tensor._make_wrapper_subclass(
            cls,
            held.shape,
            strides=held.stride(),
            storage_offset=held.storage_offset(),
            dtype=held.dtype,
            layout=held.layout,
            device=torch.device(DEVICE),
        )
        wrapper.held = held
        return wrapper

    def __repr__(self, *, tensor_contents: object = None) -> str:
        return f"OnCard({self.held!r})"

    def __format__(self, form: str) -> str:
        # Tensor's own takes numbers of its own class alone.
        return format(self.item(), form) if self.dim() == 0 else super().__format__(form)

    def tolist(self) -> Any:
        # Tensor's own refuses subclasses, where it would copy what is on a real card.
        return self.cpu().tolist()

    def numpy(self, *, force: bool = False) -> Any:
        if not force:
            raise TypeError(f"can't convert {DEVICE} device type tensor to numpy. Use Tensor.cpu() first.")
        return self.detach().cpu().numpy()

    def __array__(self, *_: Any, **__: Any) -> Any:
        return self.numpy()

    __torch_function__ = torch._C._disabled_torch_function_impl

    @classmethod
    def __torch_dispatch__(cls, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        return _on_card(func, args, kwargs or {})


class Reads:
    """How often each line of the checkers made the card wait, by `path:line`.

    steps: of training, as far as they were tracked or the trainer looked for runs that are lost, which it does in each.
    """

    def __init__(self) -> None:
        self.lines: Counter[str] = Counter()
        self._tracked = self._settled = 0

    @property
    def steps(self) -> int:
        return max(self._tracked, self._settled)

    def often(self) -> dict[str, int]:
        """The lines that read back more than once a step; some at the end are no matter."""
        return {
            line: times
            for line, times in self.lines.most_common()
            if times > max(self.steps + 1, A_FEW if self.steps else A_LOOP)
        }

    def note(self) -> None:
        """Count a read for the innermost line of the checkers that asks for it."""
        frame: FrameType | None = sys._getframe(1)
        while frame is not None:
            path = frame.f_code.co_filename
            if path.startswith(CHECKERS):
                self._settled += path.endswith("testbeds/training.py") and frame.f_code.co_name == "settle"
                self.lines[f"{path.removeprefix(CHECKERS_PARENT)}:{frame.f_lineno}"] += 1
                return
            frame = frame.f_back

    def track(self, iterable: Any, label: str) -> Iterator[Any]:
        """For `Trials(…, track=reads.track)`."""
        for item in iterable:
            self._tracked += 1
            yield item


_reads = Reads()


class _Card(TorchDispatchMode):
    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        return _on_card(func, args, kwargs or {})


@contextmanager
def card() -> Iterator[Reads]:
    """While it lasts `DEVICE` is a device; gives the reads that are made meanwhile."""
    global _reads
    before, _reads = _reads, Reads()
    try:
        # Else gradients run on a thread of the device's own, where transforms inside transforms end in a crash.
        with torch.autograd.set_multithreading_enabled(False), _Card():
            yield _reads
    finally:
        _reads = before


@dataclass(frozen=True)
class _Kind:
    """What is asked of an operation, once for all of its calls."""

    draws: bool
    pointwise: bool
    takes_numbers: bool
    mutates: bool
    copies: bool
    indexes: bool


@cache
def _kind(func: Any) -> _Kind:
    pointwise = torch.Tag.pointwise in func.tags
    return _Kind(
        draws=torch.Tag.nondeterministic_seeded in func.tags,
        pointwise=pointwise,
        takes_numbers=pointwise or func in _TAKES_NUMBERS,
        mutates=func._schema.is_mutable,
        copies=func in _COPIES or func is aten._to_copy.default,
        indexes=func in _INDEXED,
    )


def _on_card(func: Any, args: Any, kwargs: dict[str, Any]) -> Any:
    """The operation with everything of ours as what it holds, and the results as ours again."""
    tensors = [*_tensors(args), *_tensors(tuple(kwargs.values()))] if kwargs else list(_tensors(args))
    ours = [tensor for tensor in tensors if isinstance(tensor, OnCard)]
    to = kwargs.get("device")
    to = None if to is None else torch.device(to)
    makes_ours = to is not None and to.type == NAME
    if not ours and not makes_ours:
        return func(*args, **kwargs)
    kind = _kind(func)
    if kind.draws:
        raise RuntimeError(
            f"{func} draws random numbers on {DEVICE}, from a generator of another device or from none; "
            "draw on the CPU (checkers.testbeds.randomness) and move what is drawn"
        )
    if len(ours) < len(tensors) and not kind.copies:
        _refuse_strangers(func, kind, args, tensors)
    if func is aten._efficientzerotensor.default:
        # A tensor of zeros without memory, which only PyTorch's own kinds of tensors may be.
        func = aten.zeros.default
    if ours and _reads_back(func, kind, args, to):
        _reads.note()
    result = func(*map(_held, args), **{name: _held(value) for name, value in kwargs.items()})
    if torch.Tag.inplace_view in func.tags:
        # What holds the numbers has its new shape; the wrapper takes it without asking us again.
        with no_dispatch():
            func(*args, **kwargs)
    if func in _COPIES:
        return args[0]
    if to is not None and not makes_ours:
        return result
    return _wrapped(result, {id(tensor.held): tensor for tensor in ours} if kind.mutates else {})


def _tensors(values: Any) -> Iterator[Tensor]:
    for value in values:
        if isinstance(value, Tensor):
            yield value
        elif isinstance(value, list | tuple):
            yield from _tensors(value)


def _held(value: Any) -> Any:
    if isinstance(value, OnCard):
        return value.held
    if isinstance(value, list | tuple):
        return [_held(part) for part in value]
    return _CPU if isinstance(value, torch.device) and value.type == NAME else value


def _wrapped(result: Any, known: dict[int, OnCard]) -> Any:
    if isinstance(result, Tensor):
        # What an operation changed in place is the tensor that it was.
        return known.get(id(result)) if id(result) in known else OnCard(result)
    if isinstance(result, list | tuple):
        return tuple(_wrapped(part, known) for part in result)
    return result


def _reads_back(func: Any, kind: _Kind, args: Any, to: torch.device | None) -> bool:
    if func in _COPIES:
        return isinstance(args[1], OnCard) and not isinstance(args[0], OnCard)
    if kind.indexes:
        return any(index is not None and index.dtype in (torch.bool, torch.uint8) for index in args[1])
    return func in _READS or (func is aten._to_copy.default and to is not None and to.type == "cpu")


def _refuse_strangers(func: Any, kind: _Kind, args: Any, tensors: list[Tensor]) -> None:
    for stranger in tensors:
        if isinstance(stranger, OnCard):
            continue
        is_number = stranger.dim() == 0
        if is_number and kind.takes_numbers and stranger is not args[0]:
            continue
        if is_number and kind.pointwise and not kind.mutates:
            continue
        if kind.indexes and isinstance(args[0], OnCard) and any(stranger is index for index in args[1]):
            continue
        raise RuntimeError(
            f"Expected all tensors to be on the same device, but {func} found {DEVICE} and cpu, "
            f"the latter a tensor of shape {list(stranger.shape)}; make it on trials.device"
        )


def _empty(size: Any, *, dtype: Any = None, **_: Any) -> Tensor:
    return OnCard(torch.empty(size, dtype=dtype, device="cpu"))


def _empty_strided(size: Any, stride: Any, *, dtype: Any = None, **_: Any) -> Tensor:
    return OnCard(torch.empty_strided(size, stride, dtype=dtype, device="cpu"))


def _copy_from(source: Tensor, target: Tensor, non_blocking: bool = False) -> Tensor:
    _on_card(aten.copy_.default, (target, source, non_blocking), {})
    return target


_setup_privateuseone_for_python_backend(NAME)
_LIBRARY = torch.library.Library("aten", "IMPL")
for _name, _kernel in {
    "empty.memory_format": _empty,
    "empty_strided": _empty_strided,
    "_copy_from": _copy_from,
}.items():
    _LIBRARY.impl(_name, _kernel, "PrivateUse1")
