"""The pretended accelerator computes as the CPU does and refuses what a card refuses."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import ModuleType

import pytest
import torch
from torch import Tensor
from torch.func import grad, hessian, jacrev, jvp, vmap


@pytest.fixture
def there(accelerator: ModuleType) -> Iterator[Tensor]:
    """A table on the accelerator."""
    with accelerator.card():
        yield torch.tensor([[1.0, 2.0], [3.0, 4.0]], dtype=torch.float64, device=accelerator.DEVICE)


def ours(device: torch.device) -> Tensor:
    return torch.arange(2, device=device)


@pytest.mark.parametrize(
    "forgets",
    [
        lambda x: x + torch.ones(2),
        lambda x: torch.ones(2, 2) @ x.float(),
        lambda x: torch.stack([x, torch.ones(2, 2)]),
        lambda x: torch.where(torch.ones(2) > 0, x, x),
        lambda x: torch.ones(2).add_(x[0, 0]),
        lambda x: torch.zeros(2, 2).copy_(x).add(x),
        lambda x: torch.ones(3)[ours(x.device)],
        lambda x: x.gather(1, torch.zeros(2, 2, dtype=torch.int64)),
        lambda x: torch.dot(x[0], torch.tensor(1.0)),
    ],
)
def test_a_tensor_of_the_cpu_among_its_own_is_refused(there: Tensor, forgets: Callable[[Tensor], Tensor]) -> None:
    with pytest.raises(RuntimeError, match=r"same device|make it on trials\.device|1D tensors"):
        forgets(there)


def test_numpy_is_refused(there: Tensor) -> None:
    import numpy as np

    with pytest.raises(TypeError, match="pretended:0"):
        there.numpy()
    with pytest.raises(TypeError, match="pretended:0"):
        np.asarray(there)


@pytest.mark.parametrize(
    "draws",
    [
        lambda device: torch.randn(2, device=device),
        lambda device: torch.randn(2, generator=torch.Generator(), device=device),
        lambda device: torch.zeros(2, device=device).normal_(),
        lambda device: torch.randperm(4, device=device),
        lambda device: torch.rand_like(torch.zeros(2, device=device)),
    ],
)
def test_random_draws_on_it_are_refused(there: Tensor, draws: Callable[[torch.device], Tensor]) -> None:
    with pytest.raises(RuntimeError, match="draw on the CPU"):
        draws(there.device)


def test_numbers_and_indices_of_the_cpu_are_taken_as_a_card_takes_them(there: Tensor) -> None:
    assert (there * torch.tensor(2.0)).tolist() == [[2, 4], [6, 8]]
    assert (torch.tensor(2.0) * there).tolist() == [[2, 4], [6, 8]]
    assert there[torch.tensor([1])].tolist() == [[3, 4]]
    assert there[[1, 0]].tolist() == [[3, 4], [1, 2]]
    assert there[there > 2].tolist() == [3, 4]


def test_what_is_made_beside_it_is_on_it(there: Tensor) -> None:
    for made in (
        torch.zeros(2, device=there.device),
        torch.linspace(0, 1, 3, device=there.device),
        torch.as_tensor([1.0], device=there.device),
        torch.eye(2).to(there),
        there.new_tensor([1.0]),
        torch.empty_like(there),
        there.mT.contiguous(),
    ):
        assert str(made.device) == "pretended:0"
    assert there.cpu().device.type == "cpu"


def test_what_is_written_through_a_view_is_in_the_whole(there: Tensor) -> None:
    there[0] = 5
    there.mT[1] += 1
    there[:, 0].mul_(2)
    assert there.tolist() == [[10, 6], [6, 5]]
    assert there[0].squeeze_(0).unsqueeze_(1).shape == (2, 1)


def curve(x: Tensor) -> Tensor:
    return (x.sin() ** 2).sum() * x.square().mean()


# Of PyTorch's own, when it first loads what forward derivatives take.
@pytest.mark.filterwarnings("ignore:.torch.jit:DeprecationWarning")
@pytest.mark.parametrize(
    "of",
    [
        grad(curve),
        vmap(grad(curve)),
        hessian(lambda x: curve(x[0])),
        vmap(hessian(curve)),
        lambda x: jvp(grad(curve), (x,), (x.cos(),))[1],
        jacrev(lambda x: x @ x.mT),
        lambda x: torch.linalg.eigvalsh(x @ x.mT),
        lambda x: torch.optim.SGD([x.requires_grad_()]) and torch.autograd.grad(curve(x), x)[0],
    ],
)
def test_gradients_and_transforms_are_the_cpus(there: Tensor, of: Callable[[Tensor], Tensor]) -> None:
    expected = of(there.cpu())
    found = of(there)
    assert str(found.device) == "pretended:0"
    assert torch.equal(found.detach().cpu(), expected.detach())


def test_gradients_go_through_writes_in_place(there: Tensor) -> None:
    leaf = there.requires_grad_()
    view = leaf * 1
    view[0].mul_(3)
    view.sum().backward()  # type: ignore[no-untyped-call]
    assert leaf.grad is not None
    assert leaf.grad.tolist() == [[3, 3], [1, 1]]


def test_reads_are_counted_by_the_line_of_the_checkers_that_asks(accelerator: ModuleType) -> None:
    from checkers.instruments.centring import centred

    with accelerator.card() as reads:
        table = torch.arange(12.0, device=accelerator.DEVICE).reshape(1, 4, 3)
        assert not reads.lines
        centred(table)
        assert bool(table.any())
    assert sum(reads.lines.values()) == 1
    assert next(iter(reads.lines)).startswith("checkers/instruments/centring.py:")


def test_a_line_that_reads_more_than_once_a_step_is_told(accelerator: ModuleType) -> None:
    reads = accelerator.Reads()
    reads.lines.update({"checkers/laws/a.py:1": 22, "checkers/laws/b.py:2": 21})
    for _ in reads.track(range(20), "training"):
        pass
    assert reads.often() == {"checkers/laws/a.py:1": 22}


def test_the_fixture_gives_the_cpu_and_the_accelerator(device: str) -> None:
    from checkers.testbeds.randomness import normal

    drawn = normal((1, 2), (3,), stream="anything", device=device)
    assert str(drawn.device) == device
    assert drawn.tolist() == normal((1, 2), (3,), stream="anything").tolist()
