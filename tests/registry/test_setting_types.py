"""A parameter may be a frozen dataclass below `checkers`: it is read off the syntax tree, or said what is wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from lawbook.registry.checker_modules import CheckerError
from lawbook.registry.checker_source import resolve_checker
from lawbook.registry.load import lint
from lawbook.registry.parameter_types import Parameter, wanted

HEAD = "from dataclasses import dataclass\nfrom typing import Literal\nraise RuntimeError('never imported')\n"
SETTING = """
@dataclass(frozen=True)
class Setting:
    \"\"\"A task and its network.\"\"\"

    rate: float
    width: int = 32
    hidden: tuple[int, ...] = (16, 16)
    shape: Literal["flat", "deep"] = "flat"
    cap: float | None = None

    def twice(self):
        return 2 * self.width
"""
CHECKER = "from checkers.settings.task import Setting\ndef f(trials, *, setting: Setting, level: float = 0.5): ...\n"

CLAIM = "claims/laws/noise-averages-out.yaml"


def parameter(root: Path, setting: str = SETTING, checker: str = CHECKER) -> Parameter:
    """The first parameter of a checker `f`, with its setting in `checkers/settings/task.py`."""
    (root / "checkers/settings").mkdir()
    (root / "checkers/settings/task.py").write_text(HEAD + setting)
    (root / "checkers/laws/uses.py").write_text(checker)
    return resolve_checker(root, "checkers.laws.uses:f").parameters[0]


def test_a_frozen_dataclass_is_read_without_importing_it(tiny_registry: Path) -> None:
    found = parameter(tiny_registry)
    assert (found.type.form, found.type.name, found.required) == ("setting", "Setting", True)
    assert [(field.name, wanted(field.type), field.default) for field in found.type.fields] == [
        ("rate", "a number", None),
        ("width", "a whole number", "32"),
        ("hidden", "a list, each item a whole number", "(16, 16)"),
        ("shape", "one of 'flat', 'deep'", "'flat'"),
        ("cap", "a number or null", "None"),
    ]


def test_a_default_in_the_signature_gives_fields_their_defaults(tiny_registry: Path) -> None:
    checker = CHECKER.replace("setting: Setting", "setting: Setting = Setting(rate=-0.1, hidden=(8,))")
    found = parameter(tiny_registry, checker=checker)
    assert not found.required
    assert [field.default for field in found.type.fields][:3] == ["-0.1", "32", "(8,)"]


@pytest.mark.parametrize(
    "decorator", ["@dataclass(frozen=True, kw_only=True, slots=True)", "@dataclasses.dataclass(frozen=True)"]
)
def test_a_setting_may_be_defined_beside_its_checker(tiny_registry: Path, decorator: str) -> None:
    setting = HEAD + "import dataclasses\n" + SETTING.replace("@dataclass(frozen=True)", decorator)
    checker = setting + "def f(trials, *, setting: 'Setting'): ...\n"
    assert parameter(tiny_registry, checker=checker).type.name == "Setting"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("(frozen=True)", "", r"'Setting' \(checkers/settings/task\.py:6:1\) is not frozen; write `@dataclass"),
        ("frozen=True", "frozen=False", "is not frozen"),
        ("frozen=True", "frozen=True, init=False", "has the option 'init'"),
        ("@dataclass(frozen=True)", "", "is no dataclass; write"),
        ("@dataclass(frozen=True)", "@final\n@dataclass(frozen=True)", "has several decorators"),
        ("@dataclass(frozen=True)", "@define(frozen=True)", "is no dataclass of the standard library"),
        ("class Setting:", "class Setting(Base):", "has a base, 'Base'"),
        ("class Setting:", "class Setting(metaclass=Meta):", "has a base, 'Meta'"),
        ("= 32", "= WIDTH", "its field 'width' in line 10 has the default `WIDTH`, which is no literal"),
        ("= (16, 16)", "= field(default=(1,))", "'hidden' in line 11 has the default .* which is no literal"),
        ("= (16, 16)", "= [16, 16]", "which can be changed; write a tuple"),
        ("= 32", "= 'wide'", "has the default `'wide'`; it must be a whole number"),
        ("rate: float", "rate: Tensor", "annotation `Tensor`, which is not simple"),
        ("rate: float", "rate: list", "annotation `list`, which is not simple"),
        ("rate: float", "rate: dict[str, int]", r"annotation `dict\[str, int\]`, which is not simple"),
        ("rate: float", "rate: Setting | None", "its field 'rate' .* is of the class 'Setting'; .* one level deep"),
    ],
)  # fmt: skip
def test_a_class_that_is_no_setting_is_an_error_with_its_place(
    tiny_registry: Path, old: str, new: str, said: str
) -> None:
    assert SETTING.count(old) == 1
    with pytest.raises(CheckerError, match=said):
        parameter(tiny_registry, setting=SETTING.replace(old, new))


@pytest.mark.parametrize(
    ("annotation", "said"),
    [
        ("Setting = START", "has the default `START`, whose fields cannot be read; write `Setting"),
        ("Setting = Setting(0.1)", "whose fields cannot be read"),
        ("Setting = Setting(**given)", "whose fields cannot be read"),
        ("Setting = Setting()", "which lacks the field 'rate'"),
        ("Setting = Setting(rate=0.1, widht=3)", "no field 'widht'; did you mean 'width'"),
        ("Setting = Setting(rate=RATE)", "its field 'rate' has the default `RATE`, which is no literal"),
        ("Setting = Setting(rate='x')", "its field 'rate' has the default `'x'`; it must be a number"),
        ("Setting | None = None", "has a setting within another type"),
        ("list[Setting]", "has a setting within another type"),
        ("dict[str, int]", "takes a plain mapping, whose keys cannot be checked; .* frozen dataclass"),
        ("Mapping | None = None", "takes a plain mapping"),
    ],
)
def test_a_parameter_whose_fields_cannot_be_known_is_an_error(tiny_registry: Path, annotation: str, said: str) -> None:
    with pytest.raises(CheckerError, match=said):
        parameter(tiny_registry, checker=CHECKER.replace("setting: Setting", f"setting: {annotation}"))


def setting_claim(params: str, control: str = "{setting: {width: 2}}") -> str:
    """A claim whose check takes a setting, with these params of the quick tier and of its control."""
    return f"""
title: Settings are mappings
kind: theorem
standing: established
statement: A statement.
prediction: $x$
regime: [any]
limits: None known.
sources: [{{cite: gauss1809theoria, role: origin}}]
checks:
  - name: width
    checker: checkers.laws.uses:f
    observable: $x$
    expect: {{at_least: 0}}
    because: of this
    quick: {{seeds: 8, timeout: 60, params: {params}}}
    controls:
      - {{name: narrow, why: as said, params: {control}}}
"""


@pytest.mark.parametrize(
    ("params", "control", "at", "said"),
    [
        ("{setting: {rate: 1, widht: 3}}", "", "‸widht", ["'Setting' has no field 'widht'", "mean 'width'?"]),
        ("{setting: {rate: fast}}", "", "rate: ‸fast", ["'rate' must be a number, not the text 'fast'"]),
        ("{setting: {rate: .nan}}", "", "rate: ‸.nan", ["'rate' must be finite"]),
        ("{setting: {rate: 1, shape: flta}}", "", "shape: ‸flta", ["did you mean 'flat'?"]),
        ("{setting: {width: 3}}", "", "{‸setting", ["needs 'rate'", "'quick.params.setting' lacks"]),
        ("{setting: 3}", "", "setting: ‸3", ["must be a mapping of fields of Setting (rate, width,"]),
        ("{level: 1}", "", "‸params: {level", ["'f' needs 'setting'"]),
        ("{setting: {rate: 1}, level: {a: 1}}", "", "level: ‸{a", ["'level' is given as a mapping", "a number"]),
        ("{setting: {rate: 1}}", "{setting: {depth: 2}}", "{‸depth", ["has no field 'depth'"]),
        ("{setting: {rate: 1}}", "{setting: {width: 32}}", "- ‸{name", ["the control measures the same"]),
    ],
)  # fmt: skip
def test_lint_says_what_is_wrong_within_a_mapping_and_where(
    make_registry: Callable[[Mapping[str, Any]], Path], params: str, control: str, at: str, said: list[str]
) -> None:
    text = setting_claim(params, *([control] if control else []))
    files = {"claims/laws/setting.yaml": text, "checkers/settings/task.py": HEAD + SETTING}
    root = make_registry(files | {"checkers/laws/uses.py": CHECKER})
    mistakes = lint(root)
    before = text[: text.index(at.replace("‸", "")) + at.index("‸")]
    place = (before.count("\n") + 1, len(before.rsplit("\n", 1)[-1]))
    found = [mistake for mistake in mistakes if all(word in str(mistake) for word in said)]
    assert found, mistakes
    assert (found[0].line, found[0].column) == (place[0], place[1] + 1)


def test_a_control_may_change_one_field_of_a_setting(
    make_registry: Callable[[Mapping[str, Any]], Path],
) -> None:
    text = setting_claim("{setting: {rate: 0.1, hidden: [8]}}")
    files = {"claims/laws/setting.yaml": text, "checkers/settings/task.py": HEAD + SETTING}
    assert lint(make_registry(files | {"checkers/laws/uses.py": CHECKER})) == []
