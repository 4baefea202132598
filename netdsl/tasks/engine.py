"""Where and how a module runs: its device, the layout of its tensors, the precision of its arithmetic."""

from contextlib import AbstractContextManager, nullcontext

import torch
from torch import Tensor, nn


class Engine:
    """One of them for a run: training, tests and evaluation go through it."""

    def __init__(self, device: torch.device | None = None) -> None:
        self.device = device or torch.device("cuda" if torch.cuda.is_available() else "cpu")

    def place(self, module: nn.Module) -> nn.Module:
        """The module itself, moved to where it will run."""
        return module.to(self.device)

    def images(self, x: Tensor) -> Tensor:
        """Normalized images in the layout that the module wants."""
        return x

    def precision(self) -> AbstractContextManager[object]:
        """In it the forward pass and the loss are computed."""
        return nullcontext()
