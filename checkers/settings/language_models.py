"""Decoder-only transformers of several widths, trained on one pass over a text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from checkers.testbeds.decoder_transformer import DecoderTransformer, next_token_loss
from checkers.testbeds.optimisers import Adam
from checkers.testbeds.schedules import warmup
from checkers.testbeds.text import VOCABULARY, load_corpus, one_pass, shuffled
from checkers.testbeds.training import Snapshot, train
from lawbook import Trials

_HELD_OUT_SEED = 0
_HELD_OUT_WINDOWS = 128
_NOT_COUNTED = ("embedding", "positions")


@dataclass(frozen=True, eq=False)
class Runs:
    """Held-out losses [seeds, widths, looks] in nats a byte, the models' sizes and the bytes seen at each look."""

    losses: Tensor
    sizes: Tensor
    data: Tensor


@dataclass(frozen=True)
class LanguageModels:
    """What is trained, on what, and how; μP with Adam, so that one step size serves every width.

    text: bytes of the corpus, or "shuffled", training and held-out bytes in random order, so that only their
    frequencies are left to learn.
    """

    widths: tuple[int, ...]
    steps: int
    text: Literal["corpus", "shuffled"] = "corpus"
    step_size: float = 0.01
    batch_size: int = 16
    context: int = 32
    depth: int = 2

    def train(self, trials: Trials) -> Runs:
        """Every width on the same windows, each seen once, looked at after 1/8, 1/4, 1/2 and all of the steps.

        ValueError where the text has too few windows.
        """
        looks = [self.steps // 8, self.steps // 4, self.steps // 2, self.steps]
        held_out = next(self._windows(trials, 1, _HELD_OUT_WINDOWS, held_out=True))[0]
        losses, sizes = [], []
        for width in self.widths:
            model = DecoderTransformer(
                VOCABULARY,
                self.context,
                width,
                self.depth,
                heads=2,
                parameterisation="mup",
                base_width=self.widths[0],
            )

            def loss(parameters: dict[str, Tensor], tokens: Tensor, model: DecoderTransformer = model) -> Tensor:
                return next_token_loss(model.forward(parameters, tokens[..., :-1]), tokens)

            def observe(snapshot: Snapshot, model: DecoderTransformer = model) -> dict[str, Tensor]:
                with torch.no_grad():
                    logits = model.forward(snapshot.parameters, held_out[:, :-1])
                    return {"loss": next_token_loss(logits, held_out.expand(len(trials), -1, -1))}

            initial = model.initialise(trials.seeds, trials.device)
            observed = train(
                initial,
                loss,
                Adam(model.step_sizes(self.step_size, "adam"), beta2=0.99),
                steps=self.steps,
                batches=self._windows(trials, self.steps, self.batch_size),
                schedule=warmup(self.steps // 20),
                observe=observe,
                observe_at=looks,
                track=trials.track,
            ).observed
            losses.append(observed["loss"].double().cpu().T)
            sizes.append(float(sum(part[0].numel() for name, part in initial.items() if name not in _NOT_COUNTED)))
        data = torch.tensor(looks, dtype=torch.float64) * self.batch_size * self.context
        return Runs(torch.stack(losses, 1), torch.tensor(sizes, dtype=torch.float64), data)

    def _windows(self, trials: Trials, batches: int, batch_size: int, *, held_out: bool = False) -> Iterator[Tensor]:
        """So many batches of windows, one byte longer than the context; all seeds hold out the same."""
        corpus = load_corpus()
        text = corpus.held_out if held_out else corpus.training
        if self.text == "shuffled":
            text = shuffled(text, _HELD_OUT_SEED)
        seeds, stream = ([_HELD_OUT_SEED], "held out") if held_out else (trials.seeds, "one pass")
        return one_pass(text, seeds, batches, batch_size, self.context + 1, stream=stream, device=trials.device)
