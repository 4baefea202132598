"""SVHN from files of the official form, and every way in which they can be wrong."""

import numpy as np
import pytest
import scipy.io
import torch

from netdsl.data import load, svhn
from netdsl.diagnostics import DiagnosticsError


def refused(folder, code):
    with pytest.raises(DiagnosticsError) as caught:
        load("svhn", folder)
    assert [d.code for d in caught.value.diagnostics] == [code]
    return str(caught.value)


def test_the_splits_of_the_thesis(tiny_svhn):
    """Here 2 of each class of train and 1 of each class of extra are held out."""
    data = load("svhn+", tiny_svhn)
    assert (len(data.train_images), len(data.valid_images), len(data.test_images)) == (90 - 30, 30, 30)
    assert data.valid_labels.bincount().tolist() == [3] * 10
    every = torch.cat([data.train_images, data.valid_images]).flatten(1)
    assert len(every.unique(dim=0)) == 90, "no image is in both"
    again = load("svhn", tiny_svhn)
    assert torch.equal(again.valid_images, data.valid_images) and torch.equal(again.train_labels, data.train_labels)


def test_pixels_and_the_digit_0(tiny_svhn):
    data = load("svhn", tiny_svhn)
    found = scipy.io.loadmat(tiny_svhn / "test_32x32.mat")
    assert found["y"][9, 0] == 10 and data.test_labels[9] == 0
    assert data.test_labels[:9].tolist() == list(range(1, 10))
    assert (data.test_images[5].numpy() == found["X"][:, :, :, 5].transpose(2, 0, 1)).all()


def test_the_second_time_nothing_is_unpacked(tiny_svhn, monkeypatch):
    first = load("svhn", tiny_svhn)
    monkeypatch.setattr(svhn, "read_mat", lambda path: pytest.fail("unpacked again"))
    assert torch.equal(load("svhn", tiny_svhn).train_images, first.train_images)


def test_a_file_that_is_not_the_official_one(tiny_svhn):
    scipy.io.savemat(tiny_svhn / "test_32x32.mat", {"X": np.zeros((32, 32, 3, 2), np.uint8), "y": np.ones((2, 1))})
    assert "2 images" in refused(tiny_svhn, "NET514")


@pytest.mark.parametrize(
    ("contents", "code", "says"),
    [
        ({"X": np.zeros((32, 32, 3, 2), np.uint8)}, "NET515", "X"),
        ({"X": np.zeros((32, 32, 3, 2), np.uint8), "y": np.ones((3, 1), np.uint8)}, "NET515", "(3, 1)"),
        ({"X": np.zeros((32, 32, 3, 2), np.float64), "y": np.ones((2, 1), np.uint8)}, "NET515", "float64"),
        ({"X": np.zeros((32, 32, 3, 2), np.uint8), "y": np.array([[1], [11]], np.uint8)}, "NET516", "11 for image 1"),
        ({"X": np.zeros((32, 32, 3, 2), np.uint8), "y": np.array([[0], [1]], np.uint8)}, "NET516", "0 for image 0"),
    ],
)
def test_files_of_another_form(tiny_svhn, contents, code, says):
    scipy.io.savemat(tiny_svhn / "extra_32x32.mat", contents)
    assert says in refused(tiny_svhn, code)


@pytest.mark.parametrize(("keep", "code"), [(0, "NET513"), (100, "NET513"), (200, "NET515"), (5000, "NET515")])
def test_a_truncated_file(tiny_svhn, keep, code):
    """What is left of a list of variables can be read: y is missing in it."""
    file = tiny_svhn / "train_32x32.mat"
    file.write_bytes(file.read_bytes()[:keep])
    assert "train_32x32.mat" in refused(tiny_svhn, code)


def test_more_images_than_there_are(tiny_svhn, monkeypatch):
    """A file can say that it unpacks to anything; that is looked at before it is unpacked."""
    monkeypatch.setattr(svhn, "LARGEST", 35)
    with pytest.raises(DiagnosticsError) as caught:
        svhn.read_mat(tiny_svhn / "train_32x32.mat")
    assert caught.value.diagnostics[0].code == "NET515"


def test_the_files_of_a_folder_are_named(tmp_path):
    assert "extra_32x32.mat" in refused(tmp_path, "NET511")
