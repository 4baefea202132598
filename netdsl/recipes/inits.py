"""The ways to draw the first weights, by their words in a recipe, with what each takes."""

from collections.abc import Mapping
from typing import Any

from netdsl.recipes.arguments import argument, positive, word
from netdsl.record import Record, record

NORMAL, UNIFORM = "normal", "uniform"
IN, OUT = "in", "out"


def _distribution(name: str, value: Any) -> str:
    return word(name, value, (NORMAL, UNIFORM))


def _fan(name: str, value: Any) -> str:
    return word(name, value, (IN, OUT))


@record
class He(Record):
    """Variance 2 / fan, for layers with ReLU: of the inputs, or of what the gradient comes from.

    Source: He et al., arXiv:1502.01852, equations 10 and 14
    """

    distribution: str = argument(NORMAL, _distribution)
    fan: str = argument(IN, _fan)


@record
class Glorot(Record):
    """Variance 2 / (fan in + fan out). Source: Glorot & Bengio, AISTATS 2010, equations 12 and 16"""

    distribution: str = argument(UNIFORM, _distribution)


@record
class Gaussian(Record):
    """A normal distribution of one deviation in all layers."""

    std: float = positive(0.05)


@record
class Lsuv(Record):
    """Orthonormal rows, then layer by layer scaled to an output of variance 1.

    Source: Mishkin & Matas, arXiv:1511.06422, algorithm 1
    """


@record
class Torch(Record):
    """As torch's layers do by themselves."""


Init = He | Glorot | Gaussian | Lsuv | Torch
INITS: Mapping[str, type[Init]] = {"he": He, "glorot": Glorot, "gaussian": Gaussian, "lsuv": Lsuv, "torch": Torch}
