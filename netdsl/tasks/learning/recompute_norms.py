"""Batch norm's mean and variance over a whole training set, in place of the running ones of the last batches."""

from collections import Counter
from collections.abc import Collection
from typing import Any

import torch
from torch import Tensor, nn

from netdsl.data import Normalization
from netdsl.tasks.engine.engine import Engine
from netdsl.tasks.learning.objective import EVAL_BATCH

_Norm = nn.modules.batchnorm._BatchNorm


class _ReachedError(BaseException):
    """The layer has been asked; what comes behind it need not run."""


def recompute_norms(
    module: nn.Module,
    images: Tensor,
    normalization: Normalization,
    engine: Engine,
    frozen: Collection[nn.Module] = (),
) -> None:
    """Gives each batch norm the mean and variance of its input over all images, as if they had been one batch.

    Layer after layer in the order in which they run, since each one's input depends on those before; so there are as
    many passes over the images as norms, each up to its norm. The rest is as in evaluation: no dropout, no
    augmentation. The variance is the unbiased one, as in torch's running statistics. What is `frozen` keeps
    what it has.
    """
    trained = module.training
    try:
        module.eval()
        module.training = True  # of the net alone, which gives its heads then; not of the layers
        with torch.no_grad(), engine.precision():
            for norm, calls in _norms(module, engine.images(normalization(images[:1])), frozen).items():
                _set(norm, _statistics(module, norm, calls, images, normalization, engine))
    finally:
        module.train(trained)


def _norms(module: nn.Module, x: Tensor, frozen: Collection[nn.Module]) -> Counter[_Norm]:
    """The norms that take part in training, in the order in which they run, and how often each does."""
    found: Counter[_Norm] = Counter()

    def count(norm: nn.Module, inputs: Any) -> None:
        assert isinstance(norm, _Norm)
        found[norm] += 1

    norms = [part for part in module.modules() if isinstance(part, _Norm) and part.running_mean is not None]
    hooks = [norm.register_forward_pre_hook(count) for norm in norms if norm not in frozen]
    try:
        module(x)
    finally:
        for hook in hooks:
            hook.remove()
    return found


def _statistics(
    module: nn.Module, norm: _Norm, calls: int, images: Tensor, normalization: Normalization, engine: Engine
) -> tuple[Tensor, Tensor, int]:
    """Mean and mean square deviation of each channel of a norm's input, and over how many numbers."""
    parts: list[tuple[int, Tensor, Tensor]] = []
    begun = 0

    def look(norm: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        x = inputs[0].float()
        variance, mean = torch.var_mean(x, dim=[0, *range(2, x.dim())], unbiased=False)
        parts.append((x.numel() // x.shape[1], mean.double().cpu(), variance.double().cpu()))
        if len(parts) == begun + calls:
            raise _ReachedError

    hook = norm.register_forward_pre_hook(look)
    try:
        for start in range(0, len(images), EVAL_BATCH):
            begun = len(parts)
            try:
                module(engine.images(normalization(images[start : start + EVAL_BATCH])))
            except _ReachedError:
                continue
    finally:
        hook.remove()
    count = sum(n for n, _, _ in parts)
    mean = sum((n * m for n, m, _ in parts), torch.zeros(())) / count
    variance = sum((n * (v + (m - mean) ** 2) for n, m, v in parts), torch.zeros(())) / count
    return mean, variance, count


def _set(norm: _Norm, found: tuple[Tensor, Tensor, int]) -> None:
    mean, variance, count = found
    assert norm.running_mean is not None and norm.running_var is not None
    norm.running_mean.copy_(mean)
    norm.running_var.copy_(variance * count / max(1, count - 1))
