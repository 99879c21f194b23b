"""How numbers are computed in a worker: full float32, and the same in every run where PyTorch can."""

from __future__ import annotations

# What `pin_precision` sees to, as the records' environment says it.
PRECISION = "no TF32 in matrix products and convolutions; deterministic algorithms where there are any"


def pin_precision() -> None:
    """Set this process so; cards otherwise round matrix products and convolutions to TF32's ten bits."""
    import torch

    torch.set_flush_denormal(True)
    # As use_deterministic_algorithms(True, warn_only=True), which imports the compiler too and takes seconds.
    torch.set_deterministic_debug_mode("warn")
    setattr(torch.utils.deterministic, "fill_uninitialized_memory", False)  # noqa: B010
    torch.set_float32_matmul_precision("highest")
    torch.backends.cuda.matmul.allow_tf32 = False
    torch.backends.cuda.matmul.allow_fp16_reduced_precision_reduction = False
    torch.backends.cuda.matmul.allow_bf16_reduced_precision_reduction = False
    torch.backends.cudnn.allow_tf32 = False
    torch.backends.cudnn.benchmark = False
    torch.backends.cudnn.deterministic = True
