"""Films that ffmpeg's own test pictures make: frames, rate and sound come through, and failures leave nothing."""

import subprocess
from fractions import Fraction
from pathlib import Path

import pytest
import torch

from netdsl.diagnostics import DiagnosticsError
from netdsl.style.films import ffmpeg
from netdsl.style.films.film import is_film, opened, paint_film

from ...outside import made_film


@pytest.fixture
def film(quiet_place) -> Path:
    return made("film.mp4")


def made(name: str, seconds: float = 0.8, rate: str = "25", size: str = "64x48", sound: bool = True) -> Path:
    """A film of ffmpeg's test picture."""
    pictures = ["-f", "lavfi", "-i", f"testsrc=duration={seconds}:size={size}:rate={rate}"]
    tone = ["-f", "lavfi", "-i", f"sine=frequency=440:duration={seconds}"] if sound else []
    return made_film(name, *pictures, *tone)


def streams(path: Path) -> dict[str, dict[str, str]]:
    asked = "stream=codec_type,codec_name,width,height,avg_frame_rate,nb_read_packets"
    found = ffmpeg.probed(path, "-count_packets", "-show_entries", asked)
    return {stream["codec_type"]: stream for stream in found["streams"]}


def sound_of(path: Path) -> bytes:
    """What is heard, without the form around it."""
    command = ["ffmpeg", "-v", "error", "-i", str(path), "-map", "0:a", "-c", "copy", "-f", "adts", "pipe:1"]
    return subprocess.run(command, capture_output=True, check=True).stdout


def refused(call, *arguments) -> str:
    with pytest.raises(DiagnosticsError) as caught:
        call(*arguments)
    (problem,) = caught.value.diagnostics
    assert problem.code == "NET661"
    return f"{problem.message} {problem.found}"


@pytest.mark.parametrize(("rate", "out"), [("25", "out.mp4"), ("30000/1001", "out.mkv"), ("12", "out.mov")])
def test_frames_rate_and_sound_are_kept(quiet_place, rate, out) -> None:
    source = opened(made("film.mp4", rate=rate))
    told = []
    count = paint_film(source, Path(out), lambda x: 255 - x, lambda done, of: told.append((done, of)))
    assert count == source.frames == round(0.8 * Fraction(rate))
    assert told == [(frame, count) for frame in range(1, count + 1)]
    before, after = streams(source.path), streams(Path(out))
    assert (
        after["video"]["avg_frame_rate"] == before["video"]["avg_frame_rate"] and opened(Path(out)).rate == source.rate
    )
    assert after["video"]["nb_read_packets"] == before["video"]["nb_read_packets"]
    assert after["audio"]["codec_name"] == "aac" and sound_of(Path(out)) == sound_of(source.path)
    assert sorted(path.name for path in quiet_place.iterdir()) == ["film.mp4", out]


def test_each_frame_goes_through_the_net_and_back(film) -> None:
    """The inverse of the inverse is the film, up to what its compression loses."""
    frames, twice = [], []
    paint_film(opened(film), Path("negative.mkv"), lambda x: frames.append(x) or 255 - x)
    paint_film(opened(Path("negative.mkv")), Path("positive.mkv"), lambda x: twice.append(255 - x) or 255 - x)
    assert len(frames) == len(twice) == 20
    assert frames[0].shape == (1, 3, 48, 64) and frames[0].std() > 60
    assert (frames[3] - frames[18]).abs().max() > 50  # it moves
    assert max(float((a - b).abs().mean()) for a, b in zip(frames, twice, strict=True)) < 8


def test_without_sound_and_at_another_size(quiet_place) -> None:
    source = opened(made("film.webm" if ffmpeg.has_encoder("libvpx-vp9") else "film.mkv", sound=False), 33)
    assert (source.width, source.height) == (32, 24)  # 33 and 24.75, made even
    paint_film(source, Path("out.mp4"), lambda x: x)
    after = streams(Path("out.mp4"))
    assert set(after) == {"video"} and (after["video"]["width"], after["video"]["height"]) == (32, 24)


def test_a_film_that_was_turned(film) -> None:
    """A telephone's: it is stored lying and shown upright."""
    subprocess.run(
        ["ffmpeg", "-v", "error", "-i", "film.mp4", "-metadata:s:v:0", "rotate=90", "-c", "copy", "t.mp4"], check=True
    )
    source = opened(Path("t.mp4"))
    assert (source.width, source.height) == (48, 64)
    assert paint_film(source, Path("out.mp4"), lambda x: x) == 20


def test_what_is_no_film(quiet_place) -> None:
    (quiet_place / "a.mp4").write_text("no film")
    assert "`a.mp4` is no film" in refused(opened, Path("a.mp4"))
    assert "not there" in refused(opened, Path("b.mp4"))
    assert is_film(Path("A.MP4")) and not is_film(Path("a.png"))


def test_ffmpeg_is_missing(film, monkeypatch) -> None:
    source = opened(film)
    monkeypatch.setattr(ffmpeg.shutil, "which", lambda name: None)
    assert "not installed" in refused(opened, film)
    assert "not installed" in refused(paint_film, source, Path("out.mp4"), lambda x: x)
    assert not Path("out.mp4").exists()


@pytest.mark.parametrize("trouble", [KeyboardInterrupt, ValueError])
def test_nothing_half_written_is_left(film, quiet_place, trouble) -> None:
    (quiet_place / "out.mp4").write_text("mine")
    seen = []

    def paint(x):
        seen.append(x)
        if len(seen) == 5:
            raise trouble
        return x

    with pytest.raises(trouble):
        paint_film(opened(film), Path("out.mp4"), paint)
    assert (quiet_place / "out.mp4").read_text() == "mine"
    assert sorted(path.name for path in quiet_place.iterdir()) == ["film.mp4", "out.mp4"]


def test_a_sound_that_the_form_cannot_hold(quiet_place) -> None:
    """ffmpeg ends before it takes a frame; what it says is told."""
    source = opened(made("film.mp4"))
    assert "`out.webm` cannot be written" in refused(paint_film, source, Path("out.webm"), lambda x: x)
    assert [path.name for path in quiet_place.iterdir()] == ["film.mp4"]


def test_pictures_of_a_net_may_be_outside_of_bytes(film) -> None:
    paint_film(opened(film), Path("out.mkv"), lambda x: torch.where(x > 127, 1e4, -1e4))
    seen = []
    paint_film(opened(Path("out.mkv")), Path("again.mkv"), lambda x: seen.append(x) or x)
    assert ((seen[0] < 60) | (seen[0] > 195)).float().mean() > 0.6
