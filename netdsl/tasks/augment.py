"""A recipe's augmentations, done to the batches of a run."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from netdsl.data.augment import cutout, flip, pad_crop
from netdsl.recipes.augmentations import Augmentation, Flip, PadCrop

CHANCES = 0x2545F491  # torch's generator on the CPU takes 32 bits of a seed; this keeps the shuffling's seed for itself


class Augmenter:
    """Augmentations one after the other, each image by chances of its own; equal seeds give equal bytes.

    Borders and squares have the colour `fill`, a grey level for each channel.
    """

    def __init__(self, steps: Sequence[Augmentation], fill: Sequence[int], seed: int) -> None:
        self.steps = tuple(steps)
        self.fill = torch.tensor(fill, dtype=torch.uint8).view(1, -1, 1, 1)
        self.chance = torch.Generator().manual_seed(seed ^ CHANCES)

    def __call__(self, images: Tensor) -> Tensor:
        if self.steps:
            self.fill = self.fill.to(images.device)
        for step in self.steps:
            if isinstance(step, Flip):
                images = flip(images, step.p, self.chance)
            elif isinstance(step, PadCrop):
                images = pad_crop(images, step.padding, self.fill, self.chance)
            else:
                images = cutout(images, step.size, self.fill, self.chance)
        return images

    def state_dict(self) -> dict[str, Tensor]:
        return {"chance": self.chance.get_state()}

    def load_state_dict(self, state: Mapping[str, Tensor]) -> None:
        self.chance.set_state(state["chance"])
