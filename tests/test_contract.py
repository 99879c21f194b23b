"""What a checker may give back, and what is refused where it is made."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from lawbook import Measurement, Panel, Trials


@pytest.mark.parametrize(
    "values",
    [
        [0.0, 1.0],
        (0, 1),
        range(2),
        (float(value) for value in range(2)),
        np.array([0, 1], dtype=np.int32),
        torch.tensor([0.0, 1.0], dtype=torch.bfloat16, requires_grad=True),
        [torch.tensor(0.0), torch.tensor(1.0)],
    ],
    ids=["list", "tuple", "range", "generator", "array", "tensor", "list of tensors"],
)
def test_values_come_in_any_sequence_and_are_kept_as_floats(values: Any) -> None:
    kept = Measurement(values).values
    assert kept == (0.0, 1.0)
    assert all(type(value) is float for value in kept)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({0.0, 1.0}, "must be a sequence, an array or a tensor, not an object of type set"),
        ({0: 1.0}, "not an object of type dict"),
        ("01", "not an object of type str"),
        (1.0, "not an object of type float"),
        (None, "not an object of type NoneType"),
        (["0.5"], "must be real numbers, one dimension of them; here is an object of type str"),
        ([None], "of type NoneType"),
        (torch.zeros(2, 1), "of type list"),
        (torch.zeros(2, dtype=torch.complex64), "of type complex"),
    ],
)
def test_values_without_an_order_or_that_are_no_numbers_are_refused(values: Any, words: str) -> None:
    with pytest.raises(TypeError, match=f"^values .*{words}"):
        Measurement(values)


def test_flags_come_in_any_sequence_and_are_kept_as_bools() -> None:
    for flags in ([1, 0], np.array([True, False]), torch.tensor([True, False])):
        assert Measurement([0.0, 1.0], in_regime=flags).in_regime == (True, False)


@pytest.mark.parametrize(
    ("flags", "words"),
    [([0.5, 1], "not 0.5"), ("no", "not an object of type str"), (torch.ones(2, 2), "not")],
)
def test_a_flag_that_is_neither_true_nor_false_is_refused(flags: Any, words: str) -> None:
    with pytest.raises(TypeError, match=f"in_regime .*{words}"):
        Measurement([0.0, 1.0], in_regime=flags)


def test_flags_and_values_are_as_many() -> None:
    with pytest.raises(ValueError, match="in_regime has 1 entries for 2 values"):
        Measurement([0.0, 1.0], in_regime=[True])


LOSS = Panel("Loss", x="step", y="loss", log="y")


def test_one_panel_and_one_note_need_no_list() -> None:
    panel = LOSS.line("seed 0", [0, 1], [1, 2])
    measurement = Measurement([0.0], panels=panel, notes="a note")
    assert (measurement.panels, measurement.notes) == ((panel,), ("a note",))


def test_what_is_no_panel_is_refused() -> None:
    with pytest.raises(TypeError, match=r"panels must be of lawbook\.Panel; here is an object of type dict"):
        Measurement([0.0], panels=[{"x": [0]}])  # type: ignore[list-item]


def test_a_panel_on_which_nothing_was_kept_is_refused() -> None:
    LOSS.line("seed 0", [0, 1], [1, 2])
    with pytest.raises(ValueError, match=r"panel 'Loss' has nothing on it; .* panel = panel\.line"):
        Measurement([0.0], panels=LOSS)


def test_two_panels_of_one_title_are_refused() -> None:
    panel = LOSS.line("seed 0", [0, 1], [1, 2])
    with pytest.raises(ValueError, match="two panels have the title 'Loss'"):
        Measurement([0.0], panels=[panel, panel])


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"title": 3}, "a panel's title must be text, not an object of type int"),
        ({"y": None}, "a panel's y must be text"),
        ({"log": "log10"}, "panel 'Loss': log must name axes among x, y and z, such as \"xy\", not 'log10'"),
    ],
)
def test_axes_that_cannot_be_drawn_are_refused(changes: dict[str, Any], words: str) -> None:
    with pytest.raises((TypeError, ValueError), match=words):
        Panel(**{"title": "Loss", **changes})


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"label": 3}, ": a line's label must be text, not an object of type int"),
        ({"role": "theory"}, "role must be one of measured, predicted, reference, not 'theory'"),
        ({"y": [1]}, "x has 2 points and y 1; they must agree"),
        ({"low": [0, 0]}, "a band needs both low and high"),
        ({"low": [0, 0], "high": [1]}, "x has 2 points and high 1"),
        ({"x": "01"}, "x must be a sequence"),
        ({"y": "01"}, "y must be a sequence"),
        ({"y": ["0", "1"]}, "y must be real numbers"),
    ],
)
def test_a_line_that_cannot_be_drawn_is_refused(changes: dict[str, Any], words: str) -> None:
    where = "panel 'Loss'" if "label" in changes else "panel 'Loss', line 'seed 0': "
    with pytest.raises((TypeError, ValueError), match=f"^{where}.*{words}"):
        LOSS.line(**{"label": "seed 0", "x": [0, 1], "y": [1, 2], **changes})


def test_a_number_draws_a_level_line() -> None:
    for level in (2, 2.0, np.float32(2), torch.tensor(2.0)):
        (line,) = LOSS.line("floor", [0, 1, 5], level, role="reference").lines
        assert line.y == (2.0, 2.0, 2.0)


def test_a_line_may_have_no_points() -> None:
    assert LOSS.line("none", [], 1.0).line("none", [], []).lines[0].y == ()


@pytest.mark.parametrize("kind", [list, np.array, torch.tensor])
def test_over_seeds_a_line_is_the_mean_and_its_band_the_range(kind: Any) -> None:
    (line,) = LOSS.over_seeds("measured", [0, 1], kind([[1.0, 2.0], [2.0, 4.0], [6.0, 3.0]])).lines
    assert (line.y, line.low, line.high) == ((3.0, 3.0), (1.0, 2.0), (6.0, 4.0))


@pytest.mark.parametrize(("middle", "height"), [("mean", 4.5), ("geometric mean", 4.0), ("median", 3.0)])
def test_over_seeds_the_middle_may_be_another(middle: Any, height: float) -> None:
    values = [[1.0], [2.0], [4.0], [32.0]] if middle != "mean" else [[1.0], [8.0]]
    (line,) = LOSS.over_seeds("measured", [0], values, middle=middle).lines
    assert line.y == pytest.approx((height,))


def test_where_a_seed_is_not_finite_there_is_no_middle() -> None:
    (line,) = LOSS.over_seeds("measured", [0, 1, 2], [[1.0, 1.0, 1.0], [1.0, float("nan"), float("inf")]]).lines
    nan, inf = float("nan"), float("inf")
    assert line.y == pytest.approx((1, nan, nan), nan_ok=True)
    assert line.low == pytest.approx((1, nan, 1), nan_ok=True)
    assert line.high == pytest.approx((1, nan, inf), nan_ok=True)


@pytest.mark.parametrize(
    ("values", "changes", "words"),
    [
        ([], {}, r"values must be \(seeds, points\)"),
        ([[1, 2], [1]], {}, r"values must be \(seeds, points\), as many points for every seed"),
        ([1, 2], {}, "a seed's values must be a sequence, an array or a tensor, not an object of type int"),
        ([[1, 2, 3]], {}, "x has 2 points and y 3"),
        ([[1, 2]], {"middle": "mode"}, "middle must be one of mean, geometric mean, median, not 'mode'"),
    ],
)
def test_values_over_seeds_of_another_shape_are_refused(values: Any, changes: dict[str, Any], words: str) -> None:
    with pytest.raises((TypeError, ValueError), match=f"^panel 'Loss', line 'measured': {words}"):
        LOSS.over_seeds("measured", [0, 1], values, **changes)


@pytest.mark.parametrize(
    ("z", "words"),
    [
        ([[1, 2]], "z must have a row for each of the 2 y and a column for each of the 2 x"),
        ([[1, 2], [1]], "z must have a row"),
        ([1, 2], "a row of z must be a sequence"),
    ],
)
def test_a_map_that_cannot_be_drawn_is_refused(z: Any, words: str) -> None:
    with pytest.raises((TypeError, ValueError), match=f"^panel 'Loss', map 'cells': {words}"):
        LOSS.map("cells", [0, 1], [1, 2], z)


def test_methods_chain_and_leave_the_panel_as_it_was() -> None:
    panel = LOSS.line("one", [0], [1]).over_seeds("two", [0], [[1], [2]]).map("three", [0, 1], [0], [[1, 2]])
    assert [line.label for line in panel.lines] == ["one", "two"]
    assert panel.maps[0].z == ((1.0, 2.0),)
    assert not LOSS.lines


def test_seeds_are_distinct_and_at_least_one() -> None:
    for seeds in ((), (1, 1)):
        with pytest.raises(ValueError, match="distinct and at least one"):
            Trials(seeds)
