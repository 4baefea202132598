"""What a net is trained for: the loss of its outputs, and the scores that are measured."""

from dataclasses import replace
from typing import Any

from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from netdsl.data import Batch
from netdsl.lowering import network_of
from netdsl.modules.headed import HeadedModule
from netdsl.recipes.method import Method


class Objective:
    """The loss of a batch: the main output's, and each head's by its weight."""

    def __init__(self, module: nn.Module, method: Method) -> None:
        self.network = network_of(module) if isinstance(module, HeadedModule) else None
        self.smoothing = method.label_smoothing

    def __call__(self, output: Any, x: Tensor, batch: Batch) -> tuple[Tensor, Tensor]:
        """The main output's scores, and the loss to go down; `x` is the normalized images that gave the output.

        Mixed images have two labels: Zhang et al., arXiv:1710.09412, equation 2.
        """
        scores, loss = self._of_labels(output, batch)
        if batch.partners is not None and batch.share is not None:
            other = self._of_labels(output, replace(batch, labels=batch.partners))[1]
            loss = batch.share * loss + (1 - batch.share) * other
        return scores, loss

    def _of_labels(self, output: Any, batch: Batch) -> tuple[Tensor, Tensor]:
        if self.network is None:
            return output, self._loss(output, batch)
        final = self.network.final_heads
        main, heads = (None, output) if final else output
        losses = [head.weight * self._loss(heads[name], batch) for name, head in self.network.heads.items()]
        if main is None:
            return heads[final[0]], sum(losses[1:], losses[0])
        return main, sum(losses, self._loss(main, batch))

    def _loss(self, scores: Tensor, batch: Batch) -> Tensor:
        return cross_entropy(scores, batch.labels, label_smoothing=self.smoothing)


def scores_of(output: Any) -> Tensor:
    """The scores that are measured: the output, or that of the first of the heads that a net ends in."""
    scores: Tensor = next(iter(output.values())) if isinstance(output, dict) else output
    return scores
