"""Readers of the file formats that data sets come in; what is damaged is named, and no file can run code."""

from __future__ import annotations

import gzip
import json
import math
import pickle
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from checkers.testbeds.data_sources import CIFAR10_BINARY_FILES, CIFAR10_PICKLE_FILES

Bytes = NDArray[np.uint8]

_PICKLE_GLOBALS = {
    ("numpy.core.multiarray", "_reconstruct"): np.empty(0).__reduce__()[0],
    ("numpy._core.multiarray", "_reconstruct"): np.empty(0).__reduce__()[0],
    ("numpy", "ndarray"): np.ndarray,
    ("numpy", "dtype"): np.dtype,
    ("_codecs", "encode"): lambda text, encoding: text.encode(encoding),
}


class DataDamaged(ValueError):
    """A file that is not what its place says; the message names it and what was expected."""


def read_idx(path: Path) -> Bytes:
    """An array from an IDX file of unsigned bytes, gzipped if its name ends in .gz.

    The format: two zero bytes, type 0x08, the number of axes, each axis' length as big-endian uint32, the bytes.
    DataDamaged where the file is anything else.
    """
    content = _content(path)
    if len(content) < 4 or content[:3] != b"\x00\x00\x08" or not 1 <= content[3] <= 4:
        raise DataDamaged(f"{path} is no IDX file of bytes: it starts with {content[:4].hex(' ') or 'nothing'}")
    header = 4 + 4 * content[3]
    shape = tuple(int.from_bytes(content[start : start + 4], "big") for start in range(4, header, 4))
    if len(content) != header + math.prod(shape):
        raise DataDamaged(
            f"{path} holds {len(content)} bytes where its header announces {header + math.prod(shape)}; fetch it again"
        )
    return np.frombuffer(content, dtype=np.uint8, offset=header).reshape(shape)


def read_labelled_idx(images_path: Path, labels_path: Path) -> tuple[Bytes, Bytes]:
    """Images [n, height, width] and labels [n] that belong together. DataDamaged where they do not."""
    images, labels = read_idx(images_path), read_idx(labels_path)
    if images.ndim != 3 or labels.ndim != 1 or len(images) != len(labels):
        raise DataDamaged(
            f"{images_path} has shape {images.shape} and {labels_path} {labels.shape}; "
            "they should be [n, height, width] and [n]"
        )
    return images, labels


def read_cifar10(folder: Path) -> tuple[Bytes, Bytes, Bytes, Bytes]:
    """Training images [n, 3, 32, 32] and labels [n], then test images and labels, from either layout.

    cifar-10-batches-bin (records of one label byte and 3072 pixel bytes) is preferred; cifar-10-batches-py is read
    by an unpickler that knows arrays and nothing else. DataDamaged where a file is not in its layout.
    """
    binary = folder.name.endswith("bin")
    names = CIFAR10_BINARY_FILES if binary else CIFAR10_PICKLE_FILES
    batches = [(_cifar_records if binary else _cifar_pickle)(folder / name) for name in names]
    images = np.concatenate([images for images, _ in batches[:-1]])
    labels = np.concatenate([labels for _, labels in batches[:-1]])
    return images, labels, *batches[-1]


def read_text(path: Path) -> bytes:
    """The bytes of a folder's *.txt files in order of name, a newline after each, or of a file of JSON verses."""
    if path.is_dir():
        return b"".join(file.read_bytes() + b"\n" for file in sorted(path.glob("*.txt")))
    try:
        with path.open(encoding="utf-8") as lines:
            verses = [json.loads(line)["text"] for line in lines]
        return ("\n".join(verses) + "\n").encode()
    except (ValueError, KeyError, TypeError) as error:
        raise DataDamaged(f"{path} should hold one JSON object with a `text` a line: {error}") from error


def _content(path: Path) -> bytes:
    if path.suffix != ".gz":
        return path.read_bytes()
    try:
        with gzip.open(path) as stream:
            return stream.read()
    except (EOFError, OSError, zlib.error) as error:
        raise DataDamaged(f"{path} is not a whole gzip file ({error}); fetch it again") from error


def _cifar_records(path: Path) -> tuple[Bytes, Bytes]:
    content = path.read_bytes()
    if not content or len(content) % 3073:
        raise DataDamaged(f"{path} has {len(content)} bytes, not a multiple of the 3073 of a CIFAR-10 record")
    records = np.frombuffer(content, dtype=np.uint8).reshape(-1, 3073)
    return _checked_cifar(path, records[:, 1:], records[:, 0])


def _cifar_pickle(path: Path) -> tuple[Bytes, Bytes]:
    try:
        with path.open("rb") as stream:
            batch: Any = _ArrayUnpickler(stream, encoding="bytes").load()
        images, labels = np.asarray(batch[b"data"]), np.asarray(batch[b"labels"])
    except DataDamaged as error:
        raise DataDamaged(f"{path} {error}") from error
    except Exception as error:  # a damaged pickle can raise anything
        raise DataDamaged(f"{path} is no CIFAR-10 batch ({error!r}); fetch it again") from error
    if images.dtype != np.uint8 or images.ndim != 2 or images.shape[1] != 3072 or labels.ndim != 1:
        raise DataDamaged(f"{path} holds {images.dtype} data of shape {images.shape}, not bytes [n, 3072]")
    return _checked_cifar(path, images, labels)


def _checked_cifar(path: Path, images: Bytes, labels: NDArray[Any]) -> tuple[Bytes, Bytes]:
    if len(images) != len(labels) or labels.min() < 0 or labels.max() > 9:
        raise DataDamaged(f"{path} has labels that are not 0 … 9, one an image; fetch it again")
    return images.reshape(-1, 3, 32, 32), labels.astype(np.uint8)


class _ArrayUnpickler(pickle.Unpickler):
    """Builds NumPy arrays, containers and scalars; any other name in the pickle is refused."""

    def find_class(self, module: str, name: str) -> Any:
        try:
            return _PICKLE_GLOBALS[module, name]
        except KeyError:
            raise DataDamaged(f"asks for {module}.{name}, which no CIFAR-10 batch needs; it was not run") from None
