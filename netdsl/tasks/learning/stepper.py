"""From a batch's loss to new weights: gradient, clipping, learning rate, optimizer, mean weights."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from netdsl.recipes.method import Method
from netdsl.tasks.learning.average import MeanWeights
from netdsl.tasks.learning.optimizer import decaying, optimizer_for, set_lr


class Stepper:
    """The training's memory from step to step."""

    def __init__(self, module: nn.Module, method: Method, in_epoch: int) -> None:
        self.method = method
        self.steps = method.epochs * in_epoch
        self.done = 0
        self.losses: list[float] = []
        """The mean training loss of each epoch that is over, which `plateau` looks at."""
        self.lr = method.optimizer.lr
        """In the last batch."""
        self._parameters = list(module.parameters())
        self.optimizer = optimizer_for(module, method)
        self._penalized = decaying(module, method) if method.l1_penalty else []
        self.means = None if method.ema is None else MeanWeights(module, method.ema)

    def step(self, loss: Tensor) -> None:
        """New weights from the loss of a whole batch."""
        self.add(loss)
        self.update()

    def add(self, loss: Tensor) -> None:
        """The gradient of a part of the batch's loss, beside those of the parts before."""
        loss.backward()  # type: ignore[no-untyped-call]

    def update(self) -> None:
        """New weights from the gradient of all parts, which is then gone: the next batch has its memory."""
        self.lr = self.method.lr(self.done, self.steps, self.losses)
        set_lr(self.optimizer, self.lr)
        if self.method.clip_gradient is not None:
            nn.utils.clip_grad_norm_(self._parameters, self.method.clip_gradient)
        self._add_penalty()
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        if self.means is not None:
            self.means.update()
        self.done += 1

    @torch.no_grad()
    def _add_penalty(self) -> None:
        """The subgradient of the weights' sizes, 0 for a weight of 0; not clipped, as the weight decay is not."""
        for weight in self._penalized:
            if weight.grad is not None:
                weight.grad.add_(weight.sign(), alpha=self.method.l1_penalty)

    @contextmanager
    def own_weights(self) -> Iterator[None]:
        """Outside, the mean weights stand in the module's place, to be measured and kept: they are the run's result."""
        if self.means is not None and self.means.inside:
            self.means.swap()
        yield
        if self.means is not None:
            self.means.swap()
