"""How a net does on images it is not trained on."""

import torch
from torch import Tensor, nn

from netdsl.data import Batch, Normalization
from netdsl.recipes.method import Method
from netdsl.tasks.boxes import overlap, shares
from netdsl.tasks.engine import Engine
from netdsl.tasks.metrics import Score
from netdsl.tasks.objective import Objective

EVAL_BATCH = 250  # images; what fits the caches of a small machine


def measure(
    module: nn.Module,
    images: Tensor,
    labels: Tensor,
    normalization: Normalization,
    engine: Engine | None = None,
    objective: Objective | None = None,
    boxes: Tensor | None = None,
) -> Score:
    """Mean loss, wrong answers and mean overlap of boxes over all images, which are where the module is.

    The loss is that of the outputs in evaluation mode, targets not smoothed; without an objective the cross-entropy.
    """
    engine = engine or Engine(images.device)
    objective = objective or Objective(module, Method())
    module.eval()
    loss, overlaps = torch.zeros(2, dtype=torch.float64, device=images.device)
    wrong = torch.zeros((), dtype=torch.int64, device=images.device)
    with torch.inference_mode(), engine.precision():
        for start in range(0, len(images), EVAL_BATCH):
            some = slice(start, start + EVAL_BATCH)
            batch = Batch(images[some], labels[some], None if boxes is None else boxes[some])
            x = engine.images(normalization(batch.images))
            given = {name: y.float() for name, y in objective.named(module(x)).items()}
            loss += objective.plain(given, x, batch) * len(batch)
            wrong += objective.wrong(given, batch.labels)
            if objective.finds is not None and batch.boxes is not None:
                overlaps += overlap(given[objective.finds], shares(batch.boxes, batch.images)).sum()
    return Score(
        images=len(images),
        wrong=None if objective.classifies is None else int(wrong.item()),
        loss=loss.item() / len(images),
        mean_iou=None if objective.finds is None else overlaps.item() / len(images),
    )
