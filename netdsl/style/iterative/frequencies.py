"""A picture as numbers among which the coarse things count for more, so that an optimizer moves them farther."""

import torch
from torch import Tensor


class Frequencies:
    """The picture is its numbers with each frequency times `frequency ** -exponent`, as round as that makes it.

    A step of steepest descent changes every pixel alike, but a natural picture has most of its contrast in what is
    large, in proportion to 1 / frequency (Field 1987), and so has what it lacks of another style. L-BFGS, which begins
    with steepest descent and learns the rest from its last steps, needs many of them to find that out.
    Source: Olah, Mordvintsev and Schubert 2017, doi:10.23915/distill.00007, preconditioning by decorrelation.
    """

    def __init__(self, height: int, width: int, exponent: float, device: torch.device | str = "cpu") -> None:
        """Pixels. The factors' mean square is 1, so noise keeps its size."""
        down = torch.fft.fftfreq(height, device=device)[:, None]
        across = torch.fft.rfftfreq(width, device=device)
        lowest = 1 / max(height, width)  # the mean colour, of frequency 0, counts as the lowest that there is
        factors = (down.square() + across.square()).sqrt().clamp(min=lowest) ** -exponent
        self._size = height, width
        self._factors = factors / factors.square().mean().sqrt()

    def picture(self, numbers: Tensor) -> Tensor:
        """... x height x width; gradients pass."""
        return self._times(numbers, self._factors)

    def numbers(self, picture: Tensor) -> Tensor:
        """The other way."""
        return self._times(picture, 1 / self._factors)

    def _times(self, values: Tensor, factors: Tensor) -> Tensor:
        found: Tensor = torch.fft.irfft2(torch.fft.rfft2(values) * factors, s=self._size)
        return found
