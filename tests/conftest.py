"""Fixtures that every test folder may use: a tiny registry, and the means to spoil it."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import ModuleType

import pytest

# What one test makes the code find, another must not be told; the tests of the cache name a folder of their own.
os.environ["LAWBOOK_CACHE"] = "off"
# Planted checkers tell what they do by files of the test; the tests of isolation put it on.
os.environ["LAWBOOK_ISOLATION"] = "off"
TINY_REGISTRY = Path(__file__).parent / "tiny_registry"

Content = str | bytes | tuple[str, str] | None


def write_registry(root: Path, changes: Mapping[str, Content]) -> Path:
    """A copy of the tiny registry at `root`, changed as `make_registry` says."""
    shutil.copytree(TINY_REGISTRY, root, ignore=shutil.ignore_patterns("__pycache__"))
    for relative, content in changes.items():
        path = root / relative
        path.parent.mkdir(parents=True, exist_ok=True)
        if content is None:
            path.unlink()
        elif isinstance(content, bytes):
            path.write_bytes(content)
        elif isinstance(content, tuple):
            old, new = content
            text = path.read_text(encoding="utf-8")
            assert text.count(old) == 1, f"{old!r} occurs {text.count(old)} times in {relative}, not once"
            path.write_text(text.replace(old, new), encoding="utf-8")
        else:
            path.write_text(content, encoding="utf-8")
    return root


def pretended_accelerator() -> ModuleType:
    """The module that pretends an accelerator, which PyTorch takes once a process; skips where it has no such thing."""
    name = "pretended_accelerator"
    if name not in sys.modules:
        registration = pytest.importorskip("torch.utils.backend_registration")
        if not hasattr(registration, "_setup_privateuseone_for_python_backend"):
            pytest.skip("this torch cannot register a backend written in Python")
        place = Path(__file__).parent / "devices" / f"{name}.py"
        specification = importlib.util.spec_from_file_location(name, place)
        assert specification is not None
        assert specification.loader is not None
        sys.modules[name] = module = importlib.util.module_from_spec(specification)
        specification.loader.exec_module(module)
    return sys.modules[name]


@pytest.fixture(params=["cpu", "pretended"])
def device(request: pytest.FixtureRequest) -> Iterator[str]:
    """A torch device for `trials.device` and its like: the CPU, then an accelerator that is pretended on the CPU."""
    if request.param == "cpu":
        yield "cpu"
        return
    accelerator = pretended_accelerator()
    with accelerator.card():
        yield accelerator.DEVICE


@pytest.fixture(scope="session")
def accelerator() -> ModuleType:
    """The pretended accelerator: `DEVICE`, `card()` while which it is there, `OnCard` its tensors."""
    return pretended_accelerator()


@pytest.fixture
def make_registry(tmp_path: Path) -> Callable[[Mapping[str, Content]], Path]:
    """Builds the tiny registry at `tmp_path / "registry"` with some files changed; one call a test.

    `make_registry({"claims/laws/noise-averages-out.yaml": ("theorem", "limit")})` spoils a claim:
    each value is a file's new text or bytes, a pair (old, new) to replace in it once, or None to delete it.
    """
    return lambda changes: write_registry(tmp_path / "registry", changes)


@pytest.fixture
def tiny_registry(make_registry: Callable[[Mapping[str, Content]], Path]) -> Path:
    """The root of a valid registry: two claims (one holds, one is refuted), an open problem, two references.

    Ids: noise-averages-out (check `centre`, both tiers), noise-is-positive (check `above-half`, quick only),
    the problem noise-in-the-dark. Their checker needs the standard library only.
    """
    return make_registry({})
