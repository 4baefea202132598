"""Less flicker in a film that a net paints picture by picture: what stands still is mixed with the picture before.

A net sees a little noise as other strokes, so a still wall seems to boil. Where a frame is like the one before, `share`
of the one before stays in it, in what the net is given and in what it gives; where something moves nothing is mixed, so
nothing leaves a trail. Mixed again and again, noise of one frame to the next falls to (1 - share) / (1 + share) of its
variance: a first-order recursive filter.
"""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d

from netdsl.diagnostics import InternalError

STILL = 4.0
"""Of 255: a place that differs by less stands still, by twice as much it moves; between, it is mixed in part.

With 12 a panned photograph was 11 away from the frames painted alone, with 4 it is 2, and flickers as little
(`benchmarks/style_flicker.py`).
"""
AROUND = 9
"""Pixels of a side of the window whose mean difference is a place's: what moves takes its surroundings along."""

Paint = Callable[[Tensor], Tensor]
"""1 x 3 x height x width from 0 to 255, in and out."""


class Smooth:
    """Paints frames in their order. `share`, from 0 to below 1, is what stays of the frame before."""

    def __init__(self, paint: Paint, share: float) -> None:
        if not 0 <= share < 1:
            raise InternalError(f"a share of {share}")
        self.paint, self.share = paint, share
        self._frame: Tensor | None = None
        self._painted: Tensor | None = None

    def __call__(self, frame: Tensor) -> Tensor:
        if not self.share:
            return self.paint(frame)
        if self._frame is None or self._painted is None or self._frame.shape != frame.shape:
            self._frame, self._painted = frame, self.paint(frame)
            return self._painted
        stays = self.share * stillness(frame, self._frame)
        self._frame = torch.lerp(frame, self._frame, stays)
        painted = self.paint(self._frame)
        self._painted = torch.lerp(painted, self._painted, stays.to(painted))
        return self._painted


def stillness(frame: Tensor, before: Tensor) -> Tensor:
    """1 x 1 x height x width: 1 where a frame is like the one before, 0 where it is not.

    What is compared is the mean difference in a window, colours together.
    """
    difference = (frame - before).abs().mean(1, keepdim=True)
    around = avg_pool2d(difference, AROUND, 1, AROUND // 2, count_include_pad=False)
    return (2 - around / STILL).clamp(0, 1)
