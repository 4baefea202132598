"""A part of a net that keeps only what it takes, and is computed again when backward comes to it."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

import torch
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.utils.checkpoint import checkpoint


class Recomputed(nn.Module):
    """What `part` gives, with the same gradients, random numbers and running statistics, to the bit.

    Source: Chen et al. 2016, arXiv:1604.06174; for dense layers Pleiss et al. 2017, arXiv:1707.06990
    """

    def __init__(self, part: nn.Module) -> None:
        super().__init__()
        self.part = part

    @torch.compiler.disable  # type: ignore[untyped-decorator]
    def forward(self, *xs: Any) -> Any:
        """As it is, also where the rest is compiled: torch.compile takes no checkpoint with such contexts."""
        if not torch.is_grad_enabled():
            return self.part(*xs)
        return checkpoint(self.part, *xs, use_reentrant=False, context_fn=self._contexts)

    def _contexts(self) -> tuple[AbstractContextManager[None], AbstractContextManager[None]]:
        return nullcontext(), self._without_statistics()

    @contextmanager
    def _without_statistics(self) -> Iterator[None]:
        """The first pass has counted the batch, so the second one counts into copies that are thrown away.

        Norms without statistics (`track_running_stats = False`) would save other tensors than in the first pass.
        """
        norms = [module for module in self.part.modules() if isinstance(module, _BatchNorm) and module.training]
        kept = [dict(norm._buffers) for norm in norms]
        for norm in norms:
            for name, buffer in norm._buffers.items():
                norm._buffers[name] = None if buffer is None else buffer.clone()
        try:
            yield
        finally:
            for norm, buffers in zip(norms, kept, strict=True):
                norm._buffers.update(buffers)
