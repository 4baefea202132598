"""The user's own folder for things that can be made again: the grammar's tables, decoded data."""

import os
import sys
from pathlib import Path


def cache_dir() -> Path:
    """`$NETDSL_CACHE`, or netdsl's folder in the user's cache; made readable by its owner only.

    Errors: OSError when it cannot be made; a caller that can do without goes on without.
    """
    folder = _place()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def _place() -> Path:
    if chosen := os.environ.get("NETDSL_CACHE"):
        return Path(chosen)
    system: str = sys.platform
    if system == "linux":  # what platformdirs answers there, without the time to import it
        return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "netdsl"
    from platformdirs import user_cache_path

    return user_cache_path("netdsl", appauthor=False)
