"""A sheet of pictures that a net paints while it is still trained."""

import time

import torch
from PIL import Image
from torch import nn

from netdsl.style.fast.styles import Styles
from netdsl.style.pictures.sheet import sheet
from netdsl.style.pictures.sources import as_picture
from netdsl.tasks.learning.normalize import VGG
from netdsl.tasks.runs.run_folder import RunFolder
from netdsl.tasks.training.purpose import UnderWay

FILE = "preview.png"
PHOTOS, STYLES = 3, 8
"""At most so many photographs, each in so many styles."""
SECONDS = 60.0
"""Between two sheets, but behind the last epoch."""


class Preview:
    """Draws `preview.png`: held-out photographs, a row each, in the styles of the net, the newest first."""

    def __init__(self, styles: Styles) -> None:
        numbers = range(len(styles.names) - styles.new, len(styles.names)) if styles.new else range(len(styles.names))
        self.numbers = list(numbers)[:STYLES]
        self.names = [styles.names[number] for number in self.numbers]
        self._drawn: float | None = None

    def __call__(self, folder: RunFolder, training: UnderWay) -> None:
        now = time.monotonic()
        if self._drawn is not None and now - self._drawn < SECONDS and not training.complete:
            return
        photographs = training.test.images[:PHOTOS]
        module = training.module
        was_training = module.training
        module.eval()
        rows = [self._painted(training, module, photograph[None]) for photograph in photographs]
        if was_training:
            training.train_mode()
        pictures = [picture for row in rows for picture in row]
        captions = ["photograph", *self.names] * len(rows)
        with folder.writing(FILE) as beside:
            sheet(pictures, captions, 1 + len(self.numbers)).save(beside, "PNG")
        self._drawn = time.monotonic()

    def _painted(self, training: UnderWay, module: nn.Module, photograph: torch.Tensor) -> list[Image.Image]:
        mean = torch.tensor(VGG.mean, device=photograph.device).view(1, -1, 1, 1)
        found = [as_picture(photograph)]
        with torch.no_grad(), training.engine.precision():
            x = training.engine.images(training.normalization(photograph))
            for number in self.numbers:
                styles = torch.tensor([number], device=x.device)
                y = module(x, styles) if training.objective.conditioned else module(x)
                found.append(as_picture(y.float() + mean))
        return found
