"""Random changes of training images: whole batches of bytes at once, on the device where they are.

`fill` is the colour of what is not there, 1 x channels x 1 x 1; `chance` draws on the CPU, the same for every device.
"""

from collections.abc import Sequence

import torch
from torch import Generator, Tensor
from torch.nn.functional import grid_sample

GREY = (0.299, 0.587, 0.114)  # how much red, green and blue count for brightness: ITU-R BT.601
CHUNK = 2**22  # pixels at a time for sums in double precision


def pad_crop(images: Tensor, padding: int, fill: Tensor, chance: Generator) -> Tensor:
    """Puts a border around each image, and cuts a window of the old size out of it, anywhere."""
    count, channels, height, width = images.shape
    padded = fill.expand(count, channels, height + 2 * padding, width + 2 * padding).contiguous()
    padded[:, :, padding : padding + height, padding : padding + width] = images
    return crop(padded, (height, width), chance)


def crop(images: Tensor, size: Sequence[int], chance: Generator) -> Tensor:
    """Cuts a window of this height and width out of each image, anywhere."""
    count, channels, high, wide = images.shape
    height, width = size
    images = images.contiguous()
    top, left = (_draw(whole - part + 1, images, chance) for whole, part in ((high, height), (wide, width)))
    planes = torch.arange(0, images.numel(), high * wide, device=images.device).view(count, channels)
    first = planes + (top * wide + left)[:, None]  # the place of each window's first pixel
    windows = images.numel() - (height - 1) * wide - width + 1  # one from every place, also those across two rows
    found = images.as_strided((windows, height, width), (1, wide, 1)).index_select(0, first.view(-1))
    return found.view(count, channels, height, width)


def scale_jitter(images: Tensor, least: int, most: int, size: Sequence[int], chance: Generator) -> Tensor:
    """Resizes each image so that its shorter side has `least` to `most` pixels, and cuts a window out of it, anywhere.

    Only the window is worked out, each pixel between the four nearest ones (bilinear; nothing is averaged before).
    """
    shorter = min(images.shape[2:])
    scale = (_draw(most - least + 1, images, chance) + least).float() / shorter
    places = []
    for whole, part in zip(images.shape[2:], size, strict=True):
        rows = (whole * scale).round()
        free = (rows - part + 1).clamp_min(1)
        first = (torch.rand(len(images), generator=chance).to(images.device) * free).floor()
        middle = first[:, None] + torch.arange(part, device=images.device) + 0.5
        places.append(2 * middle / rows[:, None] - 1)  # from -1 to 1, the outer edges of the outermost pixels
    down, right = places
    across, along = right[:, None, :].expand(-1, size[0], -1), down[:, :, None].expand(-1, -1, size[1])
    grid = torch.stack([across, along], dim=-1)
    return _bytes(grid_sample(images.float(), grid, "bilinear", "border", align_corners=False))


def flip(images: Tensor, p: float, chance: Generator) -> Tensor:
    """Turns left into right, in a share `p` of the images."""
    chosen = (torch.rand(len(images), generator=chance) < p).nonzero()[:, 0].to(images.device)
    return images.index_copy(0, chosen, images.index_select(0, chosen).flip(-1))


def cutout(images: Tensor, size: int, fill: Tensor, chance: Generator) -> Tensor:
    """Covers a square whose middle is any pixel, so that a part of it may be outside: DeVries and Taylor 2017."""
    rows, columns = (_covered(length, size, images, chance) for length in images.shape[2:])
    return torch.where(rows[:, None, :, None] & columns[:, None, None, :], fill, images)


def colour_jitter(images: Tensor, amounts: Sequence[float], chance: Generator) -> Tensor:
    """Brightness, contrast, saturation, each times a factor from 1 - amount to 1 + amount, in this order.

    Contrast is the distance from the image's mean grey, saturation that from the pixel's own grey.
    """
    brightness, contrast, saturation = (_factors(amount, images, chance) for amount in amounts)
    changed = (images * brightness).clamp_(0, 255)
    changed = changed.lerp(_grey(changed).mean((2, 3), keepdim=True), 1 - contrast).clamp_(0, 255)
    return _bytes(changed.lerp(_grey(changed), 1 - saturation))


def pca_noise(images: Tensor, directions: Tensor, std: float, chance: Generator) -> Tensor:
    """Adds one colour to all pixels of an image: a normal number times each of the `directions` (3 x 3, in columns)."""
    drawn = torch.randn(len(images), directions.shape[1], generator=chance).to(images.device) * std
    return _bytes(images + (drawn @ directions.T)[:, :, None, None])


def colour_directions(images: Tensor) -> Tensor:
    """The eigenvectors of the covariance of red, green and blue over all pixels, each as long as its eigenvalue.

    In grey levels, for images of which 1 is the brightest: a column is 255 * eigenvector * eigenvalue / 255**2.
    Source: Krizhevsky et al. 2012, section 4.1
    """
    channels, size = images.shape[1], images.shape[2] * images.shape[3]
    total, products = torch.zeros(channels).double(), torch.zeros(channels, channels).double()
    step = max(1, CHUNK // size)
    for start in range(0, len(images), step):
        pixels = images[start : start + step].transpose(0, 1).flatten(1).double()
        total += pixels.sum(1)
        products += pixels @ pixels.T
    mean = total / (len(images) * size)
    variances, vectors = torch.linalg.eigh(products / (len(images) * size) - mean.outer(mean))
    directions: Tensor = vectors * variances / 255
    return directions.float()


def mixup(images: Tensor, share: float, partners: Tensor) -> Tensor:
    """So much of each image, and the rest of its partner's (the place of another image)."""
    return _bytes(images.float().lerp_(images.index_select(0, partners).float(), 1 - share))


def _grey(images: Tensor) -> Tensor:
    return (images * torch.tensor(GREY, device=images.device).view(1, 3, 1, 1)).sum(1, keepdim=True)


def _factors(amount: float, images: Tensor, chance: Generator) -> Tensor:
    drawn = torch.rand(len(images), 1, 1, 1, generator=chance).to(images.device)
    return 1 + amount * (2 * drawn - 1)


def _bytes(images: Tensor) -> Tensor:
    return images.round_().clamp_(0, 255).byte()


def _covered(length: int, size: int, images: Tensor, chance: Generator) -> Tensor:
    """Which pixels of an axis the square covers, images x length."""
    first = _draw(length, images, chance)[:, None] - size // 2
    place = torch.arange(length, device=images.device)
    return (place >= first) & (place < first + size)


def _draw(below: int, images: Tensor, chance: Generator) -> Tensor:
    """A whole number from 0 on for each image, on the images' device."""
    return torch.randint(below, (len(images),), generator=chance).to(images.device)
