"""A method's optimizer as torch's: which weights are trained, which decay, and how fast each of them goes."""

from collections.abc import Iterator
from typing import Any

import torch
from torch import nn

from netdsl.modules.condition import ConditionalInstanceNorm
from netdsl.recipes.method import Method
from netdsl.recipes.optimizers import Adadelta, Adagrad, Adam, AdamW, Optimizer, Sgd
from netdsl.tasks.learning.parts import lr_factors

SCALE = "scale"


def optimizer_for(module: nn.Module, method: Method) -> torch.optim.Optimizer:
    """torch's own, with the decay added to the gradient (AdamW's is not), over the weights that have gradients.

    A group's `scale` is its part of the common learning rate, for `set_lr`.
    """
    spared = frozenset[nn.Parameter]() if method.decay_norms else frozenset(_spared(module))
    groups: dict[tuple[float, bool], list[nn.Parameter]] = {}
    for parameter, factor in lr_factors(module, method).items():
        if parameter.requires_grad:
            groups.setdefault((factor, parameter in spared), []).append(parameter)
    listed = [
        {"params": params, "weight_decay": 0.0 if sparing else method.weight_decay, SCALE: factor}
        for (factor, sparing), params in groups.items()
    ]
    made = _torch_optimizer(listed, method.optimizer, method.weight_decay)
    set_lr(made, method.optimizer.lr)
    return made


def set_lr(optimizer: torch.optim.Optimizer, lr: float) -> None:
    """The common learning rate, and of it each group's part."""
    for group in optimizer.param_groups:
        group["lr"] = lr * group[SCALE]


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
