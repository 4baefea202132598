"""The grammar in `grammars/` as a parser, its tables kept in the user's cache between runs.

Lark's own cache is a pickle, by default in a shared temporary folder: whoever can write there can run code here. The
tables are plain data, so they are kept as JSON, in a folder and file of the owner's alone, under a name made of the
grammar's content and all versions. A cache that is damaged, foreign or unwritable only means a slower start.
"""

import contextlib
import json
import os
import stat
import sys
import tempfile
from functools import cache
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import Any

from lark import Lark
from lark import __version__ as lark_version
from lark.exceptions import LarkError

from netdsl.cache import cache_dir

STARTS = ["file", "inline", "expression"]
OPTIONS: dict[str, Any] = {
    "parser": "lalr",
    "lexer": "contextual",
    "start": STARTS,
    "propagate_positions": True,
    "maybe_placeholders": True,
}


@cache
def parser() -> Lark:
    """The parser for `file`, `inline` and `expression`."""
    texts = [(files("netdsl.grammars") / name).read_text("utf-8") for name in ("net.lark", "terminals.lark")]
    key = sha256("\0".join([*texts, lark_version, sys.version, repr(OPTIONS)]).encode()).hexdigest()[:32]
    try:
        path = cache_dir() / f"grammar-{key}.json"
    except (OSError, RuntimeError):  # RuntimeError: there is no home folder
        return _build()
    return _load(path) or _build_and_save(path)


def _build() -> Lark:
    return Lark.open_from_package("netdsl.grammars", "net.lark", search_paths=[""], **OPTIONS)


def _load(path: Path) -> Lark | None:
    """The parser from its tables, or None when there are none that can be trusted."""
    try:
        with path.open(encoding="utf-8") as file:
            status = os.fstat(file.fileno())
            if hasattr(os, "getuid") and (
                status.st_uid != os.getuid() or status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
            ):
                return None
            tables = json.load(file, object_pairs_hook=_decoded)
        load: Any = Lark._load_from_dict
        loaded: Lark = load(tables["data"], tables["memo"], propagate_positions=True)
        return loaded
    except (OSError, ValueError, LookupError, TypeError, AttributeError, LarkError, RecursionError, AssertionError):
        return None


def _build_and_save(path: Path) -> Lark:
    from lark.grammar import Rule
    from lark.lexer import TerminalDef

    built = _build()
    data, memo = built.memo_serialize([TerminalDef, Rule])
    data["options"]["import_paths"] = []  # loaders, of no use once the tables are made
    with contextlib.suppress(OSError):
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".grammar-")  # readable by the owner only
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                json.dump({"data": _encoded(data), "memo": _encoded(memo)}, file, separators=(",", ":"))
            Path(name).replace(path)
        except OSError:
            Path(name).unlink(missing_ok=True)
    return built


def _encoded(value: Any) -> Any:
    """JSON has no dicts with numbers for keys; Lark's tables have."""
    if isinstance(value, dict):
        if all(isinstance(key, str) for key in value):
            return {key: _encoded(item) for key, item in value.items()}
        return {"#": [[key, _encoded(item)] for key, item in value.items()]}
    if isinstance(value, list | tuple | set | frozenset):
        return [_encoded(item) for item in value]
    return value


def _decoded(pairs: list[tuple[str, Any]]) -> dict[Any, Any]:
    if len(pairs) == 1 and pairs[0][0] == "#":
        return dict(pairs[0][1])
    return dict(pairs)
