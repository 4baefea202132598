"""A recipe's augmentations, done to the batches of a run."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from netdsl.data import Batch, Dataset, Normalization
from netdsl.data.augment import (
    colour_directions,
    colour_jitter,
    crop,
    cutout,
    flip,
    mixup,
    pad_crop,
    pca_noise,
    scale_jitter,
)
from netdsl.recipes.augmentations import (
    Augmentation,
    ColourJitter,
    Crop,
    Cutout,
    Flip,
    Mixup,
    PadCrop,
    PcaNoise,
    ScaleJitter,
)
from netdsl.recipes.method import Method

CHANCES = 0x2545F491  # torch's generator on the CPU takes 32 bits of a seed; this keeps the shuffling's seed for itself


class Augmenter:
    """Augmentations one after the other, each image by chances of its own; equal seeds give equal bytes.

    Borders and squares have the colour `fill`, a grey level for each channel. Windows have the height and width `size`;
    None: those of the images. `directions` are the training images' main colours, which `pca_noise` needs. Where there
    are `labels`, each image of a batch gets one of them by chance.
    """

    def __init__(
        self,
        steps: Sequence[Augmentation],
        fill: Sequence[int],
        seed: int,
        size: Sequence[int] | None = None,
        directions: Tensor | None = None,
        labels: Sequence[int] = (),
    ) -> None:
        self.steps = tuple(step for step in steps if not isinstance(step, Mixup))
        self.mixup = next((step for step in steps if isinstance(step, Mixup)), None)
        self.fill = torch.tensor(fill, dtype=torch.uint8).view(1, -1, 1, 1)
        self.size, self.directions = size, directions
        self.labels = torch.tensor(labels, dtype=torch.int64)
        self.chance = torch.Generator().manual_seed(seed ^ CHANCES)

    @classmethod
    def of(cls, method: Method, data: Dataset, normalization: Normalization) -> "Augmenter":
        """A recipe's, for the images of a data set."""
        noise = any(isinstance(step, PcaNoise) for step in method.augment)
        directions = colour_directions(data.train_images) if noise else None
        size, labels = data.image.size, data.drawn_labels
        return cls(method.augment, normalization.zero, method.seed, size, directions, labels)

    def __call__(self, images: Tensor) -> Tensor:
        """The images, none of them mixed."""
        if self.steps:
            self.fill = self.fill.to(images.device)
        for step in self.steps:
            images = self._one(step, images)
        return images

    def batch(self, batch: Batch) -> Batch:
        """A batch's images, mixed where the recipe says so: then it has the partners' labels as well.

        All of a batch are mixed in the same shares, as in the authors' code.
        """
        images = self(batch.images)
        if len(self.labels) > 1:
            places = torch.randint(len(self.labels), (len(images),), generator=self.chance)
            batch = replace(batch, labels=self.labels[places].to(images.device))
        if self.mixup is None:
            return replace(batch, images=images)
        partners = torch.randperm(len(images), generator=self.chance).to(images.device)
        share = self._beta(self.mixup.alpha)
        return replace(
            batch,
            images=mixup(images, share, partners),
            partners=batch.labels.index_select(0, partners),
            share=torch.tensor(share, device=images.device),
        )

    def _one(self, step: Augmentation, images: Tensor) -> Tensor:
        size = self.size or images.shape[2:]
        match step:
            case PadCrop():
                return pad_crop(images, step.padding, self.fill, self.chance)
            case Flip():
                return flip(images, step.p, self.chance)
            case Cutout():
                return cutout(images, step.size, self.fill, self.chance)
            case Crop():
                return crop(images, size, self.chance)
            case ScaleJitter():
                return scale_jitter(images, step.min, step.max, size, self.chance)
            case ColourJitter():
                return colour_jitter(images, (step.brightness, step.contrast, step.saturation), self.chance)
            case PcaNoise():
                assert self.directions is not None
                self.directions = self.directions.to(images.device)
                return pca_noise(images, self.directions, step.std, self.chance)
        raise TypeError(f"{step} is nothing that is done to single images")

    def _beta(self, alpha: float) -> float:
        """From Beta(alpha, alpha). torch draws from it by its own generator only, so this one seeds numpy's."""
        seed = int(torch.randint(2**62, (), generator=self.chance))
        return float(np.random.default_rng(seed).beta(alpha, alpha))

    def state_dict(self) -> dict[str, Tensor]:
        return {"chance": self.chance.get_state()}

    def load_state_dict(self, state: Mapping[str, Tensor]) -> None:
        self.chance.set_state(state["chance"])
