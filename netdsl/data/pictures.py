"""Image files of any size to bytes of one size, many at once; what is no image is named and left out."""

import struct
import warnings
import zlib
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from netdsl.data.files import Meter
from netdsl.data.store import Bytes
from netdsl.diagnostics import fail

VERSION = 2  # raise it when the same files would give other bytes: it is part of the cache's key
THREADS = 8  # Pillow decodes and resizes outside of Python's lock
DEEP = ("I", "I;16", "I;16B", "I;16L")  # 16 bits a pixel, of which Pillow would keep the lower 8
DAMAGED = (OSError, SyntaxError, ValueError, TypeError, IndexError, KeyError, OverflowError, struct.error, zlib.error)

Left = dict[int, str]
"""Numbers of the files that are left out, with the reason."""


def decoded(paths: Sequence[Path], shape: tuple[int, ...], mode: str, meter: Meter | None) -> tuple[Bytes, Left]:
    """Each file as `shape` (channels, height, width); files that are left out are black.

    The shorter side is resized and the middle kept. `mode` is Pillow's word for the channels.
    Errors: NET524 when all of them are more than the memory holds
    """
    images = _room(len(paths), shape)
    left: Left = {}
    if meter is not None:
        meter.total = sum(path.stat().st_size for path in paths)
    with bombs_refused(), ThreadPoolExecutor(THREADS) as pool:
        made = pool.map(lambda path: _read(path, shape, mode), paths)
        for number, (path, picture) in enumerate(zip(paths, made, strict=True)):
            if isinstance(picture, str):
                left[number] = picture
            else:
                images[number] = picture
            if meter is not None:
                meter.update(path.stat().st_size)
    if meter is not None:
        meter.close()
    return images, left


@contextmanager
def bombs_refused() -> Iterator[None]:
    """In it a file of more than 89 million pixels, for which Pillow only warns, is not decoded. Not for threads."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        yield


def upright(path: Path, mode: str) -> Image.Image | str:
    """The picture as `mode`, turned as its camera says, on white where it is transparent; or why there is none.

    Of an animation the first picture; of 16 bits a pixel the upper 8.
    """
    try:
        with Image.open(path) as file:
            picture = ImageOps.exif_transpose(file)
            if picture.mode in DEEP:
                picture = Image.fromarray((np.asarray(picture) >> 8).clip(0, 255).astype(np.uint8))
            if picture.has_transparency_data:
                picture = picture.convert("RGBA")
                picture = Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture)
            return picture.convert(mode)
    except UnidentifiedImageError:
        return "not an image"
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        return "too many pixels"
    except DAMAGED as error:
        if isinstance(error, OSError) and error.strerror:  # the system's word, not Pillow's
            return f"cannot be read: {error.strerror}"
        return f"damaged: {error}"


def fitted(picture: Image.Image, height: int, width: int) -> Image.Image:
    """The shorter side resized, and the middle of the longer."""
    return ImageOps.fit(picture, (width, height), Image.Resampling.BILINEAR)


def as_bytes(picture: Image.Image) -> Bytes:
    """Channels x height x width."""
    pixels = np.asarray(picture, np.uint8)
    return pixels.reshape(*pixels.shape[:2], -1).transpose(2, 0, 1)


def _read(path: Path, shape: tuple[int, ...], mode: str) -> Bytes | str:
    """The picture, or why there is none."""
    picture = upright(path, mode)
    return picture if isinstance(picture, str) else as_bytes(fitted(picture, shape[1], shape[2]))


def _room(count: int, shape: tuple[int, ...]) -> Bytes:
    try:
        return np.zeros((count, *shape), np.uint8)
    except MemoryError:
        size = count * int(np.prod(shape))
        return fail(
            "NET524",
            f"{count:,} images of {'x'.join(map(str, shape))} do not fit into memory",
            expected="less than is free",
            found=f"{size / 2**30:.1f} GiB",
            note="take fewer images, or smaller ones: --set-recipe resize=N",
        )
