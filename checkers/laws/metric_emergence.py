"""Does exact match of a long answer jump only because every token must be right? (Schaeffer et al. 2023.)"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from checkers.testbeds.decoder_transformer import DecoderTransformer, next_token_loss
from checkers.testbeds.optimisers import Adam
from checkers.testbeds.randomness import permutation
from checkers.testbeds.text import VOCABULARY, load_corpus, one_pass, windows
from checkers.testbeds.training import Snapshot, train
from lawbook import Measurement, Panel, Trials

HELD_OUT_SEED = 0
FEWEST_MATCHES = 100


def effective_length(
    trials: Trials,
    *,
    length: int = 4,
    answer: Literal["consecutive", "scattered", "scattered pairs"] = "consecutive",
    width: int = 32,
    steps: int = 192,
    step_size: float = 0.01,
    batch_size: int = 16,
    context: int = 32,
    held_out: int = 512,
) -> Measurement:
    """Log exact match over log token accuracy at the end of training: how many independent tokens an answer is worth.

    A byte-level transformer predicts held-out text, each byte from the true bytes before it. Exact match asks for
    `length` bytes in a row; if errors were independent it would be accuracy^length and the value `length`. answer:
    "scattered" makes up answers of bytes from unrelated places of the held-out text, which are independent; "scattered
    pairs" asks each of these twice in a row, so that four bytes are two or three questions. A seed with fewer than 100
    exact matches at the end is out of regime: its logarithm would be off by more than a tenth by chance.
    (Schaeffer, Miranda & Koyejo 2023, arXiv:2304.15004, section 2.)
    """
    corpus = load_corpus()
    answers = next(one_pass(corpus.held_out, [HELD_OUT_SEED], 1, held_out, context + 1, stream="held out"))[0]
    answers = answers.to(trials.device)
    model = DecoderTransformer(VOCABULARY, context, width, 2, heads=2)

    def loss(parameters: dict[str, Tensor], tokens: Tensor) -> Tensor:
        return next_token_loss(model.forward(parameters, tokens[..., :-1]), tokens)

    def observe(snapshot: Snapshot) -> dict[str, Tensor]:
        with torch.no_grad():
            logits = model.forward(snapshot.parameters, answers[:, :-1])
        right = logits.argmax(dim=-1) == answers[:, 1:]
        if answer != "consecutive":
            right = scattered(right, trials.seeds, times=2 if answer == "scattered pairs" else 1)
        token, exact = shares_right(right, length)
        return {"token": token, "exact": exact}

    looks = sorted({steps // 2, steps})
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
    matches = exact[-1] * held_out * (context - length + 1)
    return Measurement(
        values=independent_tokens(token[-1], exact[-1]),
        in_regime=matches >= FEWEST_MATCHES,
        panels=_panel(looks, token, exact, length),
        notes=[
            f"at the end, mean over seeds: {token[-1].mean().item():.3f} of tokens right, "
            f"{exact[-1].mean().item():.4f} of answers"
        ],
    )


def shares_right(
    right: Bool[Tensor, "runs texts tokens"], length: int
) -> tuple[Float[Tensor, " runs"], Float[Tensor, " runs"]]:
    """The share of single tokens that are right, and of stretches of `length` tokens that are right throughout."""
    whole = right.unfold(2, length, 1).all(dim=-1)
    return right.double().mean(dim=(1, 2)), whole.double().mean(dim=(1, 2))


def scattered(
    right: Bool[Tensor, "runs texts tokens"], seeds: Sequence[int], *, times: int
) -> Bool[Tensor, "runs texts tokens"]:
    """The same marks in random order over all texts, each repeated `times` times in a row; as many in all."""
    marks = right.flatten(1)
    order = permutation(seeds, marks.shape[1], stream="scattered answers", device=right.device)
    return marks.gather(1, order).repeat_interleave(times, 1)[:, : marks.shape[1]].view_as(right)


def independent_tokens(token: Float[Tensor, " runs"], exact: Float[Tensor, " runs"]) -> Float[Tensor, " runs"]:
    """How many independent tokens of that accuracy are all right as often as an answer is: log exact / log token.

    Shares of 0 and 1 have no such number; they are moved to the nearest that has (1e-12, 1 − 1e-12).
    """
    return exact.clamp(1e-12, 1 - 1e-12).log() / token.clamp(1e-12, 1 - 1e-12).log()


def _panel(looks: list[int], token: Tensor, exact: Tensor, length: int) -> Panel:
    independent = (token**length).mean(dim=1)
    return (
        Panel("Accuracy over training, mean over seeds", x="steps", y="share right")
        .line("one token", looks, token.mean(dim=1), role="reference")
        .line(f"exact match of {length}", looks, exact.mean(dim=1))
        .line(f"token accuracy to the power {length}", looks, independent, role="predicted")
    )
