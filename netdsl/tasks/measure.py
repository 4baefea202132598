"""How a net does on images it is not trained on."""

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from netdsl.data import Normalization, batches
from netdsl.tasks.engine import Engine
from netdsl.tasks.metrics import Score
from netdsl.tasks.objective import scores_of
from netdsl.tasks.world import ALONE, World

EVAL_BATCH = 250  # images; what fits the caches of a small machine


def measure(
    module: nn.Module,
    images: Tensor,
    labels: Tensor,
    normalization: Normalization,
    engine: Engine | None = None,
    world: World = ALONE,
) -> Score:
    """Mean cross-entropy and wrong answers over all images, which are where the module is; each process does a part."""
    engine = engine or Engine(images.device)
    module.eval()
    totals = torch.zeros(2, dtype=torch.float64, device=images.device)
    own = world.share(len(images))
    with torch.inference_mode(), engine.precision():
        for x, y in batches(images[own], labels[own], EVAL_BATCH):
            scores = scores_of(module(engine.images(normalization(x)))).float()
            totals += torch.stack([cross_entropy(scores, y, reduction="sum"), (scores.argmax(1) != y).sum()])
    loss, wrong = world.sum(totals).tolist()
    return Score(len(images), int(wrong), loss / len(images))
