"""How a net does on images it is not trained on."""

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from netdsl.data import Normalization, batches
from netdsl.tasks.engine import Engine
from netdsl.tasks.metrics import Score
from netdsl.tasks.objective import scores_of

EVAL_BATCH = 250  # images; what fits the caches of a small machine


def measure(
    module: nn.Module, images: Tensor, labels: Tensor, normalization: Normalization, engine: Engine | None = None
) -> Score:
    """Mean cross-entropy and wrong answers over all images, which are where the module is."""
    engine = engine or Engine(images.device)
    module.eval()
    loss = torch.zeros((), dtype=torch.float64, device=images.device)
    wrong = torch.zeros((), dtype=torch.int64, device=images.device)
    with torch.inference_mode(), engine.precision():
        for x, y in batches(images, labels, EVAL_BATCH):
            scores = scores_of(module(engine.images(normalization(x)))).float()
            loss += cross_entropy(scores, y, reduction="sum")
            wrong += (scores.argmax(1) != y).sum()
    return Score(len(images), int(wrong.item()), loss.item() / len(images))
