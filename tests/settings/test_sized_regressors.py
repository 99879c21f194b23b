"""Networks on a line against the best spline, and meshes against the size of their error."""

import torch

from checkers.settings.sized_regressors import mesh_sizes, train_sizes
from checkers.testbeds.random_waves import draw_waves
from checkers.theory.free_knot_splines import free_knot_error
from lawbook import Trials

TRIALS = Trials(tuple(range(100_000, 100_004)))


def test_on_a_line_the_best_of_several_comes_near_the_best_spline() -> None:
    target = draw_waves(TRIALS.seeds, 1)
    sizes = train_sizes(TRIALS, target, [(1, 6, 1)], restarts=16, points_per_parameter=24, max_steps=600)
    grid = ((torch.arange(4000, dtype=torch.float64) + 0.5) / 2000 - 1).unsqueeze(1)
    least = free_knot_error(target.laplacian()(grid), 2.0, torch.tensor([7.0], dtype=torch.float64))
    ratio = sizes.losses.amin(1)[:, 0] * target(grid).var(1) / least[:, 0]
    # To leading order only: seven pieces of a curve whose curvature changes sign may be some tens of per cent off.
    assert 0.8 < float(ratio.log().mean().exp()) < 1.6


def test_a_mesh_counts_its_nodes_and_halving_it_leaves_a_sixteenth_of_the_error() -> None:
    sizes = mesh_sizes(TRIALS, draw_waves(TRIALS.seeds, 2), 2, [20, 40])
    assert sizes.parameters.tolist() == [21**2, 41**2]
    assert sizes.at_rest.all()
    ratio = sizes.losses[:, 0, 0] / sizes.losses[:, 0, 1]
    torch.testing.assert_close(ratio, torch.full_like(ratio, 16.0), rtol=0.03, atol=0)
