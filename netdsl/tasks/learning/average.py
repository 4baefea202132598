"""Mean weights over the last steps, which answer better than the last weights do."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn


class MeanWeights:
    """An exponential moving average of a module's weights and running statistics, beside the module's own.

    A step's new weights count 1 - decay, at the beginning more: 1 - (1 + n) / (10 + n) in step n, so that a short run
    is not held at its first weights. Source: tf.train.ExponentialMovingAverage with `num_updates`, as Inception used it
    """

    def __init__(self, module: nn.Module, decay: float) -> None:
        self.decay = decay
        self.steps = 0
        self.inside = False
        """Are the means in the module's place?"""
        state = [*module.parameters(), *module.buffers()]
        self._own = [tensor.data for tensor in state if tensor.is_floating_point()]
        self._means = [tensor.clone() for tensor in self._own]

    @torch.no_grad()
    def update(self) -> None:
        """After a step of the optimizer."""
        self.steps += 1
        decay = min(self.decay, (1 + self.steps) / (10 + self.steps))
        torch._foreach_lerp_(self._means, self._own, 1 - decay)

    @torch.no_grad()
    def swap(self) -> None:
        """Put the means into the module and keep its own weights, or put these back."""
        own: list[Tensor] = [tensor.clone() for tensor in self._own]
        torch._foreach_copy_(self._own, self._means)
        torch._foreach_copy_(self._means, own)
        self.inside = not self.inside

    def state_dict(self) -> dict[str, Tensor]:
        """What is not in the module: the means, or its own weights while these are `inside`."""
        return {str(number): tensor for number, tensor in enumerate(self._means)}

    @torch.no_grad()
    def load_state_dict(self, state: Mapping[str, Tensor], steps: int, inside: bool) -> None:
        torch._foreach_copy_(self._means, [state[str(number)] for number in range(len(self._means))])
        self.steps, self.inside = steps, inside
