"""MNIST from the official files, and every way in which they can be wrong."""

import gzip

import numpy as np
import pytest
import torch

from netdsl.data import Normalization, load, mnist
from netdsl.diagnostics import DiagnosticsError


def code(caught):
    (diagnostic,) = caught.value.diagnostics
    return diagnostic.code


def test_the_real_files(real_data):
    data = load("mnist", real_data)
    assert data.train_images.shape == (60_000, 1, 28, 28) and data.test_images.shape == (10_000, 1, 28, 28)
    assert data.train_images.dtype == torch.uint8 and data.train_labels.dtype == torch.int64
    assert data.train_labels[:5].tolist() == [5, 0, 4, 1, 9]
    assert data.test_labels.bincount().tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    normalization = Normalization.of(data.train_images)
    assert normalization.mean[0] / 255 == pytest.approx(0.1307, abs=5e-5)
    assert normalization.std[0] / 255 == pytest.approx(0.3081, abs=5e-5)


def test_a_small_set(tiny_mnist):
    data = load("mnist", tiny_mnist.parent)
    assert data.train_images.shape == (30, 1, 28, 28)
    assert data.test_labels.tolist() == [n % 10 for n in range(20)]
    assert data.class_names == tuple("0123456789")
    assert str(data.image) == "1x28x28"


@pytest.mark.parametrize("name", ["train-images-idx3-ubyte", "t10k-labels-idx1-ubyte"])
def test_a_truncated_file(tiny_mnist, name):
    file = tiny_mnist / f"{name}.gz"
    file.write_bytes(file.read_bytes()[:-20])
    with pytest.raises(DiagnosticsError) as caught:
        load("mnist", tiny_mnist)
    assert code(caught) == "NET513"
    assert str(file) in str(caught.value)


def test_a_file_that_is_not_gzip(tiny_mnist):
    (tiny_mnist / "train-labels-idx1-ubyte.gz").write_text("<html>not found</html>")
    with pytest.raises(DiagnosticsError) as caught:
        load("mnist", tiny_mnist)
    assert code(caught) == "NET513"


def test_flipped_bytes_anywhere_are_found(tiny_mnist):
    file = tiny_mnist / "train-images-idx3-ubyte.gz"
    whole = file.read_bytes()
    for place in (0, 2, 20, len(whole) // 2, len(whole) - 6):
        file.write_bytes(whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :])
        with pytest.raises(DiagnosticsError) as caught:
            load("mnist", tiny_mnist)
        assert code(caught) in ("NET513", "NET514", "NET515")


def test_another_picture_in_a_good_file(tiny_mnist):
    file = tiny_mnist / "t10k-images-idx3-ubyte.gz"
    content = bytearray(gzip.decompress(file.read_bytes()))
    content[500] ^= 1
    file.write_bytes(gzip.compress(bytes(content)))
    with pytest.raises(DiagnosticsError) as caught:
        load("mnist", tiny_mnist)
    assert code(caught) == "NET514"


def test_packing_does_not_matter(tiny_mnist):
    for file in tiny_mnist.iterdir():
        file.write_bytes(gzip.compress(gzip.decompress(file.read_bytes()), compresslevel=1))
    assert len(load("mnist", tiny_mnist).train_images) == 30


def test_a_label_out_of_range(tiny_mnist, as_idx):
    (tiny_mnist / "train-labels-idx1-ubyte.gz").write_bytes(gzip.compress(as_idx(np.array([3, 1, 10, 4]))))
    with pytest.raises(DiagnosticsError) as caught:
        load("mnist", tiny_mnist)
    assert code(caught) == "NET516"
    assert "10 as label number 2" in str(caught.value)


def test_images_where_labels_belong(as_idx):
    images = np.frombuffer(as_idx(np.zeros((2, 28, 28))), np.uint8)
    with pytest.raises(DiagnosticsError) as caught:
        mnist.read_labels(images, "x")
    assert code(caught) == "NET515"
    assert "2051" in str(caught.value)


@pytest.mark.parametrize("cut", [0, 3, 10, 15, 200])
def test_a_cut_idx_file(as_idx, cut):
    images = np.frombuffer(as_idx(np.zeros((2, 28, 28)))[:cut], np.uint8)
    with pytest.raises(DiagnosticsError) as caught:
        mnist.read_images(images, "x")
    assert code(caught) == "NET515"


def test_counts_that_would_overflow():
    header = b"".join(n.to_bytes(4, "big") for n in (2051, 2**32 - 1, 2**32 - 1, 2**32 - 1))
    with pytest.raises(DiagnosticsError) as caught:
        mnist.read_images(np.frombuffer(header, np.uint8), "x")
    assert code(caught) == "NET515"


def test_no_images_at_all(as_idx):
    assert mnist.read_images(np.frombuffer(as_idx(np.zeros((0, 28, 28))), np.uint8), "x").shape == (0, 1, 28, 28)
