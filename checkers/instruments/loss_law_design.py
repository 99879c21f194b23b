r"""What points (N, D, L) can say of the loss law $E + A N^{-\alpha} + B D^{-\beta}$, and the units for fits.

Each of the two terms needs three sizes: two differences for a factor and an exponent. Where $\ln D$ follows $\ln N$
along a line, either term can stand for the other; where it nearly does, the law with its terms' roles exchanged may
fit as well, which a search started there finds out.
"""

from __future__ import annotations

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from checkers.instruments.arguments import check_tensors
from checkers.instruments.batched_newton import Minima, minimise
from checkers.instruments.loss_law_objective import LossLawObjective

COLLINEAR = 0.999  # squared correlation of ln N and ln D from which on the terms cannot be told apart
_FEWEST = 3
_ALIKE = 0.1  # relative difference of exponents up to which two laws are one
_FELT = 1e-6  # of the loss: a term that is nowhere larger has no exponent
_ORDINARY = {"sizes": (0.0, 45.0, 20.0), "data": (0.0, 45.0, 22.0), "losses": (-5.0, 5.0, 0.0)}


def check_points(
    sizes: Float[Tensor, " points"], data: Float[Tensor, " points"], losses: Float[Tensor, "runs points"]
) -> None:
    """Raises ValueError, with the reason, for points that no loss law can be read from.

    Fewer than 6; not positive and finite (a diverged run is to be left out); all of one size or amount of data;
    collinear logarithms of the two.
    """
    check_tensors(sizes=(sizes, "points"), data=(data, "points"), losses=(losses, "runs points"), one_dtype=False)
    if losses.shape[1] < 6:
        raise ValueError(f"{losses.shape[1]} points cannot determine the loss law's five parameters; give 6 or more")
    for name, values in (("sizes", sizes), ("data", data), ("losses", losses)):
        if not bool((values > 0).all()):
            raise ValueError(f"{name} must all be positive: their logarithms are fitted")
        if not bool(values.isfinite().all()):
            raise ValueError(f"{name} must all be finite; leave out the points of runs that diverged")
    for name, values in (("sizes", sizes), ("data", data)):
        if _distinct(values) < 2:
            raise ValueError(f"{name} are all the same, so nothing tells of their factor and exponent; vary them")
    logs = torch.stack([sizes.double().log(), data.double().log()])
    if float(torch.corrcoef(logs)[0, 1] ** 2) > COLLINEAR:
        raise ValueError(
            "data is a power of sizes at these points, so their terms cannot be told apart; vary one alone"
        )


def enough_sizes(sizes: Float[Tensor, " points"], data: Float[Tensor, " points"]) -> bool:
    """Whether there are three sizes and three amounts of data: with two a factor and an exponent are open."""
    check_tensors(sizes=(sizes, "points"), data=(data, "points"), one_dtype=False)
    return min(_distinct(sizes), _distinct(data)) >= _FEWEST


def ordinary_unit(name: str, values: Float[Tensor, "*runs points"]) -> Float[Tensor, "*runs"]:
    """The logarithm of a unit (one a run) in which values lie where starts are; 0 where they do already.

    name: "sizes", "data" or "losses".
    """
    low, high, usual = _ORDINARY[name]
    mean = values.double().log().mean(-1)
    return torch.where((mean < low) | (mean > high), mean - usual, 0.0)


def determined(
    objective: LossLawObjective, laws: Float[Tensor, "runs 5"], values: Float[Tensor, " runs"]
) -> Bool[Tensor, " runs"]:
    """Whether both terms are felt and fall, and no other law, from where their roles are exchanged, fits about as well.

    laws: fitted, in the objective's coordinates. values: their objectives. As well: within the 95 % of an F ratio.
    """
    a, alpha, b, beta, e = laws.unbind(1)
    exchanged: Minima = minimise(objective.evaluator(1), torch.stack([b, beta, a, alpha, e], 1), tolerance=1e-10)
    points = objective.log_loss.shape[1]
    as_good = exchanged.objective <= values * (1 + 4 / max(points - 5, 1))
    other = (exchanged.parameters - laws)[:, [1, 3]].abs() > _ALIKE * laws[:, [1, 3]].abs()
    by_size = torch.addcmul(a.unsqueeze(1), alpha.unsqueeze(1), objective.log_size, value=-1)
    by_data = torch.addcmul(b.unsqueeze(1), beta.unsqueeze(1), objective.log_data, value=-1)
    terms = torch.stack([by_size, by_data, e.unsqueeze(1).expand_as(by_size)])
    largest_shares = terms.softmax(0)[:2].amax(2)
    varies = (terms[:2].amax(2) - terms[:2].amin(2) > _FELT).all(0)
    losses_vary = objective.log_loss.amax(1) - objective.log_loss.amin(1) > _FELT
    felt = (largest_shares > _FELT).all(0) & varies & losses_vary
    return felt & (laws[:, [1, 3]] > 0).all(1) & ~(as_good & other.any(1) & exchanged.converged)


def _distinct(values: Tensor) -> int:
    """How many there are, those within a millionth counted once."""
    return 1 + int((values.double().log().sort().values.diff() > 1e-6).sum())
