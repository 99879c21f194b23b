"""A check's file of numbers holds what its page draws, in the digits that can be told apart, each row once."""

import base64
import json
import re
import zlib
from collections.abc import Callable

import pytest

from lawbook.evidence.record import ControlResult, Record, StoredLine, StoredMap, StoredPanel
from lawbook.prose import spelled_out
from lawbook.publishing.curves_file import curves_file

Make = Callable[..., Record]


def inflated(file: str) -> str:
    """The JSON in a file of curves, as a program reads it."""
    return zlib.decompress(base64.b64decode(file.split('"')[1])).decode()


def test_curves_of_a_check_and_its_controls_come_as_one_json_in_a_script(make_record: Make) -> None:
    line = StoredLine(label="\u202ea\u2028", x=[1, 2.5], y=[3.0, None])
    cells = StoredMap(label="m", x=[1], y=[2], z=[[0.5]], role="predicted")
    control = ControlResult(
        name="k", expect="fail", outcome="fail", as_expected=True, params={}, estimate=1.0,
        panels=[
            StoredPanel(
                title="p",
                lines=[
                    StoredLine(label="c", x=[1.0], y=[2.0]),
                    StoredLine(label="law", role="predicted", x=[1.0], y=[3.0]),
                ],
            )
        ],
    )  # fmt: skip
    drawings = [StoredPanel(title="p", x_scale="log", lines=[line], maps=[cells])]
    file = curves_file(make_record("c", "x", panels=drawings, controls=[control]))
    assert re.fullmatch(r'lawbookCurves\("[A-Za-z0-9+/=]+"\);\n', file)
    written = inflated(file)
    held = json.loads(written)
    assert {key: held[key] for key in ("schema", "claim", "check", "tier", "device")} == {
        "schema": 4, "claim": "c", "check": "x", "tier": "quick", "device": "cpu"
    }  # fmt: skip
    assert held["arms"][""] == [
        {
            "title": "p",
            "x_scale": "log",
            "lines": [{"label": spelled_out("\u202ea\u2028"), "x": [1, 2.5], "y": [3, None]}],
            "maps": [{"label": "m", "x": [1], "y": [2], "z": [[0.5]], "role": "predicted"}],
        }
    ]
    assert held["arms"]["k"][0]["lines"] == [{"label": "c", "x": [1], "y": [2]}]
    assert '"x":[1,2.5],"y":[3,null]' in written
    assert held["shared"] == []
    blank = make_record("c", "x", "error", accept=(None, None), estimate=None, interval=None, values=[], controls=[])
    assert curves_file(blank.model_copy(update={"panels": []})) == ""


def test_a_row_that_several_lines_have_stands_once_in_the_file_of_curves(make_record: Make) -> None:
    x, y = [0.0, 1.0, 2.0, 3.0, 4.5], [9.0, 8.0, 7.0, 6.0, 5.0]
    lines = [
        StoredLine(label="a", x=x, y=y),
        StoredLine(label="b", role="predicted", x=x, y=[value / 3 for value in y]),
    ]
    panels = [StoredPanel(title="p", lines=lines)]
    held = json.loads(inflated(curves_file(make_record("c", "x", panels=panels, controls=[]))))
    assert held["shared"] == [[0, 1, 2, 3, 4.5]]
    assert [line["x"] for line in held["arms"][""][0]["lines"]] == [0, 0]
    assert held["arms"][""][0]["lines"][0]["y"] == [9, 8, 7, 6, 5]


@pytest.mark.parametrize(
    ("given", "written"),
    [
        ([0.123456789, 12.3456789, 1e-9 / 3], [0.12346, 12.346, 3.3333e-10]),
        # All of it lies near one: as many digits as tell its points apart.
        ([1.0000001234, 1.0000009876, 1.0000005], [1.00000012340, 1.0000009876, 1.0000005]),
        ([1234567.0, 2.5], [1234567, 2.5]),
    ],
)
def test_curves_keep_the_digits_that_can_be_told_apart(
    make_record: Make, given: list[float], written: list[float]
) -> None:
    panels = [StoredPanel(title="p", lines=[StoredLine(label="a", x=[1, 2, 3][: len(given)], y=given)])]
    held = json.loads(inflated(curves_file(make_record("c", "x", panels=panels, controls=[]))))
    assert held["arms"][""][0]["lines"][0]["y"] == written
