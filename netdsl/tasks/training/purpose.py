"""What a net is trained for where the data's labels do not say it: another package brings it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from torch import nn

from netdsl.data import Batch, Normalization
from netdsl.ir.network import Recipe
from netdsl.recipes.method import Method
from netdsl.tasks.engine.engine import Engine
from netdsl.tasks.learning.objective import Objective
from netdsl.tasks.runs.run_folder import RunFolder


class UnderWay(Protocol):
    """What a training shows of itself."""

    @property
    def module(self) -> nn.Module: ...
    @property
    def engine(self) -> Engine: ...
    @property
    def normalization(self) -> Normalization: ...
    @property
    def objective(self) -> Objective: ...
    @property
    def test(self) -> Batch: ...
    @property
    def complete(self) -> bool: ...
    def train_mode(self) -> None: ...


def _labels(module: nn.Module, method: Method, engine: Engine) -> Objective:
    return Objective(module, method)


def _nothing(*given: object) -> None: ...


@dataclass(frozen=True, slots=True)
class Purpose:
    """The defaults are those of labels, images and boxes."""

    objective: Callable[[nn.Module, Method, Engine], Objective] = _labels
    recipe: Recipe | None = None
    """What the net's own recipe leaves out."""
    begin: Callable[[Any], None] = _nothing
    """Sets weights that the method's initialization leaves alone, or takes the gradients from some of them."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """Of its own, for config.yaml."""
    begun: Callable[[RunFolder], None] = _nothing
    """Writes what the run needs of its own, before config.yaml."""
    saved: Callable[[RunFolder, UnderWay], None] = _nothing
    """Is told when the state of the run has been written: shows what the net has come to."""


LABELS = Purpose()
