"""The loss law's fit against SciPy, autodiff, planted laws, and what it should refuse."""

import math

import numpy as np
import pytest
import torch
from scipy.optimize import minimize
from torch import Tensor

from checkers.instruments.batched_newton import minimise
from checkers.instruments.loss_law import (
    LossLaw,
    bootstrap_loss_law,
    fit_loss_law,
    predict_held_out,
    standard_starts,
)
from checkers.instruments.loss_law_objective import LossLawObjective

TRUE = (math.log(482.0), 0.35, math.log(2085.0), 0.37, math.log(1.82))
STARTS = standard_starts()[::45]


def points(count: int = 60) -> tuple[Tensor, Tensor]:
    drawn = torch.rand(2, count, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    return 10 ** (7.5 + 2.7 * drawn[0]), 10 ** (9 + 2.5 * drawn[1])


def planted(runs: int, noise: float, seed: int = 1) -> tuple[Tensor, Tensor, Tensor]:
    sizes, data = points()
    law = LossLaw(*(torch.full((runs,), value, dtype=torch.float64) for value in TRUE))
    generator = torch.Generator().manual_seed(seed)
    factor = torch.exp(noise * torch.randn(runs, len(sizes), generator=generator, dtype=torch.float64))
    return sizes, data, law.predict(sizes, data) * factor


def plain_objective(law: Tensor, sizes: Tensor, data: Tensor, loss: Tensor, huber: float = 1e-3) -> Tensor:
    a, alpha, b, beta, e = law
    terms = torch.stack([a - alpha * sizes.log(), b - beta * data.log(), e.expand(len(sizes))])
    return torch.nn.functional.huber_loss(terms.logsumexp(0), loss.log(), reduction="sum", delta=huber)


def test_the_standard_starts_are_the_4500_of_the_paper() -> None:
    starts = standard_starts()
    assert starts.shape == (4500, 5)
    assert len(starts.unique(dim=0)) == 4500


def test_a_noiseless_law_is_recovered_exactly() -> None:
    sizes, data, losses = planted(2, 0.0)
    law = fit_loss_law(sizes, data, losses, starts=STARTS).law
    for field, value in zip(vars(law).values(), TRUE, strict=True):
        torch.testing.assert_close(field, torch.full((2,), value, dtype=torch.float64), rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(law.optimal_size_exponent, torch.full((2,), 0.37 / 0.72, dtype=torch.float64))


def test_the_best_objective_is_no_worse_than_scipys_from_the_same_starts() -> None:
    sizes, data, losses = planted(2, 0.01)
    fit = fit_loss_law(sizes, data, losses, starts=STARTS)
    assert fit.converged.all()
    for run in range(2):

        def with_gradient(law: np.ndarray, run: int = run) -> tuple[float, np.ndarray]:
            leaf = torch.tensor(law, requires_grad=True)
            value = plain_objective(leaf, sizes, data, losses[run])
            value.backward()
            return value.item(), leaf.grad.numpy()

        results = [minimize(with_gradient, start.numpy(), jac=True, method="L-BFGS-B") for start in STARTS[::5]]
        found = torch.stack([field[run] for field in vars(fit.law).values()])
        reported = fit.objective[run].item()
        assert plain_objective(found, sizes, data, losses[run]).item() == pytest.approx(reported, rel=1e-6)
        assert reported <= min(result.fun for result in results) * (1 + 1e-6)


def test_the_gradient_is_autodiffs() -> None:
    sizes, data, losses = planted(1, 0.1)
    objective = LossLawObjective.of(sizes, data, losses, huber=0.05)
    laws = torch.tensor([TRUE], dtype=torch.float64) + torch.tensor([[0.1], [-0.3]], dtype=torch.float64)
    inner = objective.inward(laws)
    value, gradient, _ = objective.evaluator(2)(inner, torch.arange(2))
    inner.requires_grad_()
    expected = torch.stack([plain_objective(law, sizes, data, losses[0], 0.05) for law in objective.outward(inner)])
    torch.testing.assert_close(value, expected.detach())
    torch.testing.assert_close(gradient, torch.autograd.grad(expected.sum(), inner)[0])


def test_the_curvature_of_small_residuals_is_that_of_least_squares() -> None:
    sizes, data, losses = planted(1, 0.0)
    objective = LossLawObjective.of(sizes, data, losses, huber=10.0)
    inner = objective.inward(torch.tensor([TRUE], dtype=torch.float64))
    curvature = objective.evaluator(1)(inner, torch.arange(1))[2][0]

    def value(law: Tensor) -> Tensor:
        return plain_objective(objective.outward(law.unsqueeze(0))[0], sizes, data, losses[0], 10.0)

    torch.testing.assert_close(curvature, torch.autograd.functional.hessian(value, inner[0]))


def test_runs_are_fitted_as_if_alone() -> None:
    sizes, data, losses = planted(3, 0.01)
    together = fit_loss_law(sizes, data, losses, starts=STARTS[::10]).law.size_exponent
    alone = fit_loss_law(sizes, data, losses[1:2], starts=STARTS[::10]).law.size_exponent
    torch.testing.assert_close(together[1:2], alone, rtol=1e-5, atol=0)


def test_one_wild_point_hardly_moves_the_fit() -> None:
    sizes, data, losses = planted(1, 0.001)
    before = fit_loss_law(sizes, data, losses, starts=STARTS).law.size_exponent
    losses[0, 3] *= 3
    after = fit_loss_law(sizes, data, losses, starts=STARTS).law.size_exponent
    assert (after - before).abs().item() < 0.01


def test_the_bootstrap_spreads_as_much_as_fresh_data() -> None:
    sizes, data, losses = planted(40, 0.01)
    fits = fit_loss_law(sizes, data, losses, starts=STARTS[::10])
    fresh = fits.law.size_exponent.std()
    one = fit_loss_law(sizes, data, losses[:1], starts=STARTS[::10])
    laws = bootstrap_loss_law(sizes, data, losses[:1], one, resamples=60, seed=0)
    assert laws.size_exponent.shape == (1, 60)
    assert 0.5 < (laws.size_exponent.std() / fresh).item() < 2


def test_the_largest_points_are_predicted_from_the_smaller_ones() -> None:
    sizes, data, losses = planted(2, 0.002)
    held_out = sizes * data > (sizes * data).quantile(0.9)
    prediction = predict_held_out(sizes, data, losses, held_out, resamples=50, starts=STARTS[::10])
    assert prediction.predicted.shape == (2, int(held_out.sum()))
    assert ((prediction.predicted / prediction.measured - 1).abs() < 0.01).all()
    assert (prediction.low <= prediction.predicted * 1.001).all()
    assert (prediction.high >= prediction.predicted * 0.999).all()


def test_what_cannot_be_fitted_is_refused_with_the_reason() -> None:
    sizes, data, losses = planted(1, 0.01)
    with pytest.raises(ValueError, match="five parameters"):
        fit_loss_law(sizes[:5], data[:5], losses[:, :5])
    with pytest.raises(ValueError, match="losses must all be positive"):
        fit_loss_law(sizes, data, losses - 10)
    with pytest.raises(ValueError, match="marks no point"):
        predict_held_out(sizes, data, losses, torch.zeros(60, dtype=torch.bool))


def test_problems_that_run_out_of_steps_are_flagged() -> None:
    sizes, data, losses = planted(1, 0.01)
    objective = LossLawObjective.of(sizes, data, losses, huber=1e-3)
    starts = objective.inward(STARTS[:20])
    minima = minimise(objective.evaluator(20), starts, max_steps=2)
    assert not minima.converged.any()
    value = objective.evaluator(20)(starts, torch.arange(20))[0]
    assert (minima.objective <= value).all()
