"""The grammar in `grammars/` as a parser, its tables kept in the user's cache between runs.

Lark's own cache is a pickle, by default in a shared temporary folder: whoever can write there can run code here. The
tables are plain data, so they are kept as JSON, in a folder and file of the owner's alone, named for the versions and
the grammar, whose text stands in it too. A cache that is damaged, foreign or unwritable only means a slower start.
"""

import contextlib
import json
import os
import stat
import sys
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any
from zlib import crc32

from lark import Lark
from lark import __version__ as lark_version
from lark.exceptions import LarkError

from netdsl.cache import cache_dir

STARTS = ["file", "inline", "expression", "rules"]
OPTIONS: dict[str, Any] = {
    "parser": "lalr",
    "lexer": "contextual",
    "start": STARTS,
    "propagate_positions": True,
    "maybe_placeholders": True,
}


@cache
def parser(keep_all_tokens: bool = False) -> Lark:
    """The parser for each of STARTS; with `keep_all_tokens` its trees have every word, for who lays the text out."""
    options = {**OPTIONS, "keep_all_tokens": True, "maybe_placeholders": False} if keep_all_tokens else OPTIONS
    texts = [(files("netdsl.grammars") / name).read_text("utf-8") for name in ("net.lark", "terminals.lark")]
    key = "\0".join([lark_version, sys.version, repr(options), *texts])
    try:
        path = cache_dir() / f"grammar-{sys.implementation.cache_tag}-{crc32(key.encode()):08x}.json"
    except (OSError, RuntimeError):  # RuntimeError: there is no home folder
        return _build(options)
    return _load(path, key) or _build_and_save(path, key, options)


def _build(options: dict[str, Any]) -> Lark:
    return Lark.open_from_package("netdsl.grammars", "net.lark", search_paths=[""], **options)


def _load(path: Path, key: str) -> Lark | None:
    """The parser from its tables, or None when there are none that can be trusted."""
    try:
        with path.open(encoding="utf-8") as file:
            status = os.fstat(file.fileno())
            if hasattr(os, "getuid") and (
                status.st_uid != os.getuid() or status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
            ):
                return None
            kept = json.load(file)
        if kept["key"] != key:
            return None
        tables = kept["data"]["parser"]["parser"]
        tables["tokens"] = _numbered(tables["tokens"])
        tables["states"] = {state: _numbered(row) for state, row in _numbered(tables["states"]).items()}
        load: Callable[..., Lark] = Lark._load_from_dict
        return load(kept["data"], _numbered(kept["memo"]), propagate_positions=True)
    except (OSError, ValueError, LookupError, TypeError, AttributeError, LarkError, RecursionError, AssertionError):
        return None


def _numbered(table: dict[str, Any]) -> dict[int, Any]:
    """JSON has no numbers as keys; Lark's tables have nothing else."""
    return {int(key): value for key, value in table.items()}


def _build_and_save(path: Path, key: str, options: dict[str, Any]) -> Lark:
    import tempfile

    from lark.grammar import Rule
    from lark.lexer import TerminalDef

    built = _build(options)
    data, memo = built.memo_serialize([TerminalDef, Rule])
    data["options"]["import_paths"] = []  # loaders, of no use once the tables are made
    with contextlib.suppress(OSError):
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".grammar-")  # readable by the owner only
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                json.dump({"key": key, "data": data, "memo": memo}, file, separators=(",", ":"))
            Path(name).replace(path)
        except OSError:
            Path(name).unlink(missing_ok=True)
    return built
