"""Matrix products that are exact under all settings of the surrounding program."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def exact_products() -> Iterator[None]:
    """Full float32 products, without autocast and gradients: TF32 and bfloat16 cannot hold the integers.

    Raises MemoryError when a GPU has too little memory.
    """
    before = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision("highest")
    try:
        with (
            torch.autocast("cpu", enabled=False),
            torch.autocast("cuda", enabled=False),
            torch.no_grad(),
        ):
            yield
    except torch.OutOfMemoryError as error:
        raise MemoryError("not enough memory on the GPU; use --device cpu") from error
    finally:
        torch.set_float32_matmul_precision(before)
