"""The heat map's names, colours and size."""

import numpy as np
import torch
from PIL import Image

from netdsl import compile_network
from netdsl.lowering import to_torch
from netdsl.seeing.reuse import reuse
from netdsl.seeing.reuse_picture import save_reuse, short


def test_names_lose_what_all_of_them_have() -> None:
    layers = ("stage1.dense1.conv1", "stage1.dense2.conv1", "transition1.conv1")
    assert short(layers, "stage1") == ["dense1", "dense2", "transition1"]
    assert short(("a.branch1.conv1", "a.branch1.conv2"), "a") == ["branch1.conv1", "branch1.conv2"]


def test_the_picture_has_the_colours_of_its_numbers(tmp_path) -> None:
    """Planted: the last layer takes from the first source alone, so one square of its column is bright."""
    network = compile_network("net x { input 3x8x8 C3-4 dense { C3-4 R }*3 C1-3 }")
    module = to_torch(network)
    with torch.no_grad():
        weight = module.get_submodule("conv2").weight
        weight.zero_()
        weight[:, :4] = 1
    save_reuse(reuse(network, module), tmp_path / "reuse.png")
    picture = np.asarray(Image.open(tmp_path / "reuse.png").convert("RGB")).reshape(-1, 3)
    colours, counts = np.unique(picture, axis=0, return_counts=True)
    seen = {tuple(map(int, c)): int(n) for c, n in zip(colours, counts, strict=True)}
    yellow, violet, unseen = (253, 231, 36), (68, 1, 84), (238, 238, 238)  # viridis at 1 and 0
    assert seen[yellow] > 500
    assert seen[violet] > 2 * 500
    assert seen[unseen] > 3 * 500


def test_labels_and_titles_keep_clear_of_the_edges_and_of_each_other(tmp_path) -> None:
    network = compile_network("densenet", settings={"depth": 13})
    save_reuse(reuse(network, to_torch(network)), tmp_path / "reuse.png")
    dark = np.asarray(Image.open(tmp_path / "reuse.png").convert("L")) < 128
    rows = np.flatnonzero(dark.any(1))
    assert rows[0] > 5 and rows[-1] < len(dark) - 6
    frame = int(np.argmax(dark.sum(1) > dark.shape[1] / 2))  # the upper edges of the panels
    gaps = np.diff(np.flatnonzero(dark[:frame].any(1)))
    assert gaps.max() >= 15  # between the picture's title and those of its panels


def test_many_blocks_stand_in_rows(tmp_path) -> None:
    network = compile_network("googlenet")
    save_reuse(reuse(network, to_torch(network)), tmp_path / "reuse.png")
    width, height = Image.open(tmp_path / "reuse.png").size
    assert width < 2000
    assert height > width * 0.7
