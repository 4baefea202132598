"""The `shapes` data: ten geometric forms on cluttered, noisy 3x32x32 pictures, told apart by form only.

Place, turn, size, colours, clutter and noise are drawn without looking at the form, so a net can learn nothing but the
form; and the true box of each object is known.
"""

import numpy as np
import torch

from netdsl.data.dataset import Dataset
from netdsl.data.drawing import draw
from netdsl.data.files import Say
from netdsl.data.forms import FORMS
from netdsl.data.scenes import SIZE, scenes, take
from netdsl.data.store import Bytes, note, noted, recall, remember, sha256

TRAIN, TEST = 10_000, 2_000
VERSION = 2  # raise it when the pictures change: it is part of the cache's key


def load(say: Say) -> Dataset:
    """The standard set (seed 0), from the user's cache when it is there."""
    key = f"shapes-{VERSION}-{TRAIN}-{TEST}"
    checksum = noted(key)
    records = recall(key, checksum) if isinstance(checksum, str) else None
    if records is None:
        say("drawing the shapes data (once)")
        records = np.concatenate([split_records(0, TRAIN, 0), split_records(1, TEST, 0)])
        checksum = sha256(records)
        remember(key, records, checksum)
        note(key, checksum)
    return _dataset(records, TRAIN)


def shapes(train: int = TRAIN, test: int = TEST, seed: int = 0) -> Dataset:
    """The data set, drawn anew: the same numbers give the same pictures, and the test split is drawn apart."""
    return _dataset(np.concatenate([split_records(0, train, seed), split_records(1, test, seed)]), train)


def _dataset(records: Bytes, train: int) -> Dataset:
    images = torch.from_numpy(np.ascontiguousarray(records[:, 5:]).reshape(-1, 3, SIZE, SIZE))
    labels, boxes = torch.from_numpy(records[:, 0].astype(np.int64)), torch.from_numpy(records[:, 1:5].astype(np.int64))
    return Dataset(
        "shapes",
        train_images=images[:train],
        train_labels=labels[:train],
        test_images=images[train:],
        test_labels=labels[train:],
        class_names=tuple(FORMS),
        train_boxes=boxes[:train],
        test_boxes=boxes[train:],
    )


def split_records(split: int, count: int, seed: int) -> Bytes:
    """A split as one array: a row holds the label, the four sides of the box, the 3,072 pixels of a picture."""
    rng = np.random.default_rng([VERSION, seed, split])
    made = scenes(rng, count)
    records = np.empty((count, 5 + 3 * SIZE * SIZE), np.uint8)
    records[:, 0] = made.form
    for form in range(len(FORMS)):
        places = np.flatnonzero(made.form == form)
        for part in np.array_split(places, len(places) // 256 + 1):
            images, sides = draw(take(made, part), rng)
            records[part, 1:5] = sides
            records[part, 5:] = images.reshape(len(part), 3 * SIZE * SIZE)
    return records
