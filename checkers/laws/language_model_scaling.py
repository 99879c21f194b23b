"""Small byte-level transformers on real text: what size buys, and whether small runs foretell the largest one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from checkers.instruments.loss_law import fit_loss_law, standard_starts
from checkers.testbeds.decoder_transformer import DecoderTransformer, next_token_loss
from checkers.testbeds.optimisers import Adam
from checkers.testbeds.schedules import warmup
from checkers.testbeds.text import VOCABULARY, load_corpus, one_pass, shuffled
from checkers.testbeds.training import Snapshot, train
from lawbook import Measurement, Panel, Trials

EVERY_STARTING_POINT = 9
HELD_OUT_SEED = 0
SMALLEST_GAIN = 1e-3


@dataclass(frozen=True, eq=False)
class _Runs:
    """Held-out losses [seeds, widths, looks] in nats a byte, the models' sizes and the bytes seen at each look."""

    losses: Tensor
    sizes: Tensor
    data: Tensor


def size_gain(
    trials: Trials,
    *,
    widths: list[int],
    steps: int,
    text: Literal["corpus", "shuffled"] = "corpus",
    step_size: float = 0.01,
    batch_size: int = 16,
    context: int = 32,
    depth: int = 2,
) -> Measurement:
    """Held-out loss of the narrowest minus that of the widest model, in nats a byte, at the same data.

    text: "shuffled" puts the training and the held-out bytes in random order, so that only their frequencies are left
    to learn. One pass: windows are disjoint and each is seen once; ValueError where the text has too few. μP with Adam,
    so that one step size serves every width.
    (Kaplan et al. 2020, arXiv:2001.08361, section 3.)
    """
    runs = _train(trials, widths, steps, text, step_size, batch_size, context, depth)
    final = runs.losses[:, :, -1]
    return Measurement(values=final[:, 0] - final[:, -1], panels=_size_panel(runs))


def held_out_error(
    trials: Trials,
    *,
    widths: list[int],
    steps: int,
    largest_stops_at: float = 1.0,
    step_size: float = 0.01,
    batch_size: int = 16,
    context: int = 32,
    depth: int = 2,
) -> Measurement:
    """Error of the widest model's predicted final loss over what that model gains on the second widest.

    The prediction is from L = E + A N^−α + B D^−β fitted to the narrower models at each look; nothing of the widest is
    seen. N counts the weights that multiply activations (blocks and readout), D the bytes seen. 0 is a perfect
    prediction; 1 is as good as predicting no gain at all. largest_stops_at: the share of its steps after which the
    widest model's loss is taken, though it is predicted for all of them.
    (Hoffmann et al. 2022, arXiv:2203.15556, approach 3.)
    """
    runs = _train(trials, widths, steps, "corpus", step_size, batch_size, context, depth)
    sizes = runs.sizes[:, None].expand(-1, len(runs.data)).flatten()
    data = runs.data.expand(len(runs.sizes), -1).flatten()
    kept = sizes < runs.sizes[-1]
    starts = standard_starts()[::EVERY_STARTING_POINT]
    law = fit_loss_law(sizes[kept], data[kept], runs.losses.flatten(1)[:, kept], starts=starts).law
    predicted = law.predict(runs.sizes[-1:], runs.data[-1:])[:, 0]
    look = min(range(len(runs.data)), key=lambda k: abs(runs.data[k] / runs.data[-1] - largest_stops_at))
    measured = runs.losses[:, -1, look]
    drawn = law.predict(runs.sizes[-1:].expand(len(runs.data)), runs.data).mean(dim=0)
    gain = (runs.losses[:, -2, -1] - runs.losses[:, -1, -1]).clamp_min(SMALLEST_GAIN)
    return Measurement(
        values=(predicted - measured).abs() / gain,
        panels=_data_panel(runs, drawn),
        notes=[
            f"fitted exponents, mean over seeds: size {law.size_exponent.mean().item():.2f}, "
            f"data {law.data_exponent.mean().item():.2f}"
        ],
    )


def _train(
    trials: Trials,
    widths: list[int],
    steps: int,
    text: str,
    step_size: float,
    batch_size: int,
    context: int,
    depth: int,
) -> _Runs:
    corpus = load_corpus()
    training, held_out = corpus.training, corpus.held_out
    if text == "shuffled":
        training, held_out = shuffled(training, HELD_OUT_SEED), shuffled(held_out, HELD_OUT_SEED)
    held_out_windows = next(
        one_pass(held_out, [HELD_OUT_SEED], 1, 128, context + 1, stream="held out", device=trials.device)
    )[0]
    looks = [steps // 8, steps // 4, steps // 2, steps]
    losses, sizes = [], []
    for width in widths:
        model = DecoderTransformer(
            VOCABULARY, context, width, depth, heads=2, parameterisation="mup", base_width=widths[0]
        )
        initial = model.initialise(trials.seeds, trials.device)

        def loss(parameters: dict[str, Tensor], tokens: Tensor, model: DecoderTransformer = model) -> Tensor:
            return next_token_loss(model.forward(parameters, tokens[..., :-1]), tokens)

        def observe(snapshot: Snapshot, model: DecoderTransformer = model) -> dict[str, Tensor]:
            with torch.no_grad():
                logits = model.forward(snapshot.parameters, held_out_windows[:, :-1])
                return {"loss": next_token_loss(logits, held_out_windows.expand(len(trials), -1, -1))}

        trajectory = train(
            initial,
            loss,
            Adam(model.step_sizes(step_size, "adam"), beta2=0.99),
            steps=steps,
            batches=one_pass(training, trials.seeds, steps, batch_size, context + 1, device=trials.device),
            schedule=warmup(steps // 20),
            observe=observe,
            observe_at=looks,
            track=trials.track,
        )
        losses.append(trajectory.observed["loss"].double().cpu().T)
        counted = [
            tensor[0].numel() for name, tensor in initial.items() if name not in ("embedding", "positions")
        ]
        sizes.append(float(sum(counted)))
    data = torch.tensor(looks, dtype=torch.float64) * batch_size * context
    return _Runs(torch.stack(losses, dim=1), torch.tensor(sizes, dtype=torch.float64), data)


def _size_panel(runs: _Runs) -> Panel:
    panel = Panel(
        "Held-out loss over model size", x="weights of blocks and readout", y="nats a byte", log="x"
    )
    for look, data in enumerate(runs.data):
        panel = panel.over_seeds(f"after {int(data):,} bytes", runs.sizes, runs.losses[:, :, look])
    return panel


def _data_panel(runs: _Runs, predicted: Tensor) -> Panel:
    panel = Panel("Held-out loss over data", x="bytes seen", y="nats a byte", log="xy")
    for place, size in enumerate(runs.sizes):
        panel = panel.line(f"{int(size):,} weights", runs.data, runs.losses[:, place].mean(dim=0))
    return panel.line("largest, predicted from the others", runs.data, predicted, role="predicted")
