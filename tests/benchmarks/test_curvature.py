"""Leading Hessian eigenvalues against curvlinops with SciPy's eigsh, at the same residual."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest
import torch
from scipy.sparse.linalg import eigsh
from torch import Tensor, nn

from checkers.instruments.curvature import hessian_eigenpairs, hessian_product
from checkers.instruments.lanczos import Eigenpairs
from checkers.instruments.parameters import parameter_count
from checkers.testbeds.networks import MultilayerPerceptron
from checkers.testbeds.optimisers import GradientDescent
from checkers.testbeds.training import Snapshot, train

curvlinops = pytest.importorskip("curvlinops", reason="see tests/benchmarks/requirements.txt")

pytestmark = pytest.mark.filterwarnings("default")
COUNT = 5
TOLERANCE = 1e-3
STEP_SIZE = 0.3
STEPS = 300
EVERY = 15
Compare = Callable[[str, Callable[[], object], Callable[[], object], float], float]


class Ensemble:
    """The same random networks and data as batched parameters and as one `nn.Module` each."""

    def __init__(self, runs: int, widths: Sequence[int], examples: int, weight_scale: float = 1.0) -> None:
        generator = torch.Generator().manual_seed(1)
        self.network = MultilayerPerceptron(widths, "tanh", bias_scale=0.0, weight_scale=weight_scale)
        self.parameters = self.network.initialise(range(runs))
        self.inputs = torch.randn(examples, widths[0], generator=generator)
        classes = torch.randint(widths[-1], (examples,), generator=generator)
        self.targets = torch.nn.functional.one_hot(classes, widths[-1]).float()
        self.modules = [self._module(run, widths) for run in range(runs)]

    def loss(self, parameters: dict[str, Tensor]) -> Tensor:
        return (self.network.forward(parameters, self.inputs) - self.targets).square().mean(dim=(1, 2))

    def operator(self, module: nn.Module) -> object:
        """The peer's Hessian of the same mean squared error."""
        return curvlinops.HessianLinearOperator(
            module,
            nn.MSELoss(),
            list(module.parameters()),
            [(self.inputs, self.targets)],
            check_deterministic=False,
        ).to_scipy()

    def _module(self, run: int, widths: Sequence[int]) -> nn.Module:
        layers: list[nn.Module] = []
        for layer in range(1, len(widths)):
            linear = nn.Linear(widths[layer - 1], widths[layer])
            with torch.no_grad():
                linear.weight.copy_(self.parameters[f"weight_{layer}"][run])
                linear.bias.copy_(self.parameters[f"bias_{layer}"][run])
            layers += [linear, nn.Tanh()]
        return nn.Sequential(*layers[:-1])


def _check_same_work(ensemble: Ensemble, peers: list[tuple[np.ndarray, np.ndarray]]) -> None:
    """Both sides find the same eigenvalues, each pair within the residual asked for."""
    pairs = hessian_eigenpairs(ensemble.loss, ensemble.parameters, COUNT, tolerance=TOLERANCE)
    assert bool(pairs.converged.all())
    product = hessian_product(ensemble.loss, ensemble.parameters)
    for index in range(COUNT):
        vectors, values = pairs.vectors[:, index], pairs.values[:, index, None]
        assert bool(((product(vectors) - values * vectors).norm(dim=1) <= 1.1 * TOLERANCE * values[:, 0]).all())
    found = torch.from_numpy(np.stack([np.sort(values)[::-1].copy() for values, _ in peers]))
    torch.testing.assert_close(pairs.values, found.float(), rtol=2e-3, atol=0)


@pytest.mark.parametrize(
    ("runs", "widths", "examples", "at_least"),
    [
        pytest.param(1, (784, 64, 64, 10), 256, 2.3, id="one network of 55,050 parameters"),
        pytest.param(16, (10, 20, 20, 10), 128, 10.0, id="16 networks of 850 parameters"),
    ],
)
def test_top_eigenvalues(
    compare: Compare,
    request: pytest.FixtureRequest,
    runs: int,
    widths: Sequence[int],
    examples: int,
    at_least: float,
) -> None:
    ensemble = Ensemble(runs, widths, examples)

    def ours() -> Eigenpairs:
        return hessian_eigenpairs(ensemble.loss, ensemble.parameters, COUNT, tolerance=TOLERANCE)

    def peer() -> list[tuple[np.ndarray, np.ndarray]]:
        return [eigsh(ensemble.operator(module), k=COUNT, which="LA", tol=TOLERANCE) for module in ensemble.modules]

    _check_same_work(ensemble, peer())
    compare(f"top {COUNT} Hessian eigenvalues, {request.node.callspec.id}", ours, peer, at_least)


def test_sharpness_along_training(compare: Compare) -> None:
    ensemble = Ensemble(16, (10, 20, 20, 10), 128)
    initial = [{name: tensor.clone() for name, tensor in m.state_dict().items()} for m in ensemble.modules]

    def ours() -> Tensor:
        known: Eigenpairs | None = None

        def measure(snapshot: Snapshot) -> dict[str, Tensor]:
            nonlocal known
            known = hessian_eigenpairs(ensemble.loss, snapshot.parameters, warm_start=known, tolerance=TOLERANCE)
            return {"sharpness": known.values[:, 0]}

        return train(
            ensemble.parameters,
            ensemble.loss,
            GradientDescent(STEP_SIZE),
            steps=STEPS,
            observe=measure,
            observe_at=range(0, STEPS + 1, EVERY),
        ).observed["sharpness"]

    def peer() -> Tensor:
        paths = []
        for module, start in zip(ensemble.modules, initial, strict=True):
            module.load_state_dict(start)
            optimiser = torch.optim.SGD(module.parameters(), lr=STEP_SIZE)
            vector, path = None, []
            for step in range(STEPS + 1):
                if step % EVERY == 0:
                    value, vectors = eigsh(ensemble.operator(module), k=1, which="LA", tol=TOLERANCE, v0=vector)
                    vector = vectors[:, 0]
                    path.append(float(value[0]))
                optimiser.zero_grad()
                nn.functional.mse_loss(module(ensemble.inputs), ensemble.targets).backward()
                optimiser.step()
            paths.append(path)
        return torch.tensor(paths).T

    torch.testing.assert_close(ours(), peer(), rtol=5e-3, atol=0)
    compare("sharpness along a run of 16 networks", ours, peer, 20.0)


def test_ten_million_parameters_fit_in_four_gibibytes(extra_memory: Callable[..., float]) -> None:
    ensemble = Ensemble(1, (3072, 2048, 2048, 10), 16)
    assert parameter_count(ensemble.parameters) > 1e7
    peak = extra_memory(lambda: hessian_eigenpairs(ensemble.loss, ensemble.parameters, COUNT, max_products=80))
    print(f"\n10 million parameters: peak memory +{peak:.0f} MiB")
    assert peak < 4096
