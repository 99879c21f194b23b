"""Data sets are read as their formats say; damaged files are named, and subsets belong to their seeds."""

from __future__ import annotations

import gzip
import io
import pickle
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from checkers.testbeds import data, data_sources, text
from checkers.testbeds.data_files import DataDamaged, read_cifar10, read_idx, read_text
from checkers.testbeds.data_sources import idx_file

RANDOM = np.random.default_rng(0)


def idx(array: np.ndarray) -> bytes:
    header = b"\0\0\x08" + bytes([array.ndim]) + b"".join(size.to_bytes(4, "big") for size in array.shape)
    return header + array.astype(np.uint8).tobytes()


def cifar_batch(count: int) -> tuple[np.ndarray, np.ndarray]:
    return RANDOM.integers(0, 256, (count, 3072), dtype=np.uint8), RANDOM.integers(0, 10, count, dtype=np.uint8)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("LAWBOOK_DATA", str(tmp_path))
    data._load.cache_clear()
    text.load_corpus.cache_clear()
    yield tmp_path
    data._load.cache_clear()
    text.load_corpus.cache_clear()


@pytest.mark.parametrize("zipped", [False, True])
def test_idx_files_are_read(tmp_path: Path, zipped: bool) -> None:
    array = RANDOM.integers(0, 256, (3, 4, 5))
    path = tmp_path / ("images.gz" if zipped else "images")
    path.write_bytes(gzip.compress(idx(array)) if zipped else idx(array))
    assert np.array_equal(read_idx(path), array)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "no IDX file of bytes: it starts with nothing"),
        (b"<html>not found</html>", "it starts with 3c 68 74 6d"),
        (b"\0\0\x0d\x01" + b"\0\0\0\x01" + b"\0" * 4, "no IDX file of bytes"),
        (idx(np.zeros((2, 3)))[:-1], "holds 17 bytes where its header announces 18"),
        (idx(np.zeros((2, 3))) + b"\0", "holds 19 bytes where its header announces 18"),
        (idx(np.zeros((2, 3)))[:9], "header announces"),
    ],
)
def test_a_damaged_idx_file_is_named_with_what_is_wrong(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "images"
    path.write_bytes(content)
    with pytest.raises(DataDamaged, match=message) as caught:
        read_idx(path)
    assert str(path) in str(caught.value)


def test_a_cut_gzip_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "images.gz"
    path.write_bytes(gzip.compress(idx(RANDOM.integers(0, 256, (30, 30))))[:-40])
    with pytest.raises(DataDamaged, match="not a whole gzip file"):
        read_idx(path)


def test_fashion_mnist_is_standardised_by_its_training_images(folder: Path) -> None:
    place = folder / "fashion-mnist"
    place.mkdir()
    arrays = {
        "train-images-idx3-ubyte": RANDOM.integers(0, 256, (40, 28, 28)),
        "train-labels-idx1-ubyte": np.arange(40) % 10,
        "t10k-images-idx3-ubyte": RANDOM.integers(0, 256, (7, 28, 28)),
        "t10k-labels-idx1-ubyte": np.arange(7),
    }
    for name, array in arrays.items():
        (place / name).write_bytes(idx(array))
    examples = data.load("fashion-mnist")
    assert (examples.shape, examples.classes) == ((1, 28, 28), 10)
    assert examples.inputs.dtype == torch.float32
    assert examples.inputs.mean().item() == pytest.approx(0, abs=1e-5)
    assert examples.inputs.square().mean().item() == pytest.approx(1, abs=1e-5)
    pixels = arrays["train-images-idx3-ubyte"]
    expected = (arrays["t10k-images-idx3-ubyte"] - pixels.mean()) / pixels.std()
    np.testing.assert_allclose(examples.test_inputs.numpy(), expected.reshape(7, -1), rtol=1e-4, atol=1e-5)
    assert examples.labels.tolist() == arrays["train-labels-idx1-ubyte"].tolist()


DEBIAN = Path("/usr/share/datasets/fashion-mnist")


@pytest.mark.parametrize(
    ("layout", "zipped"),
    [
        ("fashion-mnist", False),
        ("fashion-mnist", True),
        ("FashionMNIST/raw", False),
        ("FashionMNIST/raw", True),
        ("of Debian's package", True),
    ],
)
def test_fashion_mnist_is_read_from_a_folder_torchvisions_layout_or_debians_package(
    folder: Path, monkeypatch: pytest.MonkeyPatch, layout: str, zipped: bool
) -> None:
    place = folder / layout
    place.mkdir(parents=True)
    arrays = [
        RANDOM.integers(0, 256, (20, 28, 28)),
        np.arange(20) % 10,
        RANDOM.integers(0, 256, (5, 28, 28)),
        np.arange(5),
    ]
    for name, array in zip(data_sources.IDX_FILES, arrays, strict=True):
        suffix, content = (".gz", gzip.compress(idx(array))) if zipped else ("", idx(array))
        (place / f"{name}{suffix}").write_bytes(content)
    if "Debian" in layout:
        # The package's own place, which is not a test's to write to.
        for module in (data, data_sources):
            monkeypatch.setattr(module, "idx_file", lambda at, name: idx_file(place if at == DEBIAN else at, name))
    examples = data.load("fashion-mnist")
    assert examples.labels.tolist() == arrays[1].tolist()
    assert examples.test_labels.tolist() == arrays[3].tolist()
    pixels = arrays[0]
    expected = ((pixels - pixels.mean()) / pixels.std()).reshape(20, -1)
    np.testing.assert_allclose(examples.inputs.numpy(), expected, rtol=1e-4, atol=1e-5)


def test_images_and_labels_that_do_not_belong_together_are_refused(folder: Path) -> None:
    place = folder / "fashion-mnist"
    place.mkdir()
    for name, array in {
        "train-images-idx3-ubyte": np.zeros((4, 28, 28)),
        "train-labels-idx1-ubyte": np.zeros(5),
        "t10k-images-idx3-ubyte": np.zeros((4, 28, 28)),
        "t10k-labels-idx1-ubyte": np.zeros(4),
    }.items():
        (place / name).write_bytes(idx(array))
    with pytest.raises(DataDamaged, match=r"shape \(4, 28, 28\) and .*\(5,\)"):
        data.load("fashion-mnist")


def write_cifar10(folder: Path, *, binary: bool) -> list[tuple[np.ndarray, np.ndarray]]:
    batches = [cifar_batch(count) for count in (4, 3, 2, 5, 1, 6)]
    names = [f"data_batch_{number}" for number in range(1, 6)] + ["test_batch"]
    folder.mkdir()
    for name, (images, labels) in zip(names, batches, strict=True):
        if binary:
            (folder / f"{name}.bin").write_bytes(np.concatenate([labels[:, None], images], axis=1).tobytes())
        else:
            content = {b"data": images, b"labels": labels.tolist(), b"filenames": [b"x.png"] * len(labels)}
            (folder / name).write_bytes(pickle.dumps(content, protocol=2))
    return batches


@pytest.mark.parametrize("binary", [True, False])
def test_cifar10_is_read_from_either_layout(folder: Path, binary: bool) -> None:
    batches = write_cifar10(folder / f"cifar-10-batches-{'bin' if binary else 'py'}", binary=binary)
    images, labels, test_images, test_labels = read_cifar10(next(folder.iterdir()))
    assert np.array_equal(images.reshape(15, -1), np.concatenate([pixels for pixels, _ in batches[:5]]))
    assert labels.tolist() == np.concatenate([marks for _, marks in batches[:5]]).tolist()
    assert np.array_equal(test_images.reshape(6, -1), batches[5][0])
    assert test_labels.tolist() == batches[5][1].tolist()
    examples = data.load("cifar10")
    assert examples.shape == (3, 32, 32)
    channels = examples.inputs.reshape(15, 3, -1)
    torch.testing.assert_close(channels.mean(dim=(0, 2)), torch.zeros(3), rtol=0, atol=1e-5)
    torch.testing.assert_close(channels.square().mean(dim=(0, 2)), torch.ones(3), rtol=0, atol=1e-5)


class Intruder:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return (exec, ("raise SystemExit('ran')",))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (pickle.dumps(Intruder()), "asks for builtins.exec, which no CIFAR-10 batch needs; it was not run"),
        (pickle.dumps({b"data": np.zeros((2, 3072), np.uint8)}), "no CIFAR-10 batch"),
        (pickle.dumps({b"data": np.zeros((2, 30), np.uint8), b"labels": [1, 2]}), r"shape \(2, 30\)"),
        (
            pickle.dumps({b"data": np.zeros((2, 3072), np.uint8), b"labels": [1, 12]}),
            "labels that are not 0 … 9",
        ),
        (b"\x80\x02garbage", "no CIFAR-10 batch"),
        (b"", "no CIFAR-10 batch"),
    ],
)
def test_a_damaged_or_hostile_pickle_is_named_and_never_run(tmp_path: Path, content: bytes, message: str) -> None:
    place = tmp_path / "cifar-10-batches-py"
    write_cifar10(place, binary=False)
    (place / "data_batch_3").write_bytes(content)
    with pytest.raises(DataDamaged, match=message) as caught:
        read_cifar10(place)
    assert "data_batch_3" in str(caught.value)


def test_pickles_of_the_older_array_layout_are_read_without_warning(tmp_path: Path) -> None:
    place = tmp_path / "cifar-10-batches-py"
    batches = write_cifar10(place, binary=False)
    buffer = io.BytesIO((place / "data_batch_1").read_bytes().replace(b"numpy._core", b"numpy.core"))
    (place / "data_batch_1").write_bytes(buffer.getvalue())
    assert np.array_equal(read_cifar10(place)[0][:4].reshape(4, -1), batches[0][0])


def test_a_cut_binary_batch_is_named(tmp_path: Path) -> None:
    place = tmp_path / "cifar-10-batches-bin"
    write_cifar10(place, binary=True)
    whole = (place / "data_batch_2.bin").read_bytes()
    (place / "data_batch_2.bin").write_bytes(whole[:-5])
    with pytest.raises(DataDamaged, match=r"data_batch_2\.bin has 9214 bytes"):
        read_cifar10(place)


def test_digits_are_those_that_scikit_learn_gives() -> None:
    from sklearn.datasets import load_digits

    theirs = load_digits()
    images, labels, test_images, test_labels = data._digits()
    ours = np.concatenate([images, test_images]).reshape(-1, 64)
    assert sorted(map(tuple, ours)) == sorted(map(tuple, theirs.data))
    of_image = {tuple(image): label for image, label in zip(theirs.data, theirs.target, strict=True)}
    kept = zip(ours, np.concatenate([labels, test_labels]), strict=True)
    assert all(of_image[tuple(image)] == label for image, label in kept)


def test_digits_are_split_once_for_all() -> None:
    examples = data.load("digits")
    assert (len(examples.inputs), len(examples.test_inputs)) == (1400, 397)
    assert set(examples.labels.tolist()) == set(range(10))
    again = data._load.__wrapped__("digits")
    assert torch.equal(again.inputs, examples.inputs)
    rows = {tuple(row) for row in examples.inputs.tolist()}
    assert not any(tuple(row) in rows for row in examples.test_inputs.tolist())


def test_mnist1d_is_generated_alike_each_time_and_leaves_the_global_generators_alone() -> None:
    np.random.seed(5)  # noqa: NPY002
    expected = np.random.random()  # noqa: NPY002
    np.random.seed(5)  # noqa: NPY002
    examples = data.load("mnist1d")
    assert np.random.random() == expected  # noqa: NPY002
    assert (examples.inputs.shape, examples.test_inputs.shape) == ((4000, 40), (1000, 40))
    assert examples.shape == (1, 40)
    assert examples.labels[:8].tolist() == data.load("mnist1d").labels[:8].tolist()


def test_an_unknown_data_set_is_refused_with_those_there_are() -> None:
    with pytest.raises(ValueError, match="no labelled data set 'mnist'; there are digits, mnist1d"):
        data.load("mnist")


def test_a_seeds_subset_does_not_depend_on_its_companions() -> None:
    examples = data.load("digits")
    for balanced in (False, True):
        inputs, labels = data.draw_subset(examples, [1, 5, 9], 40, balanced=balanced)
        alone, alone_labels = data.draw_subset(examples, [5], 40, balanced=balanced)
        assert inputs.shape == (3, 40, 64)
        assert torch.equal(inputs[1], alone[0])
        assert torch.equal(labels[1], alone_labels[0])
        assert len({tuple(row) for row in inputs[0].tolist()}) == 40


def test_a_balanced_subset_holds_every_class_equally() -> None:
    examples = data.load("digits")
    _, labels = data.draw_subset(examples, [1, 5], 40, balanced=True, test=True)
    assert labels[0].bincount().tolist() == [4] * 10
    assert not torch.equal(labels[0], labels[1])
    with pytest.raises(ValueError, match="multiple of 10 examples, not 45"):
        data.draw_subset(examples, [1], 45, balanced=True)


def test_one_hot_targets_may_be_centred() -> None:
    labels = torch.tensor([[0, 2]])
    assert data.one_hot(labels, 3).tolist() == [[[1, 0, 0], [0, 0, 1]]]
    torch.testing.assert_close(data.one_hot(labels, 3, centred=True).sum(dim=-1), torch.zeros(1, 2))


def test_text_is_the_bytes_of_the_files_in_order(folder: Path) -> None:
    (folder / "text").mkdir()
    (folder / "text" / "b.txt").write_bytes(b"second")
    (folder / "text" / "a.txt").write_bytes("erst ö".encode())
    content = "erst ö\nsecond\n".encode()
    assert read_text(folder / "text") == content
    corpus = text.load_corpus()
    assert bytes(corpus.training.tolist()) == content[: len(content) * 9 // 10]
    assert bytes(corpus.held_out.tolist()) == content[len(content) * 9 // 10 :]


def test_the_packaged_text_is_read_as_verses(tmp_path: Path) -> None:
    path = tmp_path / "verses.jsonl"
    path.write_text('{"text": "one"}\n{"text": "two"}\n')
    assert read_text(path) == b"one\ntwo\n"
    path.write_text('{"text": "one"}\nnonsense\n')
    with pytest.raises(DataDamaged, match="one JSON object with a `text` a line"):
        read_text(path)


def test_windows_are_consecutive_bytes_at_places_of_the_seeds_own() -> None:
    symbols = (torch.arange(200) % 256).to(torch.uint8)
    batch = next(text.windows(symbols, [3, 4], 50, 9))
    assert batch.shape == (2, 50, 9)
    assert (batch.diff(dim=2) == 1).all()
    assert torch.equal(batch[1], next(text.windows(symbols, [4], 50, 9))[0])
    assert batch[..., 0].max() > 150
    with pytest.raises(ValueError, match="a text of 200 bytes has no window of 201"):
        text.windows(symbols, [3], 1, 201)


def test_one_pass_shows_no_byte_twice_and_each_seed_its_own_order() -> None:
    symbols = torch.arange(203).to(torch.uint8)
    seen = torch.stack(list(text.one_pass(symbols, [3, 4], 10, 2, 10)), dim=1)
    assert seen.shape == (2, 10, 2, 10)
    assert (seen.diff(dim=3) == 1).all()
    assert torch.equal(seen.flatten(1).sort(dim=1).values, torch.arange(200).expand(2, -1))
    assert not torch.equal(seen[0], seen[1])
    assert torch.equal(seen[1], torch.stack(list(text.one_pass(symbols, [4], 10, 2, 10)), dim=1)[0])


def test_one_pass_says_before_it_starts_that_the_text_is_too_short() -> None:
    with pytest.raises(ValueError, match="need 220 bytes, and the text has 203; ask for at most 10 batches"):
        text.one_pass(torch.arange(203).to(torch.uint8), [3], 11, 2, 10)


def test_shuffled_text_keeps_only_the_frequencies() -> None:
    symbols = (torch.arange(1000) % 7).to(torch.uint8)
    mixed = text.shuffled(symbols, 1)
    assert torch.equal(mixed.long().bincount(), symbols.long().bincount())
    assert (mixed != symbols).any()
