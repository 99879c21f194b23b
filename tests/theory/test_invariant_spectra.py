"""Multiplicities and eigenvalues on the sphere, against counting and identities."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkers.theory.invariant_spectra import degree_eigenvalues, harmonic_count, shift_invariant_count


def test_harmonics_of_low_degree_are_counted_as_in_textbooks() -> None:
    assert [harmonic_count(3, degree) for degree in range(5)] == [1, 3, 5, 7, 9]
    assert [harmonic_count(2, degree) for degree in range(1, 4)] == [2, 2, 2]


@given(st.integers(2, 12), st.integers(0, 8))
def test_harmonics_and_the_polynomials_two_degrees_below_make_all_polynomials(dimension: int, degree: int) -> None:
    from math import comb

    total = sum(harmonic_count(dimension, lower) for lower in range(degree, -1, -2))
    assert total == comb(dimension + degree - 1, degree)


@pytest.mark.parametrize("dimension", [3, 5, 7, 13])
def test_invariant_quadratics_are_the_autocorrelations_but_the_norm(dimension: int) -> None:
    assert shift_invariant_count(dimension, 1) == 1
    assert shift_invariant_count(dimension, 2) == (dimension - 1) // 2


def test_the_count_agrees_with_the_rank_of_the_averaging_projection() -> None:
    dimension, rng = 5, np.random.default_rng(0)
    points = rng.normal(size=(400, dimension))
    cubes = {tuple(sorted(index)) for index in np.ndindex((dimension,) * 3)}
    orbits = {min(tuple(sorted((i + s) % dimension for i in index)) for s in range(dimension)) for index in cubes}
    features = np.stack(
        [
            sum(points[:, [(i + s) % dimension for i in orbit]].prod(axis=1) for s in range(dimension))
            for orbit in orbits
        ],
        axis=1,
    )
    invariant_cubics = np.linalg.matrix_rank(features)
    assert invariant_cubics == shift_invariant_count(dimension, 3) + shift_invariant_count(dimension, 1)


def test_composite_dimensions_are_refused() -> None:
    with pytest.raises(ValueError, match="odd prime"):
        shift_invariant_count(9, 2)


@given(st.integers(3, 40))
def test_eigenvalues_times_multiplicities_sum_to_the_kernel_at_one(dimension: int) -> None:
    eigenvalues = degree_eigenvalues(np.exp, dimension, 14)
    total = sum(value * harmonic_count(dimension, degree) for degree, value in enumerate(eigenvalues))
    assert total == pytest.approx(np.e, rel=1e-6)
