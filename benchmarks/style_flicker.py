"""Flicker of a painted film with and without `--smooth`: a still photograph with a camera's noise, and one that moves.

    python benchmarks/style_flicker.py RUN PHOTO [STYLE]

Prints JSON, for each share: how far a painted frame is from the one before, of 255, where nothing moves; and, where the
picture pans by 4 pixels a frame, how far it is from the same frame painted by itself, which is the price.
"""

import json
import sys
from itertools import pairwise
from pathlib import Path

import torch

from netdsl.style.fast.mixture import weights_of
from netdsl.style.fast.opened import open_fast
from netdsl.style.films.flicker import Smooth
from netdsl.style.pictures.sources import as_tensor, read, scaled

SHARES = (0.0, 0.5, 0.7, 0.9)
NOISE = 4.0
"""Standard deviation, of 255: a camera's in a room."""
FRAMES, FIRST = 12, 4
"""Frames, and those before smoothing has settled."""
SIZE, PAN = 320, 4


def main(run: str, photo: str, style: str | None) -> None:
    net = open_fast(Path(run), "cpu")
    weights = weights_of(net.names, {style or net.names[0]: 1.0})
    picture = as_tensor(scaled(read(Path(photo), "RGB"), SIZE))
    random = torch.Generator().manual_seed(0)
    noise = [torch.randn(picture.shape, generator=random) * NOISE for _ in range(FRAMES)]
    still = [(picture + each).clamp(0, 255) for each in noise]
    width = picture.shape[3] - PAN * FRAMES
    moving = [frame[..., PAN * number : PAN * number + width] for number, frame in enumerate(still)]
    alone = [net(frame, weights) for frame in moving]
    rows = {}
    for share in SHARES:
        smooth, panned = (Smooth(lambda x: net(x, weights), share) for _ in range(2))
        made = [smooth(frame) for frame in still][FIRST:]
        flicker = torch.stack([(a - b).abs().mean() for a, b in pairwise(made)]).mean()
        apart = [(panned(frame) - one).abs().mean() for frame, one in zip(moving, alone, strict=True)][FIRST:]
        rows[f"{share}"] = {"flicker": round(float(flicker), 3), "moved": round(float(torch.stack(apart).mean()), 3)}
    print(json.dumps(rows, indent=1))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3] if len(sys.argv) > 3 else None)
