"""Modules that take a further tensor from elsewhere in the net: one to be cropped to, a pool's input, weights."""

import torch
from torch import Tensor, nn
from torch.nn import functional


class Crop(nn.Module):
    """The middle of x (N, C, *size), as large as `like`; of an odd number of pixels the end loses one more."""

    def forward(self, x: Tensor, like: Tensor) -> Tensor:
        for axis in range(2, x.dim()):
            start = (x.shape[axis] - like.shape[axis]) // 2
            x = x.narrow(axis, start, like.shape[axis])
        return x


class Unpool(nn.Module):
    """Each number of x back to where a max pool found its maximum in `pooled`, zeros elsewhere.

    The pool's switches are found again from its input, so that the pool itself stays torch's own module.
    """

    def __init__(
        self, kernel_size: tuple[int, ...], stride: tuple[int, ...], padding: tuple[int, ...], ceil_mode: bool
    ) -> None:
        super().__init__()
        self.kernel_size = kernel_size
        self.stride = stride
        self.padding = padding
        self.ceil_mode = ceil_mode

    def forward(self, x: Tensor, pooled: Tensor) -> Tensor:
        axes = len(self.kernel_size)
        pool = (functional.max_pool1d, functional.max_pool2d, functional.max_pool3d)[axes - 1]
        unpool = (functional.max_unpool1d, functional.max_unpool2d, functional.max_unpool3d)[axes - 1]
        with torch.no_grad():
            _, switches = pool(
                pooled, self.kernel_size, self.stride, self.padding, ceil_mode=self.ceil_mode, return_indices=True
            )
        size = list(pooled.shape[2:])
        y: Tensor = unpool(x, switches, self.kernel_size, self.stride, self.padding, output_size=size)
        return y

    def extra_repr(self) -> str:
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class TiedConvTranspose(nn.Module):
    """The transpose of a convolution, to the size of what that took; its weight comes with each call.

    Only the bias is its own, and starts at zero.
    """

    def __init__(
        self,
        out_channels: int,
        stride: tuple[int, ...],
        padding: tuple[int, ...],
        dilation: tuple[int, ...],
        groups: int,
        bias: bool = True,
    ) -> None:
        super().__init__()
        self.stride = stride
        self.padding = padding
        self.dilation = dilation
        self.groups = groups
        self.bias = nn.Parameter(torch.zeros(out_channels)) if bias else None

    def forward(self, x: Tensor, before: Tensor, weight: Tensor) -> Tensor:
        axes = len(self.stride)
        left_over = [
            (before.shape[2 + i] + 2 * self.padding[i] - self.dilation[i] * (weight.shape[2 + i] - 1) - 1)
            % self.stride[i]
            for i in range(axes)
        ]
        conv = (functional.conv_transpose1d, functional.conv_transpose2d, functional.conv_transpose3d)[axes - 1]
        y: Tensor = conv(x, weight, self.bias, self.stride, self.padding, left_over, self.groups, self.dilation)
        return y

    def extra_repr(self) -> str:
        return f"stride={self.stride}, padding={self.padding}"
