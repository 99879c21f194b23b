"""Devices are found or refused with a reason; packages that are missing are named."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from lawbook.verification.environment import (
    DeviceError,
    describe_environment,
    device_name,
    find_devices,
    install_advice,
    missing_packages,
)
from lawbook.verification.executors import MissingPackagesError, open_executor

HAS_RAY = importlib.util.find_spec("ray") is not None


def test_cpus_are_always_there() -> None:
    assert find_devices("cpu") == ("cpu",)


@pytest.mark.parametrize("asked", ["gpu", "cuda:", "cuda:x", "cpu:0", ""])
def test_an_unknown_device_is_refused(asked: str) -> None:
    with pytest.raises(DeviceError, match="devices: auto, cpu, cuda, cuda:N"):
        find_devices(asked)


def test_cuda_is_refused_where_there_is_none() -> None:
    torch = pytest.importorskip("torch")
    if torch.cuda.is_available():
        pytest.skip("there is a CUDA device here")
    assert find_devices("auto") == ("cpu",)
    with pytest.raises(DeviceError, match=r"torch finds no CUDA device here; try --device cpu"):
        find_devices("cuda")


def test_all_cuda_devices_are_used_or_the_one_that_is_named() -> None:
    torch = pytest.importorskip("torch")
    if not torch.cuda.is_available():
        pytest.skip("there is no CUDA device here")
    count = torch.cuda.device_count()
    assert find_devices("cuda") == find_devices("auto") == tuple(f"cuda:{number}" for number in range(count))
    assert find_devices("cuda:0") == ("cuda:0",)
    with pytest.raises(DeviceError, match=f"end at cuda:{count - 1}"):
        find_devices(f"cuda:{count}")


def test_an_environment_names_versions_and_no_host() -> None:
    import platform

    found = describe_environment(2, "c0ffee", True)
    assert (found.threads, found.commit, found.modified) == (2, "c0ffee", True)
    assert found.python.startswith("3.")
    assert platform.node() not in found.platform


def test_missing_packages_are_named() -> None:
    assert missing_packages(["pydantic", "no-such-package"]) == ["no-such-package"]


@pytest.mark.skipif(HAS_RAY, reason="ray is installed")
def test_ray_is_asked_for_by_name_where_it_is_missing() -> None:
    with pytest.raises(MissingPackagesError, match=r"pip install -e '.\[ray\]'"):
        open_executor("ray", 1, threads=1, preload=[])


def test_what_to_install_fits_where_one_stands(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    checkout = Path(__file__).parents[2]
    monkeypatch.chdir(checkout)
    assert install_advice("verify") == "pip install -e '.[verify]'"
    monkeypatch.chdir(tmp_path)
    assert install_advice("verify") == f"pip install -e '{checkout}[verify]'"
    monkeypatch.setattr("lawbook.__file__", str(tmp_path / "lib/site-packages/lawbook/__init__.py"))
    assert install_advice("ray") == "pip install 'lawbook[ray]'"


def test_a_torch_that_hangs_is_not_waited_for_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lawbook.verification.environment.SECONDS_TO_ANSWER", 1.0)
    monkeypatch.setattr("lawbook.verification.environment.COUNT_DEVICES", "import time; time.sleep(600)")
    with pytest.raises(DeviceError, match="does not answer within 1 seconds"):
        find_devices("cuda")
    monkeypatch.setattr("lawbook.verification.environment.NAME_DEVICE", "import time; time.sleep(600)")
    assert device_name("cuda:0") == ""
