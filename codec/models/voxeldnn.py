"""VoxelDNN in floating point, for training: paper section 3.2 and Fig. 2, on active sites only.

7^3 type-A masked convolution, 64 filters; two residual blocks (1^3 64->32, 5^3 type-B 32->32, 1^3 32->64);
1^3 64->64; 1^3 to one occupancy logit (the paper's two-way softmax is the same function). ReLU after
each convolution but the last. Masked taps are never computed: 171 of 343 and 63 of 125 remain.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from .sites import BACKGROUND_ROWS, KERNEL, WINDOW

WIDTH = 64
INNER = 32


class _GatherConv(torch.autograd.Function):
    """y[i] = sum_k table[near[i, k]] @ weight[k] + bias, in chunks, without scatter in the backward pass.

    table (R, C) with a zero row 0 and the rows of the sites behind it; near (N, K) rows; far (N, K): rows
    of grad_y (0: none) of the sites whose neighbour k is this site. Neighbours that are background
    rows count as constants for sites outside the background.

    The products and `y` are of the table's type. Under autocast that is half the width of `weight` and
    `bias`, whose gradients are summed over the chunks in their own type.
    """

    @staticmethod
    def forward(ctx: Any, table: Any, weight: Any, bias: Any, near: Any, far: Any, chunk: int) -> Any:
        ctx.save_for_backward(table, weight, near, far)
        ctx.chunk = chunk
        flat = weight.reshape(-1, weight.shape[-1]).to(table.dtype)
        bias = bias.to(table.dtype)
        out = table.new_empty(len(near), weight.shape[-1])
        for a in range(0, len(near), chunk):
            rows = near[a : a + chunk]
            patch = table.index_select(0, rows.reshape(-1)).view(len(rows), -1)
            torch.addmm(bias, patch, flat, out=out[a : a + chunk])
        return out

    @staticmethod
    def backward(ctx: Any, *grads: Any) -> Any:
        table, weight, near, far = ctx.saved_tensors
        grad, chunk = grads[0].to(table.dtype).contiguous(), ctx.chunk
        padded = torch.cat([grad.new_zeros(1, grad.shape[1]), grad])
        mirrored = weight.transpose(1, 2).reshape(-1, weight.shape[1]).to(table.dtype).contiguous()
        grad_flat = torch.zeros_like(weight.reshape(-1, weight.shape[-1]))
        grad_table = torch.empty_like(table)
        grad_table[0] = 0
        for a in range(0, len(near), chunk):
            rows = near[a : a + chunk]
            patch = table.index_select(0, rows.reshape(-1)).view(len(rows), -1)
            if table.dtype == weight.dtype:
                grad_flat.addmm_(patch.t(), grad[a : a + chunk])
            else:
                grad_flat += torch.mm(patch.t(), grad[a : a + chunk])
            rows = far[a : a + chunk]
            patch = padded.index_select(0, rows.reshape(-1)).view(len(rows), -1)
            torch.mm(patch, mirrored, out=grad_table[1 + a : 1 + a + chunk])
        return grad_table, grad_flat.view_as(weight), grad.sum(0, dtype=weight.dtype), None, None, None


def gather_conv(*args: Any) -> torch.Tensor:
    """See _GatherConv.forward."""
    out: torch.Tensor = _GatherConv.apply(*args)  # type: ignore[no-untyped-call]
    return out


class VoxelDNN(nn.Module):
    """Weights as (taps, in, out) for the two 5^3 layers and (in, out) for the others; biases (out,)."""

    def __init__(self) -> None:
        super().__init__()
        shapes = {
            "first": (len(WINDOW), WIDTH),
            "down1": (WIDTH, INNER),
            "conv1": (len(KERNEL), INNER, INNER),
            "up1": (INNER, WIDTH),
            "down2": (WIDTH, INNER),
            "conv2": (len(KERNEL), INNER, INNER),
            "up2": (INNER, WIDTH),
            "head": (WIDTH, WIDTH),
            "logit": (WIDTH, 1),
        }
        self.weight = nn.ParameterDict()
        self.bias = nn.ParameterDict()
        for name, shape in shapes.items():
            fan_in = 1
            for n in shape[:-1]:
                fan_in *= n
            self.weight[name] = nn.Parameter(torch.randn(shape) * (2.0 / fan_in) ** 0.5)
            self.bias[name] = nn.Parameter(torch.zeros(shape[-1]))
        with torch.no_grad():
            for name in ("first",):  # few of the 171 inputs are set at the same time
                self.weight[name].mul_(3.0)
            for name in ("up1", "up2", "logit"):
                self.weight[name].mul_(0.3)
            self.bias["logit"].fill_(-3.0)

    def forward(
        self,
        window: torch.Tensor,
        near: torch.Tensor,
        far: torch.Tensor,
        chunk: int = 2048,
        activation: Callable[[str, torch.Tensor], torch.Tensor] = lambda name, value: value,
    ) -> torch.Tensor:
        """Logits (BACKGROUND_ROWS + N,) of the background sites and of N active sites.

        window: (N, 171) occupancy of the causal 7^3 windows, floating point.
        near, far: (BACKGROUND_ROWS + N, 63) rows of the neighbours, and of the sites whose neighbour this is.
        activation: called with the name and value of each activation; returns the value to use instead, to
        measure it or to round it as the integer network does. "stream" is the residual stream.
        """
        w, b = self.weight, self.bias
        empty = b["first"].expand(BACKGROUND_ROWS, -1)
        x = torch.relu(torch.cat([empty, torch.addmm(b["first"], window, w["first"])]))
        x = activation("stream", x)
        for i in ("1", "2"):
            h = activation("down" + i, torch.relu(torch.addmm(b["down" + i], x, w["down" + i])))
            table = torch.cat([h.new_zeros(1, INNER), h])
            h = torch.relu(gather_conv(table, w["conv" + i], b["conv" + i], near, far, chunk))
            h = activation("conv" + i, h)
            x = x + activation("stream", torch.relu(torch.addmm(b["up" + i], h, w["up" + i])))
            x = activation("stream", x)
        x = activation("head", torch.relu(torch.addmm(b["head"], x, w["head"])))
        with torch.autocast(x.device.type, enabled=False):  # a logit of eight bits is too coarse for coding
            return torch.addmm(b["logit"], x.to(w["logit"].dtype), w["logit"]).squeeze(1)
