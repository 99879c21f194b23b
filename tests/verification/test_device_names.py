"""Records are named by the card's model: short, the same for one model, another for another."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lawbook.verification.device_names import device_token


@pytest.mark.parametrize(
    ("name", "token"),
    [
        ("NVIDIA H100 80GB HBM3", "h100"),
        ("NVIDIA H100 PCIe", "h100"),
        ("NVIDIA H200", "h200"),
        ("NVIDIA A100-SXM4-40GB", "a100"),
        ("Tesla V100-SXM2-16GB", "v100"),
        ("NVIDIA GeForce RTX 4090", "rtx4090"),
        ("NVIDIA GeForce RTX 4070 Ti SUPER", "rtx4070tisuper"),
        ("NVIDIA RTX A6000", "a6000"),
        ("NVIDIA RTX 6000 Ada Generation", "rtx6000ada"),
        ("Quadro RTX 8000", "rtx8000"),
        ("AMD Instinct MI300X", "mi300x"),
        ("NVIDIA L40S", "l40s"),
        ("NVIDIA B200", "b200"),
        ("NVIDIA GB200", "gb200"),
        ("", "gpu"),
        ("???", "gpu"),
        ("Some Card", "somecard"),
    ],
)
def test_a_card_is_known_by_its_model(name: str, token: str) -> None:
    assert device_token(name) == token


@given(st.text(max_size=60))
def test_a_token_names_a_file_whatever_the_driver_says(name: str) -> None:
    assert re.fullmatch(r"[a-z0-9]+", device_token(name))
