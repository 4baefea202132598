"""A method's optimizer as torch's, and which weights decay."""

from collections.abc import Iterator
from typing import Any

import torch
from torch import nn

from netdsl.modules.condition import ConditionalInstanceNorm
from netdsl.recipes.method import Method
from netdsl.recipes.optimizers import Adadelta, Adagrad, Adam, AdamW, Optimizer, Sgd


def optimizer_for(module: nn.Module, method: Method) -> torch.optim.Optimizer:
    """torch's own, with the decay added to the gradient in each of them but AdamW."""
    if method.decay_norms:
        return _torch_optimizer(list(module.parameters()), method.optimizer, method.weight_decay)
    spared = set(map(id, _spared(module)))
    groups: list[dict[str, Any]] = [
        {"params": [p for p in module.parameters() if id(p) not in spared]},
        {"params": [p for p in module.parameters() if id(p) in spared], "weight_decay": 0.0},
    ]
    return _torch_optimizer([g for g in groups if g["params"]], method.optimizer, method.weight_decay)


def decaying(module: nn.Module, method: Method) -> list[nn.Parameter]:
    """The weights that decay and penalties are for: all, or, with `decay_norms = false`, not norms and biases."""
    spared = set() if method.decay_norms else set(map(id, _spared(module)))
    return [parameter for parameter in module.parameters() if id(parameter) not in spared]


def _torch_optimizer(params: list[Any], kind: Optimizer, decay: float) -> torch.optim.Optimizer:
    common: dict[str, Any] = {"params": params, "lr": kind.lr, "weight_decay": decay}
    match kind:
        case Sgd():
            nesterov = kind.nesterov and kind.momentum > 0
            return torch.optim.SGD(**common, momentum=kind.momentum, nesterov=nesterov)
        case Adam():
            return torch.optim.Adam(**common, betas=(kind.beta1, kind.beta2), eps=kind.eps)
        case AdamW():
            return torch.optim.AdamW(**common, betas=(kind.beta1, kind.beta2), eps=kind.eps)
        case Adagrad():
            return torch.optim.Adagrad(**common, eps=kind.eps)
        case Adadelta():
            return torch.optim.Adadelta(**common, rho=kind.rho, eps=kind.eps)
        case _:
            return torch.optim.RMSprop(**common, alpha=kind.decay, momentum=kind.momentum, eps=kind.eps)


def _spared(module: nn.Module) -> Iterator[nn.Parameter]:
    """Biases, and what has a number a channel: the weights of norms, scales and PReLU.

    A conditional norm has such a row for each style.
    """
    for part in module.modules():
        for name, parameter in part.named_parameters(recurse=False):
            if name == "bias" or parameter.dim() <= 1 or isinstance(part, ConditionalInstanceNorm):
                yield parameter
