"""Input of a training step: images a second of netdsl's batches of bytes against a DataLoader, image by image.

Both pad by 4, crop, flip and normalize CIFAR's shape of images, shuffled, in batches of 128. The other side is what
people write: PIL for the crop and the flip, numpy for the normalization, torch's DataLoader with two workers, which are
alive when the clock starts; ours has one thread. The two take turns, and figures are images a second by the clock,
since workers are processes of their own: the machine should be otherwise idle. With two threads of torch's and somebody
else's work on two cores, ours mostly waits: a thread that is late holds up the other in each of many small steps.
With `--child` it measures; without it, it runs itself so, since measure.py keeps torch out of its own process.
"""

import json
import sys
import time
from collections.abc import Iterator
from statistics import median
from typing import TYPE_CHECKING, Any

from measure import Figure, run, script, show

if TYPE_CHECKING:
    from torch import Tensor

IMAGES, BATCH, PADDING, WORKERS = 50_000, 128, 4, 2
ROUNDS = 7
TURN = 40  # batches of the loader in a turn, so many times more of ours
OURS = 5
LEAST = 4.5


def figures() -> list[Figure]:
    found = json.loads(run(script("input_pipeline.py", "--child")).output)
    ours, theirs, share = found["ours"], found["theirs"], found["share"]
    return [
        Figure(
            f"pad, crop, flip, normalize: images a second against PIL in a DataLoader of {WORKERS} workers",
            f"at least {LEAST} times",
            f"{share:.1f} times: {ours:,.0f} against {theirs:,.0f}",
            share >= LEAST,
        )
    ]


class OneByOne:
    """A torch data set of pairs, each image made when it is asked for."""

    def __init__(self, images: "Tensor", labels: "Tensor", mean: Any, std: Any) -> None:
        import numpy as np

        self.images = images.permute(0, 2, 3, 1).contiguous().numpy()
        self.labels = labels.tolist()
        self.mean, self.std = (np.array(values, np.float32) for values in (mean, std))

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, index: int) -> tuple["Tensor", int]:
        import random

        import numpy as np
        import torch
        from PIL import Image, ImageOps

        picture = ImageOps.expand(Image.fromarray(self.images[index]), PADDING)
        left, top = random.randint(0, 2 * PADDING), random.randint(0, 2 * PADDING)
        picture = picture.crop((left, top, left + 32, top + 32))
        if random.random() < 0.5:
            picture = ImageOps.mirror(picture)
        pixels = (np.asarray(picture, np.float32) - self.mean) / self.std
        return torch.from_numpy(np.ascontiguousarray(pixels.transpose(2, 0, 1))), self.labels[index]


def measure() -> dict[str, float]:
    import torch
    from torch.utils.data import DataLoader

    from netdsl.data import Batch, Normalization, shuffled
    from netdsl.recipes.augmentations import Flip, PadCrop
    from netdsl.tasks.learning.augment import Augmenter

    torch.set_num_threads(1)
    generator = torch.Generator().manual_seed(0)
    images = torch.randint(0, 256, (IMAGES, 3, 32, 32), generator=generator).byte()
    labels = torch.randint(0, 10, (IMAGES,), generator=generator)
    normalization = Normalization.of(images)
    augment = Augmenter([PadCrop(PADDING), Flip()], normalization.zero, seed=0)

    def ours() -> Iterator[tuple[Any, Any]]:
        while True:
            for batch in shuffled(Batch(images, labels), BATCH, generator):
                yield normalization(augment(batch.images)), batch.labels

    def theirs() -> Iterator[tuple[Any, Any]]:
        one_by_one: Any = OneByOne(images, labels, normalization.mean, normalization.std)
        loader = DataLoader(one_by_one, BATCH, shuffle=True, num_workers=WORKERS, persistent_workers=True)
        while True:
            yield from loader

    sides = [(ours(), OURS * TURN), (theirs(), TURN)]
    speeds: list[list[float]] = []
    for _ in range(ROUNDS + 1):
        turn = []
        for side, count in sides:
            for _ in range(4 * WORKERS):  # what the workers had ready, made while the other side ran, does not count
                next(side)
            start = time.perf_counter()
            seen = sum(len(next(side)[1]) for _ in range(count))
            turn.append(seen / (time.perf_counter() - start))
        speeds.append(turn)
    kept = speeds[1:]
    return {
        "ours": median(turn[0] for turn in kept),
        "theirs": median(turn[1] for turn in kept),
        "share": median(turn[0] / turn[1] for turn in kept),
    }


if __name__ == "__main__":
    if "--child" in sys.argv:
        print(json.dumps(measure()))
    else:
        show(figures)
