"""The grammar's cache: a slower start is the worst that it can bring."""

import json
import os
import pickle
import stat
from pathlib import Path

import pytest

from netdsl.diagnostics import Source
from netdsl.passes.resolve import ALPHABET
from netdsl.syntax import grammar
from netdsl.syntax.parse import parse_file

TEXT = "net toy(n = 2) { input 3x8x8 (C3-8 R)*n G F10 expect depth = 3 }"


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A cache of its own; the parser of other tests is put back afterwards."""
    folder = tmp_path / "cache"
    monkeypatch.setenv("NETDSL_CACHE", str(folder))
    monkeypatch.setattr(grammar, "parser", grammar.parser.__wrapped__)
    return folder


def works() -> None:
    tree = grammar.parser().parse(TEXT, start="file")
    assert [child.data for child in tree.children] == ["net"]


def kept(folder: Path) -> Path:
    (path,) = folder.glob("grammar-*.json")
    return path


def test_written_once_and_read_again(cache, monkeypatch):
    works()
    written = kept(cache).stat().st_mtime_ns
    monkeypatch.setattr(grammar, "_build", lambda options: pytest.fail("built again"))
    works()
    assert kept(cache).stat().st_mtime_ns == written


def test_the_parser_from_the_cache_gives_the_same_trees(cache):
    built = grammar.parser().parse(TEXT, start="file")
    loaded = grammar.parser().parse(TEXT, start="file")
    assert built == loaded
    for start in grammar.STARTS:
        assert start in grammar.parser().options.start


def test_only_the_owner_can_read_or_write(cache):
    works()
    assert stat.S_IMODE(kept(cache).stat().st_mode) == 0o600
    assert stat.S_IMODE(cache.stat().st_mode) == 0o700


def test_no_pickle(cache):
    works()
    data = kept(cache).read_bytes()
    assert isinstance(json.loads(data), dict)
    with pytest.raises(pickle.UnpicklingError):
        pickle.loads(data)


@pytest.mark.parametrize(
    "content",
    [b"", b"{}", b"[]", b"null", b"\xff\xfe", b'{"key": 1}', b'{"key": "x", "data": {}, "memo": {}}', b"[" * 100_000],
)
def test_damaged(cache, content):
    works()
    kept(cache).write_bytes(content)
    works()
    assert json.loads(kept(cache).read_bytes())["key"]


def test_cut_short_and_altered(cache):
    works()
    whole = kept(cache).read_bytes()
    for data in (whole[: len(whole) // 2], whole.replace(b'"states"', b'"stotes"'), whole.replace(b"SHIFT", b"SHAFT")):
        kept(cache).write_bytes(data)
        works()


def test_of_another_version(cache):
    works()
    content = json.loads(kept(cache).read_bytes())
    content["key"] = "another"
    kept(cache).write_text(json.dumps(content), encoding="utf-8")
    works()
    assert json.loads(kept(cache).read_bytes())["key"] != "another"


def test_writable_by_others_is_not_trusted(cache, monkeypatch):
    works()
    kept(cache).chmod(0o666)
    built = []
    build = grammar._build
    monkeypatch.setattr(grammar, "_build", lambda options: built.append(1) or build(options))
    works()
    assert built


def test_of_another_owner_is_not_trusted(cache, monkeypatch):
    works()
    monkeypatch.setattr(os, "getuid", lambda: 12345)
    built = []
    build = grammar._build
    monkeypatch.setattr(grammar, "_build", lambda options: built.append(1) or build(options))
    works()
    assert built


def test_no_place_for_it(cache, monkeypatch):
    cache.parent.mkdir(exist_ok=True)
    cache.write_text("a file in the folder's place", encoding="utf-8")
    works()
    monkeypatch.delenv("NETDSL_CACHE")
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(Path, "home", lambda: (_ for _ in ()).throw(RuntimeError("no home")))
    works()


def test_a_full_disk(cache, monkeypatch):
    def full(*args: object, **kwargs: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(json, "dump", full)
    works()
    assert not list(cache.iterdir()), "nothing half-written is left"


def test_parsing_goes_through_it():
    assert parse_file(Source("<text>", TEXT), ALPHABET).definitions[0].name == "toy"
