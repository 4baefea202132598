"""What a net makes of images at one place, as vectors for other work: `netdsl features` and `netdsl similar`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from netdsl.diagnostics import fail
from netdsl.geometry import FeatureMap
from netdsl.ir.network import Network
from netdsl.ir.parts import tensor_at, upstream
from netdsl.lowering import feature_maps
from netdsl.seeing.gallery import Gallery
from netdsl.seeing.subject import Subject
from netdsl.tasks.runs.run_folder import whole

Progress = Callable[[int, int], None]
Floats = NDArray[np.float32]
MOST = 2**30
"""Numbers that are kept at once: 4 GiB."""


@dataclass(frozen=True, slots=True)
class Features:
    """values: float32, images x features; `pooled`: each is a channel's mean; `unit`: each row has the length 1."""

    net: str
    at: str
    pooled: bool
    unit: bool
    files: tuple[str, ...]
    values: Floats

    def save(self, path: Path) -> None:
        """As a file of numpy, whole or not at all. Errors: NET551"""
        with whole(path) as beside, beside.open("wb") as file:
            np.savez(
                file,
                features=self.values,
                files=np.array(self.files, dtype=np.str_),
                net=np.array(self.net),
                at=np.array(self.at),
                pooled=np.array(self.pooled),
                unit=np.array(self.unit),
            )

    @classmethod
    def load(cls, path: Path) -> "Features":
        """Errors: NET623 for a file that `save` has not written"""
        try:
            with np.load(path, allow_pickle=False) as kept:  # a plain array is no context: TypeError
                values, files = kept["features"], kept["files"]
                words = str(kept["net"]), str(kept["at"]), bool(kept["pooled"]), bool(kept["unit"])
            if values.ndim != 2 or len(values) != len(files) or values.dtype != np.float32:
                raise ValueError(f"features of shape {values.shape} for {len(files)} files")
        except (OSError, ValueError, KeyError, TypeError, EOFError, BadZipFile) as error:
            fail(
                "NET623",
                f"`{path}` holds no features",
                expected="a file written by `netdsl features`",
                found=str(error).partition("\n")[0] or type(error).__name__,
            )
        return cls(*words, tuple(map(str, files)), values)


def place_of(network: Network, at: str | None) -> str:
    """The place that is asked for, or what the last layer with weights takes: what the classes are made of.

    Errors: NET209 for a place that is not there
    """
    if at is not None:
        tensor_at(network, at)
        return at.removeprefix("@")
    weighted = [i for i in upstream(network, network.output_node) if network.nodes[i].layer.weighted]
    return network.nodes[network.nodes[max(weighted)].inputs[0] if weighted else 0].name


def features_of(
    subject: Subject,
    at: str,
    gallery: Gallery,
    flatten: bool = False,
    unit: bool = False,
    progress: Progress | None = None,
) -> Features:
    """The features of all images: each channel's mean over its map, or with `flatten` every number of it.

    With `unit` each row is divided by its Euclidean length (a row of zeros stays). In float32.
    Errors: NET624 when they are more than the memory should hold
    """
    output = subject.network.nodes[tensor_at(subject.network, at)].output
    _check_size(at, output, flatten, gallery.count)
    tapped = feature_maps(subject.module, [at])
    names: list[str] = []
    rows: list[Floats] = []
    with torch.no_grad():
        for found, pixels in gallery.batches():
            values = _vectors(tapped(subject.batch(pixels))[at], flatten, unit)
            names += found
            rows.append(values.float().cpu().numpy())
            if progress is not None:
                progress(len(names) + len(gallery.refused), gallery.count)
    width = output.numel if flatten else output.channels
    together = np.concatenate(rows) if rows else np.zeros((0, width), np.float32)
    return Features(subject.name, at, not flatten, unit, tuple(names), together)


def most_similar(query: Floats, values: Floats, most: int, leave_out: Sequence[int] = ()) -> list[tuple[int, float]]:
    """Rows of `values` and the cosines of their angles to `query`, nearest first; of equals the earlier one."""
    lengths = np.linalg.norm(values, axis=1) * np.linalg.norm(query)
    cosines = (values @ query) / np.maximum(lengths, np.finfo(np.float32).tiny)
    order = np.argsort(-cosines, kind="stable")
    left_out = set(leave_out)
    return [(int(i), float(cosines[i])) for i in order if i not in left_out][:most]


def _vectors(maps: Tensor, flatten: bool, unit: bool) -> Tensor:
    values = maps.flatten(1) if flatten or maps.dim() < 3 else maps.flatten(2).mean(2)
    return torch.nn.functional.normalize(values, dim=1) if unit else values


def _check_size(at: str, output: FeatureMap, flatten: bool, images: int) -> None:
    each = output.numel if flatten else output.channels
    if each * images > MOST:
        fail(
            "NET624",
            f"the features at `{at}` of {images:,} images are too many",
            expected=f"at most {MOST:,} numbers, {MOST // images:,} an image",
            found=f"{each:,} of each image",
            note="leave out --flatten, choose a later place, or take fewer images at once",
        )
