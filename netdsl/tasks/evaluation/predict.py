"""What a trained net says of images: the mean probability of each class over the views of an image."""

from math import log
from typing import Protocol

import torch
from torch import Tensor, nn
from torch.nn.functional import log_softmax

from netdsl.data.contrast import Whitening
from netdsl.diagnostics import fail
from netdsl.tasks.engine.engine import Engine
from netdsl.tasks.evaluation.trained import Trained
from netdsl.tasks.evaluation.views import Views
from netdsl.tasks.learning.objective import EVAL_BATCH


class Progress(Protocol):
    def progress(self, what: str, done: int, total: int) -> None:
        """So many images of all."""


def log_probabilities(
    trained: Trained, images: Tensor, views: Views, engine: Engine | None = None, watch: Progress | None = None
) -> Tensor:
    """Logarithms of the mean probabilities, images x classes, float32, where the engine is.

    images: uint8, images x channels x height x width. Errors: NET590 for views that the net or its images do not allow
    """
    engine = engine or trained.engine
    modules: dict[tuple[int, ...], nn.Module] = {}
    found = []
    for start in range(0, len(images), EVAL_BATCH):
        batch = images[start : start + EVAL_BATCH].to(engine.device)
        found.append(_of_batch(trained, batch, views, engine, modules))
        if watch is not None:
            watch.progress(str(trained.run), start + len(batch), len(images))
    return torch.cat(found)


@torch.inference_mode()
def _of_batch(
    trained: Trained, batch: Tensor, views: Views, engine: Engine, modules: dict[tuple[int, ...], nn.Module]
) -> Tensor:
    size, total, count = trained.network.input.size, None, 0
    for view in views.of(batch, size, trained.border, trained.normalization.zero):
        module = _module(trained, tuple(view.shape[2:]), views, engine, modules)
        with engine.precision():
            scores = trained.objective.scores(module(engine.images(trained.normalization(view)))).float()
        logs = log_softmax(scores, 1)
        total = logs if total is None else torch.logaddexp(total, logs)
        count += 1
    assert total is not None
    return total - log(count)


def _module(
    trained: Trained, size: tuple[int, ...], views: Views, engine: Engine, modules: dict[tuple[int, ...], nn.Module]
) -> nn.Module:
    if size not in modules:
        if size != trained.network.input.size and isinstance(trained.normalization, Whitening):
            fail(
                "NET590",
                "whitened images have the size that they were trained with",
                expected="x".join(map(str, trained.network.input.size)),
                found="x".join(map(str, size)),
                note="leave --dense and --scales out, or cut windows of the old size with --crops",
            )
        modules[size] = engine.place(trained.at(size)).eval()
    return modules[size]
