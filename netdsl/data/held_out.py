"""Images held out of a training set: drawn class by class, always the same ones of the same labels."""

import torch
from torch import Tensor

SEED = 0  # not the run's: runs with other seeds, and what is made of them, must not have trained on these images


def hold_out(labels: Tensor, each: int | float) -> tuple[Tensor, Tensor]:
    """Places of the images that stay and of those that are held out, each rising.

    `each` is how many of a class are held out, or the share of each class, rounded to whole images.
    """
    chance = torch.Generator().manual_seed(SEED)
    held = torch.zeros(len(labels), dtype=torch.bool)
    for label in labels.bincount().nonzero()[:, 0].tolist():
        places = (labels == label).nonzero()[:, 0]
        count = each if isinstance(each, int) else int(each * len(places) + 0.5)
        held[places[torch.randperm(len(places), generator=chance)[:count]]] = True
    return (~held).nonzero()[:, 0], held.nonzero()[:, 0]
