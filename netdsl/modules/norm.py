"""Norms over the channels of each pixel, channels first."""

from torch import Tensor, nn
from torch.nn import functional


class LayerNorm(nn.LayerNorm):
    """Layer normalization of (N, C, *size) over C; torch's own wants the channels last."""

    def __init__(self, channels: int, eps: float = 1e-5, affine: bool = True) -> None:
        super().__init__(channels, eps=eps, elementwise_affine=affine)

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x.movedim(1, -1)).movedim(-1, 1)


class L2Norm(nn.Module):
    """The channels of each pixel divided by their Euclidean length."""

    def forward(self, x: Tensor) -> Tensor:
        return functional.normalize(x, dim=1)
