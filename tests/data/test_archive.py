"""Archives that want to write elsewhere, or to fill the memory."""

import gzip
import io
import tarfile
import time

import pytest

from netdsl.data.archive import read_archive
from netdsl.diagnostics import DiagnosticsError

LIMIT = 1 << 20


def packed(path, *entries):
    with tarfile.open(path, "w:gz") as tar:
        for entry, content in entries:
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return path


def entry(name, kind=tarfile.REGTYPE, target=""):
    made = tarfile.TarInfo(name)
    made.type, made.linkname = kind, target
    return made


def refused(archive, code="NET518"):
    with pytest.raises(DiagnosticsError) as caught:
        list(read_archive(archive, "a/", ["x.bin"], LIMIT))
    assert caught.value.diagnostics[0].code == code
    return str(caught.value)


@pytest.mark.parametrize("name", ["a/../../x.bin", "../x.bin", "/x.bin", "a/.."])
def test_a_name_that_leaves_the_folder(tmp_path, name):
    archive = packed(tmp_path / "x.tar.gz", (entry(name), b"x"), (entry("a/x.bin"), b"y"))
    assert f"`{name}`" in refused(archive)
    assert [file.name for file in tmp_path.iterdir()] == ["x.tar.gz"]


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE])
def test_a_link_or_a_device(tmp_path, kind):
    assert "a link or a device" in refused(packed(tmp_path / "x.tar.gz", (entry("a/x.bin", kind, "/etc/passwd"), b"")))


def test_a_bomb(tmp_path):
    """64 MiB of zeros in 64 KiB, in front of what is wanted: no more than the limit is unpacked."""
    big = packed(tmp_path / "x.tar.gz", (entry("a/big"), bytes(64 << 20)), (entry("a/x.bin"), b"y"))
    assert big.stat().st_size < 100_000
    start = time.perf_counter()
    assert "1,048,576" in refused(big)
    assert time.perf_counter() - start < 1


def test_a_bomb_in_a_header(tmp_path):
    """A name of 64 MiB would be read at once."""
    header = entry("a/x.bin", tarfile.GNUTYPE_LONGNAME)
    header.size = 64 << 20
    path = tmp_path / "x.tar.gz"
    with gzip.open(path, "wb") as file:
        file.write(header.tobuf(tarfile.GNU_FORMAT))
        file.write(b"n" * (64 << 20))
    refused(path)


def test_the_wanted_members_only(tmp_path):
    path = packed(tmp_path / "x.tar.gz", (entry("./a/y"), b"1"), (entry("./a/x.bin"), b"23"), (entry("b/x"), b"4"))
    ((name, content),) = read_archive(path, "a/", ["x.bin", "z.bin"], LIMIT)
    assert (name, content.tobytes()) == ("x.bin", b"23")


def test_what_is_no_archive(tmp_path):
    (tmp_path / "x.tar.gz").write_bytes(b"hello" * 200)
    refused(tmp_path / "x.tar.gz", "NET513")
