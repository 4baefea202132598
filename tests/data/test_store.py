"""The cache of unpacked members: used when it is whole, made again when it is not."""

import pytest

from netdsl.data import load
from netdsl.diagnostics import DiagnosticsError


def messages(*arguments):
    said = []
    load(*arguments, say=said.append)
    return said


def test_the_second_time_nothing_is_unpacked(tiny_mnist):
    assert messages("mnist", tiny_mnist) == [f"unpacking {tiny_mnist} (once)"]
    assert messages("mnist", tiny_mnist) == messages("mnist") == []


@pytest.mark.parametrize("damage", ["flip", "cut", "empty", "text", "pickle"])
def test_a_damaged_cache_is_made_again(tiny_mnist, cache, damage):
    load("mnist", tiny_mnist)
    (file,) = (cache / "decoded").glob("train-images*.npy")
    whole = file.read_bytes()
    damaged = {
        "flip": whole[:-9] + bytes([whole[-9] ^ 1]) + whole[-8:],
        "cut": whole[:-50],
        "empty": b"",
        "text": b"hello",
        "pickle": b"\x80\x04\x95\x00",
    }
    file.write_bytes(damaged[damage])
    assert messages("mnist", tiny_mnist) == [f"unpacking {tiny_mnist} (once)"]
    assert file.read_bytes() == whole


def test_a_changed_file_is_not_hidden_by_the_cache(tiny_mnist):
    load("mnist", tiny_mnist)
    (tiny_mnist / "train-labels-idx1-ubyte.gz").write_bytes(b"damaged since")
    with pytest.raises(DiagnosticsError):
        load("mnist", tiny_mnist)


def test_nothing_is_left_beside(tiny_mnist, cache):
    load("mnist", tiny_mnist)
    assert not list(cache.rglob("*.part"))


def test_the_cache_is_private(tiny_mnist, cache):
    load("mnist", tiny_mnist)
    assert cache.stat().st_mode & 0o077 == 0
