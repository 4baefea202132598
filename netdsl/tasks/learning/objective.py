"""What a net is trained for: the loss of its outputs, and the scores that are measured."""

from collections.abc import Mapping, Sequence
from typing import Any

from torch import Tensor, nn

from netdsl.data import Batch
from netdsl.ir.network import Network
from netdsl.recipes.losses import BOX, INPUT, LABEL, LOSSES, Loss
from netdsl.recipes.method import Method
from netdsl.record import Record, record
from netdsl.tasks.learning.boxes import shares
from netdsl.tasks.learning.losses import OF_LOGARITHMS, classification_loss, difference

EVAL_BATCH = 250  # images; what fits the caches of a small machine
MAIN = ""
"""Stands for the main output among the names of heads."""


@record
class Output(Record):
    """One output of a net with what it is trained for. `softmax`: the net's own, which the module leaves out."""

    name: str
    loss: Loss
    target: str
    weight: float
    softmax: bool


def outputs_of(network: Network | None, method: Method) -> tuple[Output, ...]:
    """The main output, unless the net ends in heads, and then the heads; a module without a network is all main."""
    if network is None:
        return (Output(MAIN, method.loss, method.target, 1, False),)
    softmax = {i for i, node in enumerate(network.nodes) if node.layer.name == "softmax"}
    main = Output(MAIN, method.loss, method.target, 1, network.output_node in softmax)
    heads = (
        Output(name, LOSSES[head.loss](), head.target, head.weight, head.node in softmax)
        for name, head in network.heads.items()
    )
    return (*(() if network.final_heads else (main,)), *heads)


class Objective:
    """The loss of a batch: each output's by its weight, which is 1 for the main one."""

    at_once = EVAL_BATCH
    """Images that are measured in one batch."""

    def __init__(self, module: nn.Module, method: Method) -> None:
        network: Network | None = getattr(module, "meta", {}).get("network")
        self.outputs = outputs_of(network, method)
        self.final = () if network is None else network.final_heads
        self.conditioned = network is not None and bool(network.conditions)
        self.smoothing = method.label_smoothing
        measured = [output for output in self.outputs if output.name in (self.final or (MAIN,))]
        self.classifies = next((output.name for output in measured if output.target == LABEL), None)
        """The output whose wrong answers are counted; None: no output in evaluation mode gives classes."""
        self.finds = next((output.name for output in measured if output.target == BOX), None)
        """The output whose boxes are measured."""

    @property
    def is_cross_entropy(self) -> bool:
        """Is the loss of what the net gives in evaluation that of one softmax of classes, and nothing else?"""
        measured = [output for output in self.outputs if output.name in (self.final or (MAIN,))]
        return len(measured) == 1 and isinstance(measured[0].loss, OF_LOGARITHMS)

    def __call__(self, output: Any, x: Tensor, batch: Batch) -> Tensor:
        """The loss to go down; `x` is the normalized images that gave the output."""
        return self._loss(output, x, batch, self.smoothing)

    def memory(self, images: int, size: Sequence[int]) -> int:
        """Bytes that a step on so many images of this height and width holds beside what the net itself does."""
        return 0

    def conditions(self, batch: Batch) -> tuple[Tensor, ...]:
        """What goes into the net behind the images: a net with a condition takes each image's label."""
        return (batch.labels,) if self.conditioned else ()

    def plain(self, output: Any, x: Tensor, batch: Batch) -> Tensor:
        """The loss of images that a net is not trained on: targets are not smoothed."""
        return self._loss(output, x, batch, 0)

    def named(self, output: Any) -> Mapping[str, Tensor]:
        """What a module gives, by the names of its outputs."""
        if isinstance(output, tuple):
            return {MAIN: output[0], **output[1]}
        return output if isinstance(output, dict) else {MAIN: output}

    def scores(self, output: Any) -> Tensor:
        """Those of the classes. There must be some."""
        assert self.classifies is not None
        return self.named(output)[self.classifies]

    def wrong(self, output: Any, labels: Tensor) -> Tensor:
        """How many images' highest score is not their label's; 0 where nothing gives classes."""
        if self.classifies is None:
            return labels.new_zeros(())
        return (self.scores(output).detach().argmax(1) != labels).sum()

    def _loss(self, output: Any, x: Tensor, batch: Batch, smoothing: float) -> Tensor:
        """Of the outputs that are there: in evaluation mode heads that are not at the net's end are not."""
        given = self.named(output)
        there = [output for output in self.outputs if output.name in given]
        losses = [output.weight * _compared(output, given[output.name], x, batch, smoothing) for output in there]
        return sum(losses[1:], losses[0])


def _compared(output: Output, y: Tensor, x: Tensor, batch: Batch, smoothing: float) -> Tensor:
    """The loss of one output `y`."""
    if output.softmax and not isinstance(output.loss, OF_LOGARITHMS):
        y = y.softmax(1)
    if output.target == INPUT:
        return difference(output.loss, y, x)
    if output.target == BOX:
        assert batch.boxes is not None
        return difference(output.loss, y, shares(batch.boxes, batch.images))
    loss = classification_loss(output.loss, y, batch.labels, smoothing)
    if batch.partners is not None and batch.share is not None:  # mixed images: Zhang et al., arXiv:1710.09412, eq. 2
        other = classification_loss(output.loss, y, batch.partners, smoothing)
        loss = batch.share * loss + (1 - batch.share) * other
    return loss
