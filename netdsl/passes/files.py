"""Which file a word on the command line means, and the text of it; the only place that reads `.net` files."""

import re
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path, PurePosixPath
from typing import NoReturn

from netdsl.diagnostics import Source, fail
from netdsl.layers.attributes import nearest

MAX_BYTES = 1_000_000
LONGEST_PATH = 250  # characters: beyond it file systems complain
_PATH = re.compile(r"[a-z_.~/][A-Za-z0-9_.~/-]*")


def looks_like_file(text: str) -> bool:
    """Is this the name of a file, of a folder, or of a bundled net, rather than a net typed out?"""
    if len(text) > LONGEST_PATH or any(sign in text for sign in "\n\0#{"):
        return False
    return text.endswith(".net") or bool(_PATH.fullmatch(text)) or Path(text).exists()


def bundled_nets() -> dict[str, Traversable]:
    """The nets that come with netdsl, by name."""
    folder = files("netdsl.nets")
    return {f.name.removesuffix(".net"): f for f in sorted(folder.iterdir(), key=str) if f.name.endswith(".net")}


def read_net(path: str) -> Source:
    """The file at `path`; where there is none, the bundled net of that name (`vgg16`, `nets/vgg16.net`).

    Errors: NET501 no such file, NET502 a folder, NET503 not text, NET504 too large, NET505 unreadable.
    """
    here = Path(path)
    name = _bundled_name(path)
    bundled = bundled_nets()
    if here.exists() and not (here.is_dir() and name in bundled):
        return read_file(here, path)
    if name in bundled:
        return Source(f"{BUNDLED}{name}.net", bundled[name].read_text("utf-8"))
    return _no_such_file(path, name)


def _no_such_file(path: str, name: str | None) -> NoReturn:
    bundled = bundled_nets()
    close = nearest(name or Path(path).stem, bundled)
    if Path(f"{path}.net").is_file():
        close = f"{path}.net"
    fail(
        "NET501",
        f"there is no file `{path}`" + ("" if name is None else f" and no bundled net `{name}`"),
        expected="a `.net` file, the name of a bundled net, or a net in quotes such as 'CRCRP'",
        found=path,
        note=f"did you mean `{close}`?" if close else "bundled: " + ", ".join(bundled),
    )


BUNDLED = "bundled nets/"


def _bundled_name(path: str) -> str | None:
    parts = PurePosixPath(path.replace("\\", "/")).parts
    if len(parts) > 2 or (len(parts) == 2 and parts[0] != "nets"):
        return None
    return parts[-1].removesuffix(".net") if parts else None


def read_file(path: Path, shown: str) -> Source:
    """The file at `path`, called `shown` in messages. Errors: NET501 to NET505."""
    if path.is_dir():
        fail(
            "NET502",
            f"`{shown}` is a folder",
            expected="a `.net` file",
            found="a folder",
            note=f"its files: netdsl check {shown.rstrip('/')}/*.net",
        )
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        fail("NET501", f"there is no file `{shown}`", expected="a `.net` file", found=shown)
    except OSError as error:
        fail("NET505", f"`{shown}` cannot be read", expected="a readable file", found=error.strerror or str(error))
    return source_of(data, shown)


def source_of(data: bytes, shown: str) -> Source:
    """The text that was read as bytes. Errors: NET503 not text, NET504 too large."""
    if len(data) > MAX_BYTES:
        fail(
            "NET504",
            f"`{shown}` is too large",
            expected=f"at most {MAX_BYTES:,} bytes",
            found=f"more than {MAX_BYTES:,}",
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        fail(
            "NET503",
            f"`{shown}` is not text",
            expected="UTF-8",
            found=f"byte {data[error.start]:#04x} at {error.start}",
        )
    if "\0" in text:
        fail("NET503", f"`{shown}` is not text", expected="UTF-8", found=f"a zero byte at {text.index(chr(0))}")
    return Source(shown, text)


def import_source(importing: Source, path: str) -> tuple[str, Source | None]:
    """A key for the imported file that tells it from all others, and its text.

    A file is looked for in the folder of the importing one, then among the bundled nets; None when it is in neither,
    or outside.
    """
    if is_outside(path):
        return path, None
    pure = PurePosixPath(path)
    if not importing.name.startswith(BUNDLED):
        parent = Path(importing.name).parent
        folder = parent.resolve()
        target = (folder / pure).resolve()
        if target.is_relative_to(folder) and target.exists():
            return str(target), read_file(target, str(parent / pure))
    bundled, name = bundled_nets(), pure.stem
    if len(pure.parts) == 1 and name in bundled:
        return BUNDLED + name, Source(f"{BUNDLED}{name}.net", bundled[name].read_text("utf-8"))
    return path, None


def source_key(source: Source) -> str:
    """The key of a file that was read by its name, as `import_source` gives it."""
    if source.name.startswith(BUNDLED):
        return source.name.removesuffix(".net")
    return str(Path(source.name).resolve())


def is_outside(path: str) -> bool:
    pure = PurePosixPath(path)
    return pure.is_absolute() or ".." in pure.parts


def importable(importing: Source) -> list[str]:
    """What stands beside the importing file, and the bundled nets."""
    beside = [] if importing.name.startswith(BUNDLED) else sorted(Path(importing.name).parent.glob("*.net"))
    return [*(file.name for file in beside), *(f"{name}.net" for name in bundled_nets())]
