"""The optimizers by their words in a recipe, with what each takes. The learning rate is for a batch's mean loss."""

from collections.abc import Mapping

from netdsl.recipes.arguments import argument, below_one, positive
from netdsl.record import Record, record


@record
class Sgd(Record):
    """Gradient descent on batches, with momentum in torch's form: v = momentum * v + g, then w -= lr * v."""

    lr: float = positive(0.02)
    momentum: float = below_one(0.9)
    nesterov: bool = argument(True)


@record
class Adam(Record):
    """Steps by mean gradients over the roots of mean squares. Source: Kingma & Ba, arXiv:1412.6980, algorithm 1"""

    lr: float = positive(1e-3)
    beta1: float = below_one(0.9)
    beta2: float = below_one(0.999)
    eps: float = positive(1e-8)


@record
class AdamW(Record):
    """Adam, with the weight decay taken from the weights and not added to the gradient, times the learning rate.

    Source: Loshchilov & Hutter, arXiv:1711.05101, algorithm 2
    """

    lr: float = positive(1e-3)
    beta1: float = below_one(0.9)
    beta2: float = below_one(0.999)
    eps: float = positive(1e-8)


@record
class Adagrad(Record):
    """A rate for each weight, lower the more gradient it has had. Source: Duchi et al., JMLR 12 (2011)"""

    lr: float = positive(0.01)
    eps: float = positive(1e-10)


@record
class Adadelta(Record):
    """Adagrad over a moving window, in the weights' own unit. Source: Zeiler, arXiv:1212.5701, algorithm 1"""

    lr: float = positive(1.0)
    rho: float = below_one(0.9)
    eps: float = positive(1e-6)


@record
class RmsProp(Record):
    """Gradients over the root of their mean square; momentum after that. The defaults are those of Inception v2 and v3.

    `decay` is torch's alpha. torch adds `eps` to the root, TensorFlow to what is under it.
    Source: Szegedy et al., arXiv:1512.00567, section 8
    """

    lr: float = positive(0.045)
    decay: float = below_one(0.9)
    momentum: float = below_one(0.9)
    eps: float = positive(1.0)


Optimizer = Sgd | Adam | AdamW | Adagrad | Adadelta | RmsProp
OPTIMIZERS: Mapping[str, type[Optimizer]] = {
    "sgd": Sgd,
    "adam": Adam,
    "adamw": AdamW,
    "adagrad": Adagrad,
    "adadelta": Adadelta,
    "rmsprop": RmsProp,
}
