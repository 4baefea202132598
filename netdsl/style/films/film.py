"""Films through ffmpeg: frames come in through one pipe and go out through another, sound is copied beside them."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from netdsl.atomic import written_beside
from netdsl.style.films.ffmpeg import Running, has_encoder, probed, refuse, running

FORMS = {".mp4": "mp4", ".m4v": "mp4", ".mov": "mov", ".mkv": "matroska", ".webm": "webm", ".avi": "avi"}
"""Endings that a film is written under, with ffmpeg's word for the form."""
ENDINGS = {*FORMS, ".mpg", ".mpeg", ".wmv", ".flv", ".ogv", ".ts", ".3gp"}
"""Endings of what counts as a film to be read."""
X264 = ("-c:v", "libx264", "-crf", "18", "-preset", "fast", "-pix_fmt", "yuv420p")
"""Hardly less than what was painted; its colours are those that all players know."""
RAW = ("-f", "rawvideo", "-pix_fmt", "rgb24")

Paint = Callable[[Tensor], Tensor]
"""1 x 3 x height x width from 0 to 255, in and out."""
Watch = Callable[[int, int | None], None]
"""Told how many frames are painted, of how many, as far as the file says that."""


@dataclass(frozen=True, slots=True)
class Film:
    """What a file says of its pictures. `rate` is in frames a second; `frames` is None where it does not say.

    Frames of a film that is not `even` come at irregular times: it is given so many a second.
    """

    path: Path
    width: int
    height: int
    rate: Fraction
    frames: int | None
    even: bool = True


def is_film(path: Path) -> bool:
    """By its name; whether it can be read is for `opened` to say."""
    return path.suffix.lower() in ENDINGS


def opened(path: Path, longer: int | None = None) -> Film:
    """Sides are made even, as players want them, and pixels square; `longer` is a longer side other than the film's.

    Errors: DiagnosticsError with NET661 where ffmpeg is missing, or finds no pictures in the file
    """
    if not path.is_file():
        refuse(f"`{path}` is not there", "a film's file", "a folder" if path.is_dir() else "nothing of that name")
    shown = "stream=width,height,avg_frame_rate,r_frame_rate,nb_frames,duration,sample_aspect_ratio"
    entries = f"{shown}:stream_side_data=rotation:format=duration"
    found = probed(path, "-select_streams", "v:0", "-show_entries", entries)
    streams = found.get("streams", [])
    if not streams or not streams[0].get("width"):
        refuse(f"`{path}` has no moving pictures", "a film", "a file without them")
    stream = streams[0]
    average, base = (_fraction(stream, name) for name in ("avg_frame_rate", "r_frame_rate"))
    rate = average or base or Fraction(25)
    width, height = stream["width"] * (_fraction(stream, "sample_aspect_ratio") or 1), Fraction(stream["height"])
    if any(round(float(side.get("rotation", 0))) % 180 for side in stream.get("side_data_list", [])):
        width, height = height, width
    scale = longer / max(width, height) if longer else Fraction(1)
    wide, high = (max(2, 2 * round(side * scale / 2)) for side in (width, height))
    return Film(path, wide, high, rate, _count(stream, found.get("format", {}), rate), average == base)


def paint_film(film: Film, out: Path, paint: Paint, watch: Watch | None = None) -> int:
    """Each frame through `paint`, in order; gives how many there were.

    `out` is written whole or not at all. Its rate is the film's, its sound the film's own, copied.
    Errors: DiagnosticsError with NET661 where ffmpeg cannot read the one or write the other, OSError
    """
    source = str(film.path.absolute())
    rate = ("-r", str(film.rate))
    # Times are often rounded to milliseconds: of even ones each frame is taken, whatever its time says.
    times = f"setpts=N/({film.rate})/TB" if film.even else f"fps={film.rate}"
    read = ("-nostdin", "-i", source, "-map", "0:v:0", "-vf", f"{times},scale={film.width}:{film.height}", *rate)
    given = (*RAW, "-s", f"{film.width}x{film.height}", *rate, "-i", "pipe:0")
    with written_beside(out) as beside:
        sound = ("-i", source, "-map", "0:v:0", "-map", "1:a?", "-c:a", "copy")
        written = (*_encoder(out), "-f", FORMS[out.suffix.lower()], str(beside.absolute()))
        count = 0
        with running(*read, *RAW, "pipe:1") as reader, running(*given, *sound, *written) as writer:
            for frame in _frames(reader, film):
                _write(writer, paint(frame), out)
                count += 1
                if watch is not None:
                    watch(count, film.frames)
            reader.ended(f"`{film.path}` cannot be read to its end", "a film that is whole")
            if not count:
                refuse(f"`{film.path}` has no pictures", "a film of one picture or more", "none")
            _finish(writer, out)
    return count


def _frames(reader: Running, film: Film) -> Iterator[Tensor]:
    size = film.height * film.width * 3
    while len(data := reader.source.read(size)) == size:
        pixels = torch.frombuffer(bytearray(data), dtype=torch.uint8).view(film.height, film.width, 3)
        yield pixels.permute(2, 0, 1)[None].float()


def _write(writer: Running, painted: Tensor, out: Path) -> None:
    pixels = painted[0].detach().cpu().clamp(0, 255).round().to(torch.uint8).permute(1, 2, 0)
    try:
        writer.sink.write(pixels.contiguous().numpy().tobytes())
    except BrokenPipeError:
        _finish(writer, out)


def _finish(writer: Running, out: Path) -> None:
    """No more frames come. Errors: NET661 where not all of them could be written"""
    with suppress(BrokenPipeError):  # it has ended already, and says why
        writer.sink.close()
    writer.ended(f"`{out}` cannot be written", "room, and a form that holds the film's sound")


def _encoder(out: Path) -> tuple[str, ...]:
    """What ffmpeg would choose for the form, but for a better quality where x264 is there."""
    return X264 if out.suffix.lower() != ".webm" and has_encoder("libx264") else ("-pix_fmt", "yuv420p")


def _fraction(stream: dict[str, Any], name: str) -> Fraction | None:
    """`30000/1001`, `4:3`; None for what is unknown, which ffprobe writes as 0/0 or N/A."""
    above, _, below = str(stream.get(name, "")).replace(":", "/").partition("/")
    if not above.isdigit() or not (below or "1").isdigit():
        return None
    return Fraction(int(above), int(below or 1)) if int(above) and int(below or 1) else None


def _count(stream: dict[str, Any], whole: dict[str, Any], rate: Fraction) -> int | None:
    """Frames, as the file counts them, or by its length."""
    if str(stream.get("nb_frames", "")).isdigit():
        return int(stream["nb_frames"])
    for entry in (stream, whole):
        try:
            return max(1, round(float(entry["duration"]) * rate))
        except (KeyError, ValueError):
            continue
    return None
