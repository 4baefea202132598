"""Activations that torch.nn lacks."""

from torch import Tensor, nn


class ScaledTanh(nn.Module):
    """scale * tanh(x)."""

    def __init__(self, scale: float) -> None:
        super().__init__()
        self.scale = scale

    def forward(self, x: Tensor) -> Tensor:
        return self.scale * x.tanh()

    def extra_repr(self) -> str:
        return f"scale={self.scale}"
