"""Photographs without classes: all images of a folder, however it is divided, for a net that paints them."""

from collections.abc import Sequence

import torch

from netdsl.data.dataset import Dataset, middle
from netdsl.data.files import Meter, Say
from netdsl.data.folder import PREFIX, TRAIN, Cut, Listing, cached, place, tell_left
from netdsl.data.held_out import SEED
from netdsl.diagnostics import fail

TEST_SHARE = 0.2
MOST_TESTS = 8
"""Photographs that are held out at most: each is painted after every epoch."""


def scan(name: str) -> Listing:
    """All files in `folder:DIR` and below it. Errors: NET511 no such folder"""
    path = place(name, "a folder of photographs")
    inside = (entry for entry in path.rglob("*") if not any(part[0] == "." for part in entry.relative_to(path).parts))
    return Listing(path, (), tuple((TRAIN, 0, file) for file in sorted(inside) if file.is_file()))


def load(
    name: str, cut: Cut, styles: Sequence[str], drawn: Sequence[int], say: Say, meter: Meter | None = None
) -> Dataset:
    """The photographs, some of them held out; a label is the number of a style, drawn anew whenever an image comes.

    Each photograph that is held out has one style, so that losses of different epochs can be compared.
    Errors: NET523 fewer than two photographs
    """
    listing = scan(name)
    images, left = cached(listing, cut, say, meter) if listing.files else (torch.empty(0), {})
    tell_left(listing, left, say)
    if len(images) < 2:
        fail(
            "NET523",
            f"there are too few photographs in `{listing.path}`",
            expected="two or more: one to train on, one to try",
            found=f"{len(images)} of {len(listing.files)} files can be read",
        )
    order = torch.randperm(len(images), generator=torch.Generator().manual_seed(SEED))
    held = max(1, min(MOST_TESTS, round(TEST_SHARE * len(images))))
    test, train = order[:held].sort().values, order[held:]
    size = cut.image.size
    labels = torch.tensor(drawn)
    return Dataset(
        f"{PREFIX}{listing.path.resolve()}",
        train_images=images[train] if cut.whole else middle(images[train], size),
        train_labels=labels[torch.arange(len(train)) % len(labels)],
        test_images=middle(images[test], size),
        test_labels=labels[torch.arange(held) % len(labels)],
        class_names=tuple(styles),
        drawn_labels=tuple(drawn),
    )
