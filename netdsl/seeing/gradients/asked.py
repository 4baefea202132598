"""What a command was asked for, looked up in the net: classes by name, places with maps, channels, names of files."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from netdsl.diagnostics import fail
from netdsl.ir.network import Network
from netdsl.ir.parts import tensor_at
from netdsl.seeing.choose import chosen
from netdsl.seeing.gradients import scores
from netdsl.seeing.gradients.saliency import ScoreOf
from netdsl.seeing.outputs import class_output
from netdsl.seeing.subject import Subject
from netdsl.seeing.written import check_new

FORMS = {".png": "png", ".jpg": "jpeg", ".jpeg": "jpeg"}


@dataclass(frozen=True, slots=True)
class Place:
    """Whose gradient is taken: the classes' scores (`channels` None: of each image's likeliest), or maps at a tag."""

    node: str
    name: str
    """As it was asked for."""
    is_class: bool
    score_of: ScoreOf
    channels: tuple[int, ...] | None = None


def classes_of(subject: Subject, words: Sequence[str]) -> Place:
    """The scores of the named classes, or of each image's likeliest one where none is named, or `top`.

    Errors: NET605 for a class that the net has not
    """
    output = class_output(subject.network)
    found = chosen(words, subject.classes)
    return Place(subject.network.nodes[output.node].name, "class", True, scores.mean, found.numbers or None)


def features_at(subject: Subject, at: str, channels: Sequence[int], score_of: ScoreOf) -> Place:
    """Channels of a tag or node.

    Errors: NET209 for a place that is not there, NET622 for a channel that it has not
    """
    index = tensor_at(subject.network, at)
    node = subject.network.nodes[index]
    for channel in channels:
        if channel >= node.output.channels:
            _no_channel(at, channel, node.output.channels)
    return Place(node.name, at.removeprefix("@"), False, score_of, tuple(channels))


def map_at(network: Network, at: str) -> int:
    """The node of a place that has a map, height x width.

    Errors: NET209 for a place that is not there, NET622 for one without a map
    """
    index = tensor_at(network, at)
    output = network.nodes[index].output
    if len(output.size) != 2:
        fail(
            "NET622",
            f"there is no map at `{at}` of `{network.name}`",
            expected="channels x height x width",
            found=f"{output}, a vector" if not output.size else str(output),
            note="places with maps: " + (", ".join(places_with_maps(network)) or "none"),
        )
    return index


def places_with_maps(network: Network, most: int = 12) -> list[str]:
    """Tags with maps; of a net without, its nodes with weights and a map."""
    tags = [f"@{name}" for name, tag in network.tags.items() if len(network.nodes[tag.node].output.size) == 2]
    nodes = [node.name for node in network.nodes if node.layer.weighted and len(node.output.size) == 2]
    return (tags or nodes)[:most]


def files_for(pictures: Iterable[Path], word: str, out: Path | None, force: bool) -> list[Path]:
    """Where a picture for each of the files goes: `cat-saliency.png` in the working folder, or in the folder `out`.

    A name ending in .png or .jpg is the file itself, where there is but one. Files of one name are numbered.
    Errors: NET625 for one name and several pictures, or another ending; NET638 for what is there already
    """
    given = list(pictures)
    if out is not None and out.suffix:
        _check_picture(out)
        if len(given) > 1:
            fail(
                "NET625",
                f"`{out}` is one file, for {len(given)} pictures",
                expected="a folder",
                found=f"a name that ends in {out.suffix}",
                note=f"-o {out.with_suffix('')} puts them into a folder of that name",
            )
        found = [out] * len(given)
    else:
        folder = out or Path()
        taken: dict[str, int] = {}
        found = []
        for path in given:
            again = taken[path.stem] = taken.get(path.stem, 0) + 1
            number = f"-{again}" if again > 1 else ""
            found.append(folder / f"{path.stem}{number}-{word}.png")
    check_new(found, force)
    return found


def file_for(name: str, out: Path | None, force: bool) -> Path:
    """Where the one picture of a command goes: `name` in the working folder, in the folder `out`, or `out` itself.

    Errors: NET625 for a name that is no picture's, NET638 for what is there already
    """
    path = Path(name) if out is None else out if out.suffix else out / name
    _check_picture(path)
    check_new([path], force)
    return path


def form_of(picture: Path) -> str:
    """What is written to a file of that name."""
    return FORMS[picture.suffix.lower()]


def _check_picture(path: Path) -> None:
    if path.suffix.lower() not in FORMS:
        expected = f"a name that ends in {', '.join(FORMS)}, or a folder"
        fail("NET625", f"`{path}` is no name for a picture", expected=expected, found=path.suffix)


def _no_channel(at: str, channel: int, channels: int) -> NoReturn:
    fail(
        "NET622",
        f"there is no channel {channel} at `{at}`",
        expected=f"a number from 0 to {channels - 1}",
        found=str(channel),
    )
