"""How a net does on images it is not trained on."""

import torch
from torch import Tensor, nn

from netdsl.data import Batch, Normalization
from netdsl.recipes.method import Method
from netdsl.tasks.engine.engine import Engine
from netdsl.tasks.engine.world import ALONE, World
from netdsl.tasks.learning.boxes import overlap, shares
from netdsl.tasks.learning.objective import Objective
from netdsl.tasks.runs.metrics import Score


def measure(
    module: nn.Module,
    images: Tensor,
    labels: Tensor,
    normalization: Normalization,
    engine: Engine | None = None,
    objective: Objective | None = None,
    boxes: Tensor | None = None,
    world: World = ALONE,
) -> Score:
    """Mean loss, wrong answers and mean overlap of boxes over all images, which are where the module is.

    The loss is that of the outputs in evaluation mode, targets not smoothed; without an objective the cross-entropy.
    Each process does a part of the images.
    """
    engine = engine or Engine(images.device)
    objective = objective or Objective(module, Method())
    module.eval()
    totals = torch.zeros(3, dtype=torch.float64, device=images.device)
    own = Batch(images, labels, boxes)[world.share(len(images))]
    with torch.inference_mode(), engine.precision():
        for start in range(0, len(own), objective.at_once):
            batch = own[start : start + objective.at_once]
            x = engine.images(normalization(batch.images))
            given = {name: y.float() for name, y in objective.named(module(x, *objective.conditions(batch))).items()}
            loss, wrong = objective.plain(given, x, batch), objective.wrong(given, batch.labels)
            overlaps = torch.zeros_like(loss)
            if objective.finds is not None and batch.boxes is not None:
                overlaps = overlap(given[objective.finds], shares(batch.boxes, batch.images)).sum()
            totals += torch.stack([loss.double() * len(batch), wrong, overlaps])
    of_all, wrong_of_all, overlap_of_all = world.sum(totals).tolist()
    return Score(
        images=len(images),
        wrong=None if objective.classifies is None else int(wrong_of_all),
        loss=of_all / len(images),
        mean_iou=None if objective.finds is None else overlap_of_all / len(images),
    )
