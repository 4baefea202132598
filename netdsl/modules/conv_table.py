"""A convolution whose output maps each see the input maps of a table."""

import math
from itertools import groupby

import torch
from torch import Tensor, nn
from torch.nn import functional


class ConvTable(nn.Module):
    """Rows of one length that follow one another run as one convolution in groups, a group a row.

    `weight` is (connections, *kernel_size), row after row of the table; `bias` is (rows).
    """

    def __init__(
        self,
        connections: tuple[tuple[int, ...], ...],
        kernel_size: tuple[int, ...],
        stride: tuple[int, ...],
        padding: tuple[int, ...],
        bias: bool = True,
    ) -> None:
        super().__init__()
        self.connections, self.stride, self.padding = connections, stride, padding
        self.weight = nn.Parameter(torch.empty(sum(map(len, connections)), *kernel_size))
        self.bias = nn.Parameter(torch.empty(len(connections))) if bias else None
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Uniform within 1 / sqrt(fan_in), row by row, as torch does for convolutions."""
        rows = torch.tensor([len(row) for row in self.connections])
        bound = (rows * math.prod(self.weight.shape[1:])).rsqrt()
        with torch.no_grad():
            self.weight.uniform_(-1, 1).mul_(self.fan_in().rsqrt())
            if self.bias is not None:
                self.bias.uniform_(-1, 1).mul_(bound)

    def fan_in(self) -> Tensor:
        """Inputs of the units that each connection leads to, in the form of `weight`."""
        rows = [len(row) for row in self.connections for _ in row]
        _, *size = self.weight.shape
        return torch.tensor(rows).reshape(-1, *(1,) * len(size)) * math.prod(size)

    def forward(self, x: Tensor) -> Tensor:
        size = self.weight.shape[1:]
        conv = (functional.conv1d, functional.conv2d, functional.conv3d)[len(size) - 1]
        results, start = [], 0
        for length, run in groupby(self.connections, len):
            rows = list(run)
            maps = [number for row in rows for number in row]
            weight = self.weight[start : start + len(maps)].reshape(len(rows), length, *size)
            results.append(conv(x[:, maps], weight, None, self.stride, self.padding, groups=len(rows)))
            start += len(maps)
        y = torch.cat(results, dim=1)
        return y if self.bias is None else y + self.bias.reshape(-1, *(1,) * len(size))

    def extra_repr(self) -> str:
        return (
            f"{len(self.connections)} maps, {len(self.weight)} connections, kernel_size={tuple(self.weight.shape[1:])}"
        )
