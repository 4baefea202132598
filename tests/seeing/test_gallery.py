"""Many images, a batch at a time."""

import pytest
import torch

from netdsl.data import synthetic
from netdsl.diagnostics import DiagnosticsError
from netdsl.seeing.gallery import BATCH, Files, Images, gallery_of
from netdsl.tasks.setup.watch import Silent


def test_files_come_in_order_and_the_broken_are_named(small, picture, tmp_path) -> None:
    for n in range(BATCH + 3):
        picture(f"in/{n:03}.png", 34, 33)
    (tmp_path / "in" / "001b.png").write_bytes(b"no")
    gallery = Files([tmp_path / "in", tmp_path / "nowhere.png"], small)
    names, sizes = [], []
    for found, pixels in gallery.batches():
        names += found
        sizes.append(tuple(pixels.shape))
        assert len(found) == len(pixels) and pixels.dtype == torch.uint8
    assert names == [str(tmp_path / "in" / f"{n:03}.png") for n in range(BATCH + 3)]
    assert sizes == [(BATCH - 1, 3, 32, 32), (4, 3, 32, 32)] and gallery.count == BATCH + 5
    assert [refused.path.name for refused in gallery.refused] == ["001b.png", "nowhere.png"]
    assert gallery.frame(names[0]) is not None


def test_images_of_a_data_set(small) -> None:
    data = synthetic.shapes(5, 70)
    gallery = Images(data)
    parts = list(gallery.batches())
    assert [len(names) for names, _ in parts] == [64, 6] and parts[1][0][-1] == "shapes test 69"
    assert torch.equal(torch.cat([pixels for _, pixels in parts]), data.test_images)
    assert gallery.frame("shapes test 0") is None and not gallery.refused


def test_which_of_them(small, picture, tmp_path, monkeypatch, random_weights) -> None:
    from netdsl import data
    from netdsl.seeing.subject import open_subject

    monkeypatch.setattr(data.synthetic, "load", lambda say: synthetic.shapes(5, 40))
    assert gallery_of(small, [], "shapes", None, None, Silent()).count == 40
    assert gallery_of(small, [], "shapes", None, 7, Silent()).count == 7
    assert gallery_of(small, [picture("a.png", 40, 40)], None, None, None, Silent()).count == 1
    grey = "net g { input 1x28x28  C3-4 R G F3 }"
    subject = open_subject(grey, random_weights(grey), set_recipe={"normalize": "none"})
    with pytest.raises(DiagnosticsError) as caught:
        gallery_of(subject, [], "shapes", None, None, Silent())
    assert caught.value.diagnostics[0].code == "NET525"
