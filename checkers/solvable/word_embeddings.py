r"""When word embeddings learn each mode of a text's co-occurrences, from small random vectors.

Words i and j stand within a window of one another with frequency $P_{ij}$, alone with $P_i$. One vector a word, the
columns of W, and the loss of word2vec, pairs weighted by $2/(P_{ij} + P_iP_j)$, have the gradient flow
$\dot W = W F$ with $F_{ij} = 4\,(p_{ij} - \sigma(w_i\cdot w_j))$, $p_{ij} = P_{ij}/(P_{ij} + P_iP_j)$. To fourth order
in W this is $F = M - W^\top W$ with $M_{ij} = 2\,(P_{ij} - P_iP_j)/(P_{ij} + P_iP_j)$, whose leading modes are learned
one by one, each along a sigmoid. (Karkada et al. 2025, arXiv:2502.09863.)
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from checkers.instruments.crossings import first_fall
from checkers.testbeds.randomness import normal
from checkers.testbeds.word_pairs import Order, WordPairs, count_pairs
from checkers.theory.saxe_modes import euler_lag, half_time, mode_strength
from lawbook import Measurement, Panel, Trials

LARGEST = 1.0
LONGER = 1.3
NAMED = 6
TIME = "training time"
Pull = Callable[[Tensor], Tensor]


@dataclass(frozen=True)
class Embeddings:
    """What is embedded and how: vectors of `dimension` for the most frequent words, pairs within a window.

    loss: of word2vec to fourth order ("quadratic") or as it is ("logistic"), pairs weighted by 2/(P_ij + P_i P_j); or
    to fourth order with pairs as frequent as they are, in units of time in which its fastest growth is the other's.
    order: of the words that training sees; predictions are told the text as written. init_scale: standard deviation of
    every entry at the start. step: of descent, over the inverse of the largest eigenvalue.
    """

    loss: Literal["quadratic", "logistic", "weighted by frequency"] = "quadratic"
    order: Order = "as written"
    words: int = 400
    window: int = 5
    dimension: int = 64
    init_scale: float = 1e-4
    step: float = 0.05


def half_time_error(
    trials: Trials,
    *,
    setting: Embeddings = Embeddings(),
    modes: int = 6,
    told: Literal["relative deviation", "mutual information", "each mode alone"] = "relative deviation",
) -> Measurement:
    """Largest over the leading modes of |time of half its strength / predicted − 1|, capped at 1.

    Predicted is ln(λ/u₀ − 1)/(2λ) and the lag of descent behind the flow, with u₀ the squared length at the start of
    what the mode has outside the directions of stronger ones. told: of the matrix M; of positive pointwise mutual
    information in its place; or of the whole length at the start. A mode that is never half learned counts 1.
    """
    seen = count_pairs(trials.seeds, setting.words, setting.window, order=setting.order, device=trials.device)
    text = count_pairs(trials.seeds, setting.words, setting.window, device=trials.device)
    values, vectors = _leading(_information(text) if told == "mutual information" else _deviation(text), modes)
    start = setting.init_scale * normal(
        trials.seeds, (setting.dimension, setting.words), stream="vectors", device=trials.device, dtype=torch.float64
    )
    parts = start @ vectors
    if told == "each mode alone":
        initial = parts.square().sum(1)
    else:
        initial = torch.linalg.qr(parts).R.diagonal(dim1=1, dim2=2).square()
    step_size = setting.step / values[:, :1]
    predicted = _predicted_times(values, initial, step_size)
    steps = int((LONGER * predicted.amax(1, keepdim=True) / step_size).max()) + 1
    strengths = _train(trials, setting, seen, start, vectors, step_size, steps)
    places = torch.arange(steps + 1, dtype=torch.float64, device=trials.device)
    crossing = first_fall(places, -strengths.clamp_min(1e-300).log(), -(values / 2).log())
    measured = torch.where(crossing.reached, crossing.place * step_size, torch.inf)
    error = (measured / predicted - 1).abs().nan_to_num(LARGEST).clamp_max(LARGEST)
    ranks = range(1, modes + 1)
    return Measurement(
        values=error.amax(1).cpu(),
        panels=[
            _curves(strengths[0].cpu(), values[0].cpu(), initial[0].cpu(), float(step_size[0])),
            Panel("Time of half the strength", x="mode", y=TIME)
            .over_seeds("measured", ranks, torch.where(crossing.reached, measured, torch.nan).cpu())
            .line("predicted", ranks, predicted.mean(0).cpu(), role="predicted"),
        ],
        notes=[
            f"eigenvalues {', '.join(f'{value:.1f}' for value in values.mean(0).tolist())}",
            *(f"mode {rank}, first seed: {_words(text, vectors[0, :, rank - 1])}" for rank in ranks),
        ],
    )


def _deviation(pairs: WordPairs) -> Tensor:
    """M, [runs, words, words]: between −2 for pairs that never meet and 2."""
    apart = pairs.single[:, :, None] * pairs.single[:, None, :]
    return 2 * (pairs.joint - apart) / (pairs.joint + apart)


def _information(pairs: WordPairs) -> Tensor:
    """max(0, ln P_ij/(P_i P_j))."""
    apart = pairs.single[:, :, None] * pairs.single[:, None, :]
    return (pairs.joint / apart).clamp_min(1).log()


def _leading(matrix: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """The largest eigenvalues, descending, [runs, count], and their eigenvectors as columns."""
    values, vectors = torch.linalg.eigh(matrix)
    return values.flip(1)[:, :count], vectors.flip(2)[:, :, :count]


def _train(
    trials: Trials,
    setting: Embeddings,
    pairs: WordPairs,
    start: Tensor,
    vectors: Tensor,
    step_size: Tensor,
    steps: int,
) -> Tensor:
    """Strengths vᵀWᵀWv of the modes before every step and after the last, [runs, modes, steps + 1]."""
    weights, watched, history = start, vectors, []
    if setting.loss == "quadratic":
        # In the basis of M's own modes W M costs nothing, and W WᵀW goes by the smaller of its two products.
        growths, basis = torch.linalg.eigh(_deviation(pairs))
        weights, watched, pull = start @ basis, basis.mT @ vectors, _quartic_pull(growths)
    else:
        pull = _pull(setting.loss, pairs)
    for _ in trials.track(range(steps), f"{setting.loss} loss"):
        history.append((weights @ watched).square().sum(1))
        weights = weights + step_size[:, :, None] * pull(weights)
    history.append((weights @ watched).square().sum(1))
    return torch.stack(history, 2)


def _quartic_pull(growths: Tensor) -> Pull:
    """W F for M diagonal."""
    return lambda weights: torch.baddbmm(weights * growths[:, None], weights @ weights.mT, weights, alpha=-1)


def _pull(loss: str, pairs: WordPairs) -> Pull:
    """W F in float32, whose rounding is far below what vectors start from once a step has shrunk it."""
    deviation = _deviation(pairs)
    target = deviation.float()
    if loss == "logistic":

        def logistic(weights: Tensor) -> Tensor:
            single = weights.float()
            return single @ torch.sub(target + 2, torch.sigmoid(single.mT @ single), alpha=4)

        return logistic
    weight = pairs.joint + pairs.single[:, :, None] * pairs.single[:, None, :]
    fastest = [torch.linalg.eigvalsh(matrix)[:, -1] for matrix in (deviation, weight * deviation)]
    scaled: Tensor = (weight * (fastest[0] / fastest[1])[:, None, None]).float()

    def by_frequency(weights: Tensor) -> Tensor:
        single = weights.float()
        pulled: Tensor = single @ (scaled * (target - single.mT @ single))
        return pulled

    return by_frequency


def _predicted_times(values: Tensor, initial: Tensor, step_size: Tensor) -> Tensor:
    strength, start, step = (tensor.cpu().numpy() for tensor in (values, initial, step_size))
    lag = euler_lag(strength / 2, strength, start, step_size=1.0) * step
    return torch.as_tensor(half_time(strength, start) + lag).to(values)


def _curves(strengths: Tensor, values: Tensor, initial: Tensor, step_size: float) -> Panel:
    panel = Panel("Mode strengths, first seed", x=TIME, y="strength over eigenvalue")
    every = max(1, strengths.shape[1] // 160)
    times = step_size * torch.arange(strengths.shape[1], dtype=torch.float64)[::every]
    for rank, (value, start) in enumerate(zip(values, initial, strict=True), 1):
        panel = panel.line(f"mode {rank}", times, strengths[rank - 1, ::every] / value)
        law = torch.as_tensor(mode_strength(times, value, start)) / value
        panel = panel.line(f"mode {rank}, predicted", times, law, role="predicted")
    return panel


def _words(pairs: WordPairs, vector: Tensor) -> str:
    """The words with the largest entries of either sign."""
    order = vector.argsort().tolist()
    ends = [" ".join(pairs.words[place] for place in side) for side in (order[-NAMED:][::-1], order[:NAMED])]
    return " / ".join(ends)
