"""An example of every public function of the instruments, for `test_every_instrument`.

Small healthy tensors, how they are handed over, and how its numbers scale with each. The package is imported
without the checks of shapes and dtypes that this folder's other tests run under, so that what is asked of is what a
reader runs.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import torch
from torch import Tensor

RUNS = 3
Tensors = dict[str, Tensor]


def _without_checks() -> dict[str, ModuleType]:
    """The package's modules, imported afresh past jaxtyping's hook; everything else is as it was afterwards."""
    import checkers.instruments as package

    def ours() -> list[str]:
        return [name for name in sys.modules if name.startswith("checkers.instruments")]

    saved = {name: sys.modules.pop(name) for name in ours()}
    finders, sys.meta_path[:] = (
        list(sys.meta_path),
        [finder for finder in sys.meta_path if not type(finder).__module__.startswith("jaxtyping")],
    )
    try:
        names = [module.name for module in pkgutil.iter_modules(package.__path__)]
        return {name: importlib.import_module(f"checkers.instruments.{name}") for name in names}
    finally:
        sys.meta_path[:] = finders
        for name in ours():
            del sys.modules[name]
        sys.modules.update(saved)
        sys.modules["checkers"].instruments = package  # type: ignore[attr-defined]


MODULES = _without_checks()
PUBLIC = {
    f"{module}.{name}": function
    for module, contents in MODULES.items()
    for name, function in vars(contents).items()
    if inspect.isfunction(function) and not name.startswith("_") and function.__module__ == contents.__name__
}


def noise(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


@dataclass(frozen=True)
class Example:
    """How a function is asked. `tensors` are handed to `call` with it; all have a runs axis but those `shared`.

    powers: for each tensor that may be scaled, the power of the scale that the first number follows. dead: tensors
    which, when constant, leave nothing to measure. refuses: bad numbers are a ValueError, as its documentation says.
    entrywise: NaN may keep to the entries that it touches. structural: measures nothing. yours: tensors that only
    functions of the caller's see, or that may be whole numbers.
    """

    tensors: Tensors
    call: Callable[..., Any]
    powers: dict[str, int]
    shared: tuple[str, ...] = ()
    dead: tuple[str, ...] = ()
    offset: tuple[str, ...] = ()
    refuses: bool = False
    entrywise: bool = False
    structural: bool = False
    yours: tuple[str, ...] = ()


def plain(function: Callable[..., Any], **tensors: Tensor) -> Any:
    return function(*tensors.values())


def with_options(**options: Any) -> Callable[..., Any]:
    return lambda function, **tensors: function(*tensors.values(), **options)


def on_operator(**options: Any) -> Callable[..., Any]:
    def call(function: Callable[..., Any], spectrum: Tensor) -> Any:
        kind = {
            "dtype": spectrum.dtype,
            "device": spectrum.device,
            "runs": len(spectrum),
            "size": spectrum.shape[1],
        }
        return function(lambda vectors: spectrum * vectors, **kind, **options)

    return call


def quadratic(parameters: Tensors, spectrum: Tensor | None = None) -> Tensor:
    point = parameters["point"]
    return (point.square() * (1.0 if spectrum is None else spectrum)).sum(1)


def linear_map(parameters: Tensors, inputs: Tensor) -> Tensor:
    return torch.tanh(inputs @ parameters["first"].mT) @ parameters["last"].mT


def squared_error(parameters: Tensors, batch: tuple[Tensor, Tensor]) -> Tensor:
    return ((batch[0] @ parameters["point"].unsqueeze(2)).squeeze(2) - batch[1]).square().mean(1)


FEATURES = {"features": noise(RUNS, 24, 5), "others": noise(RUNS, 24, 5, seed=1)}
KERNELS = {"kernel": noise(RUNS, 6, 6), "other": noise(RUNS, 6, 6, seed=1)}
POSITIVE = {name: table @ table.mT for name, table in KERNELS.items()}
NETWORK = {"first": noise(RUNS, 6, 4), "last": noise(RUNS, 2, 6, seed=1)}
POINT = {"point": noise(RUNS, 5)}
SPECTRUM = {"spectrum": 1 + noise(RUNS, 12).abs().cumsum(1)}
X = torch.logspace(0, 3, 12, dtype=torch.float64)
LAW = {"x": X, "y": (0.2 + 2 * X**-0.7) * torch.exp(0.01 * noise(RUNS, 12))}
LINE = torch.linspace(-1, 1, 9, dtype=torch.float64)
SIZES, DATA = 10 ** (7 + 2 * torch.rand(2, 30, generator=torch.Generator().manual_seed(0)).double())
LOSSES = {
    "sizes": SIZES,
    "data": 10 * DATA,
    "losses": (1.7 + 400 * SIZES**-0.35 + 2000 * (10 * DATA) ** -0.37) * torch.exp(1e-3 * noise(RUNS, 30)),
}
LABELS = torch.arange(24) % 3
BASES = {
    name: torch.linalg.qr(noise(RUNS, 7, 2, seed=seed)).Q.mT.contiguous()
    for seed, name in enumerate(("first", "second"))
}
MODES = {"left": torch.linalg.qr(noise(6, 3)).Q, "right": torch.linalg.qr(noise(6, 3, seed=1)).Q}
NONE: dict[str, int] = {}


def loss_law() -> ModuleType:
    return MODULES["loss_law"]


def starts() -> Tensor:
    return loss_law().standard_starts()[::300]


def bootstrapped(function: Callable[..., Any], sizes: Tensor, data: Tensor, losses: Tensor) -> Any:
    fit = loss_law().fit_loss_law(sizes, data, losses, starts=starts())
    return function(sizes, data, losses, fit, resamples=3, seed=0)


def followed(function: Callable[..., Any], spectrum: Tensor) -> Any:
    sane = SPECTRUM["spectrum"].to(spectrum)
    last = MODULES["lanczos"].top_eigenpairs(
        lambda vectors: sane * vectors,
        runs=RUNS,
        size=12,
        count=2,
        dtype=spectrum.dtype,
        device=spectrum.device,
        tolerance=1e-6,
    )
    return function(lambda vectors: spectrum * vectors, last, tolerance=1e-6)


def parabola(function: Callable[..., Any], starts: Tensor) -> Any:
    def evaluate(at: Tensor, _: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        return at.square().sum(1), 2 * at, 2 * torch.eye(at.shape[1]).to(at).expand(len(at), -1, -1)

    return function(evaluate, starts)


def matched(function: Callable[..., Any], features: Tensor, likeness: Tensor) -> Any:
    order = torch.arange(5, device=features.device).flip(0).expand(len(features), -1)
    return function(features, MODULES["unit_matching"].UnitMatching(order, likeness))


def products(function: Callable[..., Any], vectors: Tensor, **point: Tensor) -> Any:
    return function(quadratic, point)(vectors)


def objectives(function: Callable[..., Any], objective: Tensor) -> Any:
    minima = MODULES["batched_newton"].Minima(noise(6, 2), objective.flatten(), torch.ones(6, dtype=torch.bool))
    return function(minima, RUNS)[1]


WIDTHS, BUDGETS = [2, 4, 8, 16], torch.tensor([20.0, 40.0, 80.0], dtype=torch.float64)
RISKS = {
    "risks": torch.stack([1 / width + torch.arange(1.0, 42, dtype=torch.float64) ** -0.5 for width in WIDTHS])
    * (1 + 0.01 * noise(RUNS, 4, 41).abs())
}


EXAMPLES: dict[str, Example] = {
    "accurate_sums.squared_norm": Example({"kernel": KERNELS["kernel"]}, plain, {"kernel": 2}),
    "accurate_sums.inner_product": Example(KERNELS, plain, {"kernel": 1, "other": 1}),
    "accurate_sums.unit_scale": Example({"values": noise(RUNS, 4)}, plain, {"values": 0}),
    "accurate_sums.largest_entry": Example({"values": noise(RUNS, 4)}, plain, {"values": 1}),
    "accurate_sums.finite_runs": Example({"values": noise(RUNS, 4)}, plain, {"values": 0}),
    "alignment.kernel_alignment": Example(
        POSITIVE,
        with_options(centred=True),
        {"kernel": 0, "other": 0},
        dead=("kernel", "other"),
        offset=("kernel",),
    ),
    "alignment.doubly_centred": Example({"kernel": KERNELS["kernel"]}, plain, {"kernel": 1}, offset=("kernel",)),
    "alignment.relative_change": Example(KERNELS, with_options(norm="operator"), NONE),
    "alignment.effective_rank": Example({"spectrum": noise(RUNS, 6).abs()}, plain, {"spectrum": 0}),
    "alignment.participation_ratio": Example({"kernel": POSITIVE["kernel"]}, plain, {"kernel": 0}),
    "batch_sharpness.batch_sharpness": Example(
        POINT | {"one": 1 + noise(RUNS, 5).abs(), "two": 1 + noise(RUNS, 5, seed=1).abs()},
        lambda f, one, two, **point: f([lambda p: quadratic(p, one), lambda p: quadratic(p, two)], point),
        {"point": 0},
        yours=("one", "two"),
    ),
    "batched_newton.minimise": Example({"starts": noise(RUNS, 2)}, parabola, NONE),
    "batched_newton.best_of_starts": Example(
        {"objective": noise(RUNS, 2).abs()}, objectives, {"objective": 0}, structural=True
    ),
    "centring.centred": Example({"features": FEATURES["features"]}, plain, {"features": 0}, offset=("features",)),
    "centring.deviations": Example({"features": FEATURES["features"]}, plain, {"features": 0}, offset=("features",)),
    "compute_frontier.best_frontier": Example(
        RISKS, lambda f, risks: f(risks, WIDTHS, BUDGETS.to(risks)), {"risks": 1}
    ),
    "compute_frontier.single_width": Example(
        RISKS, lambda f, risks: f(risks, WIDTHS, 1, BUDGETS.to(risks)), {"risks": 1}
    ),
    "crossings.first_fall": Example(
        {"places": X},
        lambda f, places: f(places, (4 - X.log()).to(places.device), 1.0),
        NONE,
        structural=True,
    ),
    "curvature.gradient": Example(POINT, lambda f, **point: f(quadratic, point), {"point": 1}),
    "curvature.hessian_product": Example({"vectors": noise(RUNS, 5)} | POINT, products, {"vectors": 1}, entrywise=True),
    "curvature.dense_hessian": Example(POINT, lambda f, **point: f(quadratic, point), NONE),
    "curvature.preconditioned": Example(
        {"preconditioner": noise(RUNS, 5).abs(), "vectors": noise(RUNS, 5, seed=1)},
        lambda f, preconditioner, vectors: f(lambda v: v, preconditioner)(vectors),
        {"vectors": 1, "preconditioner": -1},
        entrywise=True,
        yours=("vectors",),
    ),
    "curvature.hessian_eigenpairs": Example(POINT, lambda f, **point: f(quadratic, point).values, NONE),
    "dense_layers.factored_gradients": Example(
        NETWORK,
        lambda f, **network: [
            part.signals for part in f(linear_map, network, noise(7, 4).to(network["first"])).values()
        ],
        NONE,
        entrywise=True,
    ),
    "followed_eigenpairs.followed_eigenpairs": Example(SPECTRUM, followed, {"spectrum": 1}),
    "gradient_noise.two_batch_estimate": Example(
        {"small": 9 + noise(RUNS, 4), "large": 4 + noise(RUNS, 4, seed=1)},
        lambda f, small, large: [f(small, large, 2, 8), f(small, large, 2, 8).noise_scale],
        NONE,
    ),
    "gradient_noise.per_example_gradients": Example(
        POINT,
        lambda f, point: f(squared_error, {"point": point}, noise(6, 5).to(point), noise(6).to(point)),
        NONE,
        entrywise=True,
    ),
    "gradient_noise.simple_noise_scale": Example(
        {"gradients": noise(RUNS, 8, 5)}, plain, {"gradients": 0}, offset=("gradients",)
    ),
    "gradient_noise.curvature_noise_scale": Example(
        {"gradients": noise(RUNS, 8, 5)}, lambda f, gradients: f(lambda v: 2 * v, gradients), {"gradients": 0}
    ),
    "kernels.empirical_ntk": Example(
        NETWORK, lambda f, **network: f(linear_map, network, noise(7, 4).to(network["first"])), NONE
    ),
    "kernels.empirical_nngp": Example(
        NETWORK, lambda f, **network: f(linear_map, network, noise(7, 4).to(network["first"])), {"last": 2}
    ),
    "kernels.feature_kernel": Example(FEATURES, plain, {"features": 1, "others": 1}, entrywise=True),
    "lanczos.top_eigenpairs": Example(SPECTRUM, on_operator(count=2, tolerance=1e-6), {"spectrum": 1}),
    "loss_law.standard_starts": Example({}, plain, NONE),
    "loss_law.fit_loss_law": Example(
        LOSSES, lambda f, **points: f(**points, starts=starts()), NONE, shared=("sizes", "data"), refuses=True
    ),
    "loss_law.bootstrap_loss_law": Example(LOSSES, bootstrapped, NONE, shared=("sizes", "data"), refuses=True),
    "loss_law.predict_held_out": Example(
        LOSSES,
        lambda f, **points: f(**points, held_out=points["sizes"] > 6e8, resamples=5, starts=starts()).predicted,
        NONE,
        shared=("sizes", "data"),
        refuses=True,
    ),
    "loss_law_design.enough_sizes": Example(
        {"sizes": SIZES, "data": DATA}, plain, NONE, shared=("sizes", "data"), structural=True
    ),
    "loss_law_design.check_points": Example(LOSSES, plain, NONE, shared=("sizes", "data"), refuses=True),
    "loss_law_design.ordinary_unit": Example(
        {"values": LOSSES["losses"]}, lambda f, values: f("losses", values), NONE, structural=True
    ),
    "loss_law_design.determined": Example({}, lambda f: None, NONE, structural=True),  # through fit_loss_law
    "minima.bracketed_minimum": Example(
        {"places": LINE}, lambda f, places: f(places, (places - 0.2) ** 2), NONE, structural=True
    ),
    "minima.read_curve": Example(
        {"places": LINE}, lambda f, places: f(places, places**2, places[2]), NONE, structural=True
    ),
    "mode_strengths.end_to_end": Example(
        {"one": noise(RUNS, 5, 4), "two": noise(RUNS, 3, 5)},
        lambda f, one, two: f([one, two]),
        {"one": 1, "two": 1},
        entrywise=True,
    ),
    "mode_strengths.mode_strengths": Example(
        {"product": KERNELS["kernel"]} | MODES, plain, {"product": 1}, shared=("left", "right")
    ),
    "mode_strengths.mode_leakage": Example(
        {"product": KERNELS["kernel"]} | MODES, plain, {"product": 0}, shared=("left", "right")
    ),
    "neighbours.mutual_nearest_neighbours": Example(
        FEATURES,
        with_options(neighbours=4, nearness="euclidean"),
        {"features": 0, "others": 0},
        dead=("features", "others"),
        offset=("features", "others"),
    ),
    "neighbours.neighbour_purity": Example(
        {"features": FEATURES["features"]},
        lambda f, features: f(features, LABELS.to(features.device), neighbours=4, nearness="euclidean"),
        {"features": 0},
        dead=("features",),
        offset=("features",),
    ),
    "neural_collapse.neural_collapse": Example(
        {"features": FEATURES["features"], "classifier": noise(RUNS, 3, 5), "bias": noise(RUNS, 3)},
        lambda f, features, classifier, bias: f(features, LABELS.to(features.device), classifier, bias),
        {"features": 0, "classifier": 0},
        dead=("features",),
        offset=("features",),
        entrywise=True,
    ),
    "neural_features.neural_feature_matrix": Example(
        {"weight": noise(RUNS, 4, 3)}, plain, {"weight": 2}, entrywise=True
    ),
    "neural_features.average_gradient_outer_product": Example(
        NETWORK, lambda f, **network: f(linear_map, network, noise(7, 4).to(network["first"])), {"last": 2}
    ),
    "neural_features.matrix_power": Example({"matrix": POSITIVE["kernel"]}, with_options(exponent=0.5), {"matrix": 0}),
    "neural_features.feature_correlation": Example(POSITIVE, plain, {"kernel": 0, "other": 0}, dead=("kernel",)),
    "neural_features.off_diagonal_correlation": Example(POSITIVE, plain, {"kernel": 0, "other": 0}),
    "neural_features.best_exponent": Example(POSITIVE, with_options(exponents=(0.5, 1.0)), {"kernel": 0, "other": 0}),
    "offset_power_law.fit_power_law_with_offset": Example(LAW, plain, {"x": 0, "y": 0}, shared=("x",), dead=("y",)),
    "operator_scale.in_range": Example(
        {"probe": noise(RUNS, 5), "image": noise(RUNS, 5, seed=1)},
        lambda f, probe, image: f(lambda v: v, probe, image)[1],
        NONE,
        structural=True,
    ),
    "parameters.run_count": Example(POINT, lambda f, **point: f(point), NONE, structural=True),
    "parameters.parameter_count": Example(POINT, lambda f, **point: f(point), NONE, structural=True),
    "parameters.finite": Example(POINT, lambda f, **point: f(point), {"point": 0}),
    "parameters.flatten": Example(NETWORK, lambda f, **network: f(network), NONE, entrywise=True),
    "parameters.unflatten": Example(
        {"vectors": noise(RUNS, 5)}, lambda f, vectors: f(vectors, POINT), NONE, entrywise=True
    ),
    "positive_definite.solve_positive_definite": Example(
        {"matrices": POSITIVE["kernel"] + torch.eye(6), "targets": noise(RUNS, 6, 2)},
        plain,
        {"matrices": -1, "targets": 1},
    ),
    "power_law.fit_power_law": Example(LAW, plain, {"x": 0, "y": 0}, shared=("x",)),
    "power_law.check_abscissa": Example({"x": X}, lambda f, x: f(x, 3), NONE, shared=("x",), refuses=True),
    "procrustes.procrustes_similarity": Example(
        FEATURES,
        plain,
        {"features": 0, "others": 0},
        dead=("features", "others"),
        offset=("features", "others"),
    ),
    "procrustes.procrustes_rotation": Example(
        FEATURES,
        plain,
        {"features": 0, "others": 0},
        dead=("features", "others"),
        offset=("features", "others"),
    ),
    "similarity.linear_cka": Example(
        FEATURES,
        with_options(debiased=True),
        {"features": 0, "others": 0},
        dead=("features", "others"),
        offset=("features", "others"),
    ),
    "slopes.slope": Example(LAW, plain, {"x": -1, "y": 1}, shared=("x",), yours=("x",)),
    "slopes.log_log_slope": Example(LAW, plain, {"x": 0, "y": 0}, shared=("x",), yours=("x",)),
    "spectral_density.spectral_density": Example(SPECTRUM, on_operator(probes=2), {"spectrum": 1}),
    "subspaces.captured_fraction": Example({"vectors": noise(RUNS, 7), "basis": BASES["first"]}, plain, {"vectors": 0}),
    "subspaces.subspace_overlap": Example(BASES, plain, NONE),
    "unit_matching.match_units": Example(
        FEATURES,
        plain,
        {"features": 0, "others": 0},
        dead=("features", "others"),
        offset=("features", "others"),
    ),
    "unit_matching.assign": Example({"table": KERNELS["kernel"]}, plain, NONE),
    "unit_matching.permute_units": Example(
        {"features": FEATURES["features"], "likeness": noise(RUNS, 5)},
        matched,
        {"features": 1},
        entrywise=True,
    ),
}
CHECKS = {
    "arguments.check_tensors",
    "arguments.check_float",
    "arguments.check_parameters",
    "power_law.check_confidence",
}
MEASURING = sorted(name for name, example in EXAMPLES.items() if example.tensors and not example.structural)
