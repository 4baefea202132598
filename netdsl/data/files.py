"""Where the files of a data set are found, and how they get there: a data folder, the user's cache, a download."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn, Protocol

from netdsl.cache import cache_dir
from netdsl.diagnostics import fail

Say = Callable[[str], None]


class Meter(Protocol):
    """A progress display in bytes, in the form that pooch drives."""

    total: int

    def update(self, count: int) -> None: ...
    def reset(self) -> None: ...
    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Remote:
    """One file of a data set: its name, the patterns it may have in a data folder, where it is on the net."""

    name: str
    patterns: tuple[str, ...]
    urls: tuple[str, ...]
    sha256: str


def locate(data: str, remotes: Sequence[Remote], data_dir: Path | None) -> list[Path] | None:
    """The files of a data set, in the order of `remotes`: from `data_dir`, `$NETDSL_DATA` or earlier downloads.

    A folder may hold them in a folder with the data set's name, or directly. None when they are nowhere; but a folder
    that was asked for by hand and does not have them is an error.
    """
    variable = os.environ.get("NETDSL_DATA")
    given = data_dir or (Path(variable) if variable else None)
    if given is not None:
        if not given.is_dir():
            _no_folder(given, "--data-dir" if data_dir else "NETDSL_DATA")
        found = _in(given / data, remotes) or _in(given, remotes)
        if found or data_dir:
            return found or _missing(data, given, remotes)
    try:
        return _in(cache_dir() / "data" / data, remotes)
    except OSError:  # no cache, so nothing in it
        return None


def download(data: str, remotes: Sequence[Remote], say: Say, meter: Meter | None) -> list[Path]:
    """Get what is not there yet into the user's cache. A file appears there only whole and with the right checksum."""
    try:
        folder = cache_dir() / "data" / data
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        _cannot_write(error)
    by_hand = (
        f"get {', '.join(remote.name for remote in remotes)} by hand, and put them into {folder}, "
        "or into a folder of yours and name that with --data-dir"
    )
    return [_first(folder, remote) or _fetch(folder, remote, say, meter, by_hand) for remote in remotes]


def _fetch(folder: Path, remote: Remote, say: Say, meter: Meter | None, by_hand: str) -> Path:
    import pooch
    from requests import RequestException

    pooch.get_logger().setLevel("ERROR")
    tried = []
    for url in remote.urls:
        say(f"downloading {url}")
        fetch = pooch.HTTPDownloader(progressbar=meter or False, timeout=30)
        try:
            return Path(pooch.retrieve(url, f"sha256:{remote.sha256}", remote.name, folder, downloader=fetch))
        except RequestException as error:
            tried.append(f"{url}: {_reason(error)}")
        except ValueError:  # pooch's word for a checksum that differs
            tried.append(f"{url}: not the official file (another checksum)")
        except OSError as error:
            _cannot_write(error)
    return fail(
        "NET512",
        f"{remote.name} could not be downloaded",
        found="; ".join(tried),
        note=by_hand,
    )


def _reason(error: Exception) -> str:
    from requests import ConnectionError as NoConnection
    from requests import HTTPError, Timeout

    if isinstance(error, HTTPError) and error.response is not None:
        return f"the server answers {error.response.status_code} {error.response.reason}".rstrip()
    if isinstance(error, Timeout):
        return "no answer in time"
    return "no connection" if isinstance(error, NoConnection) else "the transfer broke off"


def _in(folder: Path, remotes: Sequence[Remote]) -> list[Path] | None:
    found = [path for remote in remotes if (path := _first(folder, remote))]
    return found if len(found) == len(remotes) else None


def _first(folder: Path, remote: Remote) -> Path | None:
    if not folder.is_dir():
        return None
    return next((path for pattern in remote.patterns for path in sorted(folder.glob(pattern)) if path.is_file()), None)


def _cannot_write(error: OSError) -> NoReturn:
    fail(
        "NET551",
        f"the cache cannot be written: `{error.filename}`" if error.filename else "the cache cannot be written",
        found=error.strerror or str(error),
        note="name another folder in the variable NETDSL_CACHE, or give a folder that has the files with --data-dir",
    )


def _no_folder(folder: Path, origin: str) -> NoReturn:
    fail(
        "NET511",
        f"the data folder `{folder}` is not there",
        expected=f"a folder with the data files, from {origin}",
        found="a file" if folder.exists() else "nothing of that name",
        note=f"correct {origin}, or leave it out: the files are then downloaded once into your cache",
    )


def _missing(data: str, given: Path, remotes: Sequence[Remote]) -> NoReturn:
    folder = given / data if (given / data).is_dir() else given
    missing = [remote.name for remote in remotes if _first(folder, remote) is None]
    fail(
        "NET511",
        f"the data folder `{given}` does not hold all of {data}",
        expected=", ".join(remote.name for remote in remotes) + f" in `{given / data}` or in `{given}` itself",
        found=f"no {' and no '.join(missing)}",
        note="put the files there, or leave --data-dir out: they are then downloaded once into your cache",
    )
