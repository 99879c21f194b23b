from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest

from lawbook.registry.checker_modules import CheckerError
from lawbook.registry.checker_source import resolve_checker
from lawbook.registry.parameter_types import ParameterType, accepts, read_annotation, suggestion, wanted


def read(annotation: str, **aliases: str) -> ParameterType:
    bound = {name: ast.parse(text, mode="eval").body for name, text in aliases.items()}
    return read_annotation(ast.parse(annotation, mode="eval").body, bound.get)


def test_a_checker_is_described_without_running_it(tiny_registry: Path) -> None:
    source = resolve_checker(tiny_registry, "checkers.laws.example:centre_of_noise")
    lines = (tiny_registry / source.module_path).read_text(encoding="utf-8").splitlines()
    assert source.module_path == Path("checkers/laws/example.py")
    assert lines[source.line - 1].startswith("def centre_of_noise(")
    assert lines[source.end_line - 1] == "    )"
    assert source.docstring.startswith("One normal draw a seed")
    assert [(known.name, known.annotation, known.default) for known in source.parameters] == [
        ("centre", "float", None),
        ("spread", "float", "0.1"),
        ("reached", "bool", "True"),
    ]
    assert [known.required for known in source.parameters] == [True, False, False]


@pytest.mark.parametrize(
    ("annotation", "accepted", "refused"),
    [
        ("int", [3, -1], [3.0, True, "3", None]),
        ("float", [3, 0.5], [True, "0.5", [0.5]]),
        ("bool", [True], [1, "true"]),
        ("str", ["x"], [1, None]),
        ("Literal['a', 'b', 1]", ["a", 1], ["c", True, None]),
        ("typing.Literal['a']", ["a"], ["b"]),
        ("float | None", [1.5, None], ["x"]),
        ("Optional[int]", [1, None], [1.5]),
        ("Union[int, str]", [1, "x"], [1.5]),
        ("'int | str'", [1, "x"], [1.5]),
        ("list[int]", [[], [1, 2]], [1, [1.5]]),
        ("tuple[float, ...]", [[1, 2.5]], [["x"], 1]),
        ("tuple[int, str]", [[1, "x"]], [[1], [1, "x", 2], ["x", 1]]),
        ("Sequence[Literal['a']]", [["a", "a"]], [["b"]]),
        ("list", [[1, "x"]], [1]),
        ("Annotated[int, 'width']", [1], [1.5]),
        ("Alias", ["x"], ["z"]),
        ("list[Alias]", [["x"]], [["z"]]),
    ],
)
def test_simple_annotations_are_understood(annotation: str, accepted: list[Any], refused: list[Any]) -> None:
    type = read(annotation, Alias="Literal['x', 'y']")
    assert all(accepts(type, value) for value in accepted)
    assert not any(accepts(type, value) for value in refused)


@pytest.mark.parametrize("annotation", ["Tensor", "int | Tensor", "Loop", "'not python'", "f()"])
def test_richer_annotations_are_left_to_the_worker(annotation: str) -> None:
    assert accepts(read(annotation, Loop="Loop"), object())


def test_what_is_wanted_is_said_in_words() -> None:
    assert wanted(read("int | None")) == "a whole number or null"
    assert wanted(read("Literal['a', 2]")) == "one of 'a', 2"
    assert wanted(read("list[float]")) == "a list, each item a number"
    assert suggestion(read("Literal['relu', 'tanh'] | None"), "rleu") == "relu"


def test_an_alias_is_followed_into_the_module_that_defines_it(tiny_registry: Path) -> None:
    folder = tiny_registry / "checkers/laws"
    (folder / "shapes.py").write_text("from typing import Literal\nShape = Literal['flat', 'deep']\n")
    (folder / "uses.py").write_text(
        "from .shapes import Shape as S\ndef f(trials, *, shape: S = 'flat', other: int): ...\n"
    )
    shape, other = resolve_checker(tiny_registry, "checkers.laws.uses:f").parameters
    assert wanted(shape.type) == "one of 'flat', 'deep'"
    assert (shape.default, other.default) == ("'flat'", None)


def test_a_changed_module_is_read_again(tiny_registry: Path) -> None:
    path = tiny_registry / "checkers/laws/new.py"
    path.write_text("def f(trials): ...\n")
    assert resolve_checker(tiny_registry, "checkers.laws.new:f").parameters == ()
    path.write_text("def f(trials, *, more: int): ...\n")
    assert [known.name for known in resolve_checker(tiny_registry, "checkers.laws.new:f").parameters] == ["more"]


def test_a_module_that_moved_is_found_by_its_name(tiny_registry: Path) -> None:
    with pytest.raises(CheckerError, match=r"did you mean 'checkers\.laws\.example'"):
        resolve_checker(tiny_registry, "checkers.hyperparameters.example:centre_of_noise")


def test_a_link_out_of_checkers_is_refused(tiny_registry: Path) -> None:
    outside = tiny_registry / "outside.py"
    outside.write_text("def f(trials): ...\n")
    (tiny_registry / "checkers/laws/inside.py").symlink_to(outside)
    with pytest.raises(CheckerError, match="leads out of checkers"):
        resolve_checker(tiny_registry, "checkers.laws.inside:f")


def test_a_package_may_define_a_checker_itself(tiny_registry: Path) -> None:
    (tiny_registry / "checkers/laws/__init__.py").write_text("def f(trials): ...\n")
    assert resolve_checker(tiny_registry, "checkers.laws:f").module_path == Path("checkers/laws/__init__.py")


@pytest.mark.parametrize("source", [b"\0", b"\xff", b"(" * 5000, b"def f(trials:", b"-" * 100_000 + b"1"])
def test_a_module_that_is_no_python_is_an_error(tiny_registry: Path, source: bytes) -> None:
    (tiny_registry / "checkers/laws/odd.py").write_bytes(source)
    with pytest.raises(CheckerError, match=r"checkers\.laws\.odd"):
        resolve_checker(tiny_registry, "checkers.laws.odd:f")


def test_python_that_only_warns_is_read(tiny_registry: Path) -> None:
    (tiny_registry / "checkers/laws/odd.py").write_text("x = '\\d'\ndef f(trials): ...\n")
    assert resolve_checker(tiny_registry, "checkers.laws.odd:f").line == 2
