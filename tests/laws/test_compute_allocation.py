"""The best model size by either way of counting, against brute force and the closed exponent."""

import math
from dataclasses import replace

import pytest
import torch
from scipy.optimize import minimize_scalar

from checkers.laws.compute_allocation import size_exponent
from checkers.settings.published_loss_law import PublishedLossLaw
from checkers.theory.loss_law_allocation import LossLawFactors, optimal_compute, total_parameters
from lawbook import Trials

LAW = LossLawFactors(*(torch.tensor([value], dtype=torch.float64) for value in (482.0, 2085.0, 0.35, 0.37)))


@pytest.mark.parametrize("count_embeddings", [True, False])
@pytest.mark.parametrize("best", [1e5, 1e8])
def test_a_size_is_the_best_at_the_compute_given_for_it(best: float, count_embeddings: bool) -> None:
    size = torch.tensor([best], dtype=torch.float64)
    compute = math.exp(optimal_compute(LAW, size, count_embeddings=count_embeddings).item())

    def loss(log_size: float) -> float:
        non_embedding = torch.tensor(math.exp(log_size), dtype=torch.float64)
        total = total_parameters(non_embedding).item()
        tokens = compute / 6 / (total if count_embeddings else non_embedding.item())
        return 482.0 * total**-0.35 + 2085.0 * tokens**-0.37

    found = minimize_scalar(loss, bounds=(math.log(best) - 3, math.log(best) + 3), method="bounded")
    assert found.x == pytest.approx(math.log(best), abs=1e-3)


PUBLISHED = PublishedLossLaw(482.01, 2085.43, 0.3478, 0.3658)
SURE = replace(PUBLISHED, standard_error=0.0)


def test_counting_everything_gives_the_closed_exponent_and_leaving_embeddings_out_raises_it() -> None:
    trials = Trials(tuple(range(100_000, 100_032)))
    everything = size_exponent(trials, law=PUBLISHED, counting="all").values
    without = size_exponent(trials, law=PUBLISHED, counting="non-embedding").values
    assert sum(everything) / 32 == pytest.approx(0.3658 / 0.7136, abs=0.01)
    assert all(high > low + 0.2 for low, high in zip(everything, without, strict=True))


def test_where_all_parameters_are_embeddings_the_exponent_is_closed_too() -> None:
    (value,) = size_exponent(Trials((100_000,)), law=SURE, counting="non-embedding", sizes=[1e-6, 1e-3]).values
    assert value == pytest.approx(0.3658 / (0.3478 / 3 + 0.3658), abs=1e-3)


def test_counting_hardly_matters_for_large_models() -> None:
    trials = Trials((100_000, 100_001))
    sizes = [1e13, 1e15]
    everything = size_exponent(trials, law=PUBLISHED, counting="all", sizes=sizes).values
    without = size_exponent(trials, law=PUBLISHED, counting="non-embedding", sizes=sizes).values
    assert without == pytest.approx(everything, abs=0.005)
