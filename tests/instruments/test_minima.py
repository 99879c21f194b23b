"""Vertices of parabolas through sampled minima."""

import math
from collections.abc import Callable

import pytest
import torch

from checkers.instruments.minima import bracketed_minimum, read_curve

PLACES = torch.linspace(-2.0, 2.0, 9, dtype=torch.float64)


def test_the_vertex_of_a_parabola_is_found_between_the_samples() -> None:
    centres = torch.tensor([0.13, -0.7], dtype=torch.float64)
    found = bracketed_minimum(PLACES, 3 * (PLACES - centres[:, None]) ** 2 + 0.5)
    torch.testing.assert_close(found.place, centres)
    torch.testing.assert_close(found.height, torch.full_like(centres, 0.5))
    assert found.bracketed.all()


def test_a_minimum_at_an_end_or_beside_an_infinite_height_is_not_bracketed() -> None:
    rising = PLACES.clone()
    cliff = torch.where(PLACES > 0, math.inf, -PLACES)
    found = bracketed_minimum(PLACES, torch.stack([rising, -rising, cliff]))
    assert found.bracketed.tolist() == [False, False, False]
    assert found.place.tolist() == [-2.0, 2.0, 0.0]
    assert found.height.tolist() == [-2.0, -2.0, 0.0]


def test_a_curve_is_read_on_the_parabola_nearby_and_held_beyond_its_ends() -> None:
    at = torch.tensor([0.2, -9.0], dtype=torch.float64)
    read = read_curve(PLACES, (PLACES**2).expand(2, -1), at)
    torch.testing.assert_close(read, torch.tensor([0.04, 4.0], dtype=torch.float64))


def test_a_curve_with_a_nan_has_no_minimum_and_spares_the_others() -> None:
    curves = torch.stack([PLACES**2, torch.where(PLACES == 1, math.nan, PLACES**2)])
    found = bracketed_minimum(PLACES, curves)
    assert found.place.isnan().tolist() == [False, True]
    assert found.height.isnan().tolist() == [False, True]
    assert found.bracketed.tolist() == [True, False]
    at = torch.tensor([0.1, 1.1], dtype=torch.float64)
    assert read_curve(PLACES, curves, at).isnan().tolist() == [False, True]
    assert read_curve(PLACES, curves[:1], at[:1] * math.nan).isnan().all()


@pytest.mark.parametrize("function", [bracketed_minimum, lambda x, y: read_curve(x, y, PLACES[:1])])
def test_whole_numbers_and_curves_of_two_places_are_refused(function: Callable[..., object]) -> None:
    curves = (PLACES**2)[None]
    with pytest.raises(TypeError, match=r"(?i)float"):
        function(PLACES.long(), curves)
    with pytest.raises(ValueError, match="three places"):
        function(PLACES[:2], curves[:, :2])
