"""Features of many images: the numbers, the file they are written to, and what cannot be read or kept."""

import numpy as np
import pytest
import torch

from netdsl.diagnostics import DiagnosticsError
from netdsl.lowering import feature_maps
from netdsl.seeing.features import Features, features_of, most_similar, place_of
from netdsl.seeing.gallery import Files, Images
from netdsl.seeing.photos import read_photos


@pytest.fixture
def folder(picture, tmp_path):
    for n in range(5):
        picture(f"in/{n}.png", 40 + 10 * n, 40)
    (tmp_path / "in" / "broken.jpg").write_bytes(b"no picture")
    return tmp_path / "in"


@pytest.mark.parametrize("flatten", [False, True])
@pytest.mark.parametrize("unit", [False, True])
def test_the_numbers_are_those_of_the_maps(lively, folder, flatten, unit) -> None:
    gallery = Files([folder], lively)
    seen = []
    found = features_of(lively, "last", gallery, flatten, unit, lambda *done: seen.append(done))
    files = sorted(folder.glob("*.png"))
    assert found.files == tuple(map(str, files)) and [str(r.path) for r in gallery.refused] == [f"{folder}/broken.jpg"]
    with torch.no_grad():
        pixels = torch.stack([photo.pixels for photo in read_photos(files, lively)])
        maps = feature_maps(lively.module, ["last"])(lively.batch(pixels))["last"]
    assert (maps > 0).float().mean() > 0.2
    expected = (maps.flatten(1) if flatten else maps.mean((2, 3))).numpy()
    if unit:
        expected = expected / np.linalg.norm(expected, axis=1, keepdims=True)
    np.testing.assert_allclose(found.values, expected, rtol=1e-4, atol=1e-6)
    assert found.values.dtype == np.float32 and seen == [(6, 6)]


def test_many_images_come_in_batches(lively, tmp_path) -> None:
    """130 images of a data set: three batches, the same rows as one by one."""
    from netdsl.data import synthetic

    data = synthetic.shapes(10, 130)
    seen = []
    found = features_of(lively, "last", Images(data), progress=lambda *done: seen.append(done))
    assert seen == [(64, 130), (128, 130), (130, 130)] and found.files[129] == "shapes test 129"
    with torch.no_grad():
        last = feature_maps(lively.module, ["last"])(lively.batch(data.test_images[129:]))["last"].mean((2, 3))
    np.testing.assert_allclose(found.values[129], last[0].numpy(), rtol=1e-4, atol=1e-6)


def test_a_file_comes_back_as_it_was(lively, folder, tmp_path) -> None:
    found = features_of(lively, "last", Files([folder], lively), unit=True)
    found.save(tmp_path / "features.npz")
    again = Features.load(tmp_path / "features.npz")
    assert (again.net, again.at, again.pooled, again.unit, again.files) == ("small", "last", True, True, found.files)
    np.testing.assert_array_equal(again.values, found.values)
    with np.load(tmp_path / "features.npz", allow_pickle=False) as plain:  # as somebody without netdsl reads it
        assert plain["features"].shape == (5, 12) and plain["files"][0].endswith("0.png")


@pytest.mark.parametrize("content", [b"", b"no zip", b"PK\x03\x04 cut"])
def test_other_files_are_no_features(tmp_path, content) -> None:
    (tmp_path / "f.npz").write_bytes(content)
    with pytest.raises(DiagnosticsError) as caught:
        Features.load(tmp_path / "f.npz")
    assert caught.value.diagnostics[0].code == "NET623"


def test_files_of_numpy_with_something_else(tmp_path) -> None:
    np.savez(tmp_path / "a.npz", x=np.zeros(3))
    five = {"files": np.array(["a"]), "net": "n", "at": "x", "pooled": True, "unit": True}
    np.savez(tmp_path / "b.npz", features=np.zeros((2, 3), np.float32), **five)
    np.savez(tmp_path / "c.npz", features=np.array([None], object), **five)
    np.save(tmp_path / "d.npy", np.zeros(3))
    for name in ("a.npz", "b.npz", "c.npz", "d.npy", "nowhere.npz"):
        with pytest.raises(DiagnosticsError) as caught:
            Features.load(tmp_path / name)
        assert caught.value.diagnostics[0].code == "NET623"


def test_too_many(lively, folder, monkeypatch) -> None:
    monkeypatch.setattr("netdsl.seeing.features.MOST", 100)
    assert features_of(lively, "last", Files([folder], lively)).values.shape == (5, 12)
    with pytest.raises(DiagnosticsError) as caught:
        features_of(lively, "last", Files([folder], lively), flatten=True)
    assert caught.value.diagnostics[0].code == "NET624"


def test_the_place_without_a_name(lively, squeezenet) -> None:
    assert place_of(lively.network, None) == "global_avg_pool1"
    assert place_of(lively.network, "@last") == "last"
    assert place_of(squeezenet.network, None) == "dropout1"
    with pytest.raises(DiagnosticsError):
        place_of(lively.network, "@lost")


def test_nearest_by_the_angle() -> None:
    values = np.array([[1, 0], [0, 2], [3, 3], [-1, 0], [0, 0], [5, 5]], np.float32)
    found = most_similar(np.array([1, 1], np.float32), values, 4)
    assert [i for i, _ in found] == [2, 5, 0, 1]
    assert [round(cosine, 4) for _, cosine in found] == [1, 1, 0.7071, 0.7071]
    assert [i for i, _ in most_similar(np.array([1, 0], np.float32), values, 2, leave_out=[0])] == [2, 5]
    assert len(most_similar(np.array([1, 0], np.float32), values, 99)) == 6
