"""CIFAR-10 and CIFAR-100 from the official archives, and every way in which it can be wrong."""

import numpy as np
import pytest

from netdsl.data import Normalization, cifar, load
from netdsl.diagnostics import DiagnosticsError


def code(caught):
    (diagnostic,) = caught.value.diagnostics
    return diagnostic.code


@pytest.mark.slow
def test_the_real_archive(real_data):
    data = load("cifar10", real_data)
    assert data.train_images.shape == (50_000, 3, 32, 32) and data.test_images.shape == (10_000, 3, 32, 32)
    assert data.train_labels.bincount().tolist() == [5000] * 10
    assert data.test_labels.bincount().tolist() == [1000] * 10
    assert data.class_names[6] == "frog" and data.train_labels[0] == 6
    normalization = Normalization.of(data.train_images)
    assert normalization.mean == pytest.approx((125.3, 123.0, 113.9), abs=0.06)
    assert normalization.std == pytest.approx((63.0, 62.1, 66.7), abs=0.06)


@pytest.mark.parametrize("name", ["cifar-10-binary.tar.gz", "cifar-10-binary.tar.xz", "cifar-10-binary.tar.bz2"])
def test_a_small_archive(tmp_path, tiny_cifar, pack, name):
    pack(tmp_path / name, tiny_cifar)
    data = load("cifar10", tmp_path)
    assert data.train_images.shape == (20, 3, 32, 32)
    assert data.train_labels[:4].tolist() == [1, 9, 0, 5]
    records = np.frombuffer(tiny_cifar["test_batch.bin"], np.uint8).reshape(4, -1)
    assert (data.test_images[2, 1].numpy() == records[2, 1 + 1024 : 1 + 2048].reshape(32, 32)).all(), (
        "green, row by row"
    )
    assert data.class_names[0] == "airplane"


def test_nothing_is_unpacked_to_the_disk(tmp_path, tiny_cifar, pack):
    folder = tmp_path / "here"
    folder.mkdir()
    pack(folder / "cifar-10-binary.tar.gz", {"readme.html": b"x", **tiny_cifar})
    load("cifar10", folder)
    assert [file.name for file in folder.iterdir()] == ["cifar-10-binary.tar.gz"]


@pytest.mark.parametrize("name", ["cifar-10-binary.tar.gz", "cifar-10-binary.tar.xz"])
@pytest.mark.parametrize("keep", [0, 30, 0.5])
def test_a_truncated_archive(tmp_path, tiny_cifar, pack, name, keep):
    pack(tmp_path / name, tiny_cifar)
    whole = (tmp_path / name).read_bytes()
    (tmp_path / name).write_bytes(whole[: int(keep * len(whole)) if isinstance(keep, float) else keep])
    with pytest.raises(DiagnosticsError) as caught:
        load("cifar10", tmp_path)
    assert code(caught) == "NET513"


def test_a_flipped_byte(tmp_path, tiny_cifar, pack):
    name = tmp_path / "cifar-10-binary.tar.gz"
    pack(name, tiny_cifar)
    whole = name.read_bytes()
    for place in range(40, len(whole), len(whole) // 7):
        name.write_bytes(whole[:place] + bytes([whole[place] ^ 0x55]) + whole[place + 1 :])
        with pytest.raises(DiagnosticsError) as caught:
            load("cifar10", tmp_path)
        assert code(caught) in ("NET513", "NET514", "NET516", "NET517")


def test_a_wrong_checksum(tmp_path, tiny_cifar, pack):
    changed = bytearray(tiny_cifar["data_batch_3.bin"])
    changed[7] ^= 1
    pack(tmp_path / "cifar-10-binary.tar.gz", {**tiny_cifar, "data_batch_3.bin": bytes(changed)})
    with pytest.raises(DiagnosticsError) as caught:
        load("cifar10", tmp_path)
    assert code(caught) == "NET514"
    assert "data_batch_3.bin" in str(caught.value)


def test_a_label_out_of_range(tmp_path, tiny_cifar, pack):
    changed = bytearray(tiny_cifar["data_batch_2.bin"])
    changed[cifar.CIFAR10.record] = 77
    pack(tmp_path / "cifar-10-binary.tar.gz", {**tiny_cifar, "data_batch_2.bin": bytes(changed)})
    with pytest.raises(DiagnosticsError) as caught:
        load("cifar10", tmp_path)
    assert code(caught) == "NET516"
    assert "77 in record 1" in str(caught.value)


def test_a_batch_that_ends_in_a_record():
    with pytest.raises(DiagnosticsError) as caught:
        cifar.read_batch(np.zeros(5000, np.uint8), "x")
    assert code(caught) == "NET515"


def test_the_python_version_of_the_archive(tmp_path, pack, tiny_cifar):
    pack(tmp_path / "cifar-10-binary.tar.gz", {"data_batch_1": b"x"}, "cifar-10-batches-py/")
    with pytest.raises(DiagnosticsError) as caught:
        load("cifar10", tmp_path)
    assert code(caught) == "NET517"
    assert "test_batch.bin" in str(caught.value)


def test_an_archive_without_a_member(tmp_path, pack, tiny_cifar):
    del tiny_cifar["test_batch.bin"]
    pack(tmp_path / "cifar-10-binary.tar.gz", tiny_cifar)
    with pytest.raises(DiagnosticsError) as caught:
        load("cifar10", tmp_path)
    assert code(caught) == "NET517"


def test_cifar100_has_fine_labels_behind_the_coarse_ones(tmp_path, tiny_cifar100, pack):
    pack(tmp_path / "cifar-100-binary.tar.gz", tiny_cifar100, "cifar-100-binary/")
    data = load("cifar100+", tmp_path)
    assert (data.classes, data.class_names[0], data.class_names[99]) == (100, "apple", "worm")
    assert data.train_labels.tolist() == [n % 100 for n in range(300)]
    records = np.frombuffer(tiny_cifar100["test.bin"], np.uint8).reshape(100, 3074)
    assert (data.test_images[7, 2].numpy() == records[7, 2 + 2048 :].reshape(32, 32)).all(), "blue, row by row"


def test_the_100_names_are_in_the_order_of_the_alphabet():
    names = cifar.CIFAR100.class_names
    assert len(set(names)) == 100 and list(names) == sorted(names)


def test_a_fine_label_out_of_range(tmp_path, tiny_cifar100, pack):
    changed = bytearray(tiny_cifar100["train.bin"])
    changed[2 * 3074 + 1] = 100
    pack(tmp_path / "cifar-100-binary.tar.gz", {**tiny_cifar100, "train.bin": bytes(changed)}, "cifar-100-binary/")
    with pytest.raises(DiagnosticsError) as caught:
        load("cifar100", tmp_path)
    assert code(caught) == "NET516"
    assert "100 in record 2" in str(caught.value)


def test_another_checksum_of_cifar100(tmp_path, tiny_cifar100, pack):
    changed = bytearray(tiny_cifar100["test.bin"])
    changed[9] ^= 1
    pack(tmp_path / "cifar-100-binary.tar.gz", {**tiny_cifar100, "test.bin": bytes(changed)}, "cifar-100-binary/")
    with pytest.raises(DiagnosticsError) as caught:
        load("cifar100", tmp_path)
    assert code(caught) == "NET514"
