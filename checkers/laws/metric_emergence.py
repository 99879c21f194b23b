"""Does exact match of a long answer jump only because every token must be right? (Schaeffer et al. 2023.)"""

from __future__ import annotations

from typing import Any, Literal

import torch
from torch import Tensor

from checkers.testbeds.decoder_transformer import DecoderTransformer, next_token_loss
from checkers.testbeds.optimisers import Adam
from checkers.testbeds.text import VOCABULARY, load_corpus, windows
from checkers.testbeds.training import Snapshot, train
from lawbook import Curve, Measurement, Trials

HELD_OUT_SEED = 0
FEWEST_MATCHES = 8


def effective_length(
    trials: Trials,
    *,
    length: int = 4,
    answer: Literal["consecutive", "repeated"] = "consecutive",
    width: int = 32,
    steps: int = 192,
    step_size: float = 0.01,
    batch_size: int = 16,
    context: int = 32,
    held_out: int = 512,
) -> Measurement:
    """Slope of log exact match over log token accuracy along training, over the answer's length.

    A byte-level transformer predicts held-out text, each byte from the true bytes before it. Exact match asks for
    `length` bytes in a row; if errors were independent it would be accuracy^length and the value 1. answer: "repeated"
    counts one byte `length` times, so that exact match is the accuracy itself and the value 1/length. Looks with fewer
    than 8 exact matches are left out; a seed with fewer than three looks is out of regime.
    (Schaeffer, Miranda & Koyejo 2023, arXiv:2304.15004, section 2.)
    """
    corpus = load_corpus()
    answers = next(windows(corpus.held_out, [HELD_OUT_SEED], held_out, context + 1, stream="held out"))[0]
    answers = answers.to(trials.device)
    model = DecoderTransformer(VOCABULARY, context, width, 2, heads=2)

    def loss(parameters: dict[str, Tensor], tokens: Tensor) -> Tensor:
        return next_token_loss(model.forward(parameters, tokens[..., :-1]), tokens)

    def observe(snapshot: Snapshot) -> dict[str, Tensor]:
        with torch.no_grad():
            logits = model.forward(snapshot.parameters, answers[:, :-1])
        right = logits.argmax(dim=-1) == answers[:, 1:]
        runs = right.unfold(2, length, 1)
        whole = runs.all(dim=-1) if answer == "consecutive" else runs[..., 0]
        return {"token": right.double().mean(dim=(1, 2)), "exact": whole.double().mean(dim=(1, 2))}

    looks = sorted({round(steps * 2 ** (-k / 3)) for k in range(15)})
    observed = train(
        model.initialise(trials.seeds, trials.device),
        loss,
        Adam(model.step_sizes(step_size, "adam"), beta2=0.99),
        steps=steps,
        batches=windows(corpus.training, trials.seeds, batch_size, context + 1, device=trials.device),
        observe=observe,
        observe_at=looks,
        track=trials.track,
    ).observed
    token, exact = observed["token"].cpu(), observed["exact"].cpu()
    seen = exact >= FEWEST_MATCHES / (held_out * (context - length + 1))
    slopes = _weighted_slope(token.log(), exact.clamp_min(1e-12).log(), seen.double())
    return Measurement(
        values=slopes / length, in_regime=seen.sum(dim=0) >= 3, curves=_curves(looks, token, exact, length)
    )


def _weighted_slope(x: Tensor, y: Tensor, weights: Tensor) -> Tensor:
    """Least-squares slope of y over x in each column, over the rows of weight 1; 0 where there are too few."""
    total = weights.sum(dim=0).clamp_min(1)
    x = x - (weights * x).sum(dim=0) / total
    y = y - (weights * y).sum(dim=0) / total
    spread = (weights * x.square()).sum(dim=0)
    return torch.where(spread > 0, (weights * x * y).sum(dim=0) / spread.clamp_min(1e-12), torch.zeros(()))


def _curves(looks: list[int], token: Tensor, exact: Tensor, length: int) -> list[Curve]:
    axes: dict[str, Any] = {
        "panel": "Accuracy over training, mean over seeds",
        "x_label": "steps",
        "y_label": "share right",
    }
    independent = token**length
    return [
        Curve("one token", looks, token.mean(dim=1), role="reference", **axes),
        Curve(f"exact match of {length}", looks, exact.mean(dim=1), **axes),
        Curve(
            f"token accuracy to the power {length}", looks, independent.mean(dim=1), role="predicted", **axes
        ),
    ]
