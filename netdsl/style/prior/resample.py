"""Reducing a picture by a whole number, as a linear map that gradients pass, and back."""

import torch
from torch import Tensor

LOBES = 2
"""Of the Lanczos kernel, on each side of its middle: Lanczos2, as Ulyanov et al. 2017 have it. Pillow's has 3."""


def lanczos(x: Tensor, lobes: int) -> Tensor:
    """The kernel at places x, in output pixels: sinc(x) sinc(x / lobes) where |x| < lobes, else 0."""
    return torch.where(x.abs() < lobes, torch.sinc(x) * torch.sinc(x / lobes), torch.zeros_like(x))


def reducing(pixels: int, factor: int, lobes: int = LOBES) -> Tensor:
    """The matrix (pixels / factor) x pixels that reduces a row of so many pixels; float32, each row's sum 1.

    An output pixel lies in the middle of the `factor` pixels that it stands for. At the ends the part of the kernel
    that lies outside is left out.
    """
    small = pixels // factor
    if small * factor != pixels:
        raise ValueError(f"{pixels} pixels are no multiple of {factor}")
    places = torch.arange(pixels, dtype=torch.float64) + 0.5
    middles = (torch.arange(small, dtype=torch.float64) + 0.5) * factor
    weights = lanczos((places - middles[:, None]) / factor, lobes)
    return (weights / weights.sum(1, keepdim=True)).float()


class Reduce:
    """Pictures N x C x H x W to N x C x H/factor x W/factor; H and W are multiples of `factor`."""

    def __init__(self, height: int, width: int, factor: int, device: torch.device, lobes: int = LOBES) -> None:
        rows, columns = reducing(height, factor, lobes), reducing(width, factor, lobes)
        self._rows, self._columns = rows.to(device), columns.to(device).T.contiguous()
        self._back = _inverse(rows).to(device), _inverse(columns).to(device).T.contiguous()

    def __call__(self, picture: Tensor) -> Tensor:
        return self._rows @ picture @ self._columns

    def nearest(self, picture: Tensor, reduced: Tensor) -> Tensor:
        """Of all pictures that become `reduced`, the one with the least squared distance from `picture`.

        The limit of back-projection, Irani and Peleg 1991, doi:10.1016/1049-9652(91)90045-L.
        """
        down, across = self._back
        return picture + down @ (reduced - self(picture)) @ across


def _inverse(reducing: Tensor) -> Tensor:
    """Pixels x (pixels / factor): the pseudoinverse of a matrix whose rows are independent."""
    exact = reducing.double()
    inverse: Tensor = torch.linalg.solve(exact @ exact.T, exact).T
    return inverse.float()
