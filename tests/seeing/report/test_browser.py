"""The page in a real browser, headless: what it shows, that it loads nothing, that it fits narrow and wide windows."""

import html as escaping
import json
import re
import subprocess
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from netdsl.seeing.report.write import write_report

SECONDS = 120
PAPER, DARK = (255, 255, 255), (20, 25, 31)  # the page's background in both schemes


@pytest.fixture
def page(run) -> Path:
    return write_report(run).path


def browse(chromium: str, place: Path, *options: str) -> "subprocess.CompletedProcess[str]":
    """One headless run; `place` is a page, beside which the browser keeps its own files."""
    folder = place.parent / "browser"
    command = [
        *(chromium, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars"),
        *("--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"),
        *("--enable-logging=stderr", "--v=0", f"--user-data-dir={folder}", *options, place.as_uri()),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=SECONDS)
    assert done.returncode == 0, done.stderr
    return done


def pictured(chromium: str, page: Path, width: int, height: int, *options: str) -> np.ndarray:
    picture = page.parent / "screen.png"
    browse(chromium, page, f"--window-size={width},{height}", f"--screenshot={picture}", *options)
    return np.asarray(Image.open(picture).convert("RGB")).astype(int)


@pytest.mark.parametrize("width", [400, 1200])
def test_a_screenshot_has_content_all_over(chromium, page, width: int) -> None:
    pixels = pictured(chromium, page, width, 2400)
    assert pixels.shape == (2400, width, 3)
    assert tuple(pixels[0, 0]) == PAPER
    written = (pixels != PAPER).any(axis=2)
    for part in np.array_split(written[:2000], 10):  # every fifth of a screen has something on it
        assert 0.002 < part.mean() < 0.95
    assert not written[:, :8].any(), "the margin is empty"
    assert len(np.unique(pixels.reshape(-1, 3), axis=0)) > 200, "photographs and maps have many colours"


def test_the_curves_and_boxes_have_their_colours(chromium, page) -> None:
    seen = {tuple(c) for c in np.unique(pictured(chromium, page, 1200, 2000).reshape(-1, 3), axis=0).tolist()}
    for colour in ((0x44, 0x77, 0xAA), (0xCC, 0x33, 0x11), (0x22, 0x88, 0x33), (0xBC, 0xD7, 0xEA)):
        assert colour in seen


def test_dark_where_the_reader_wants_it_dark(chromium, page) -> None:
    pixels = pictured(chromium, page, 600, 800, "--blink-settings=preferredColorScheme=0")
    assert tuple(pixels[0, 0]) == DARK


def test_what_the_browser_reads(chromium, page, run) -> None:
    shown = browse(chromium, page, "--dump-dom").stdout
    for text in ("tiny", "Architecture", "What it looks at", "Worst mistakes", "Nothing on this page is loaded"):
        assert text in shown
    assert str(run) in shown
    assert shown.count("<section") == 5


def test_nothing_is_fetched_and_nothing_complains(chromium, page) -> None:
    assert fetched(chromium, page) == set()


def test_what_another_page_fetches_would_be_seen(chromium, tmp_path) -> None:
    """The test above can fail: an image from elsewhere is in the browser's log."""
    other = tmp_path / "other" / "page.html"
    other.parent.mkdir()
    other.write_text('<!DOCTYPE html><img src="http://192.0.2.1/x.png"><script>console.error("no")</script>')
    assert fetched(chromium, other, complains=True) == {"http://192.0.2.1/x.png"}


def fetched(chromium: str, page: Path, complains: bool = False) -> set[str]:
    """What a page asks for beside itself, by the browser's own log of its network."""
    log = page.parent / "net.json"
    done = browse(chromium, page, "--dump-dom", f"--log-net-log={log}", "--timeout=5000")
    assert ("CONSOLE" in done.stderr) == complains
    events = json.loads(log.read_text(encoding="utf-8", errors="replace"))["events"]
    asked = {e["params"]["url"] for e in events if isinstance(e.get("params"), dict) and "url" in e["params"]}
    return {url for url in asked if re.match("(https?|wss?|ftp):", url) and not is_the_browsers_own(url)}


def is_the_browsers_own(url: str) -> bool:
    """What this browser asks its makers for in any case, page or none."""
    return bool(re.match(r"https?://([\w-]+\.)*(google|googleapis|gvt1|gstatic)\.com[:/]", url))


@pytest.mark.parametrize("width", [320, 400, 800, 1200])
def test_the_page_is_no_wider_than_its_window(chromium, page, tmp_path, width: int) -> None:
    assert measured(chromium, page.read_text(encoding="utf-8"), tmp_path, width) <= width


def test_a_page_that_is_too_wide_would_be_seen(chromium, tmp_path) -> None:
    assert measured(chromium, '<div style="width:500px">x</div>', tmp_path, 400) >= 500


def measured(chromium: str, text: str, folder: Path, width: int) -> int:
    """How wide a page is inside a frame of that width; its document is measured from outside."""
    frame = f'<iframe id="f" width="{width}" height="900" style="border:0" srcdoc="{escaping.escape(text)}">'
    script = 'const d = document.getElementById("f").contentDocument.documentElement; document.title = d.scrollWidth;'
    outside = folder / "outside.html"
    outside.write_text(f"<!DOCTYPE html>{frame}</iframe><script>onload = () => {{ {script} }}</script>", "utf-8")
    shown = browse(chromium, outside, "--dump-dom", f"--window-size={width + 100},1000").stdout
    found = re.search(r"<title>(\d+)</title>", shown)
    assert found is not None
    return int(found[1])


def test_it_can_be_printed(chromium, page, tmp_path) -> None:
    browse(chromium, page, f"--print-to-pdf={tmp_path / 'page.pdf'}", "--no-pdf-header-footer")
    pdf = (tmp_path / "page.pdf").read_bytes()
    assert pdf.startswith(b"%PDF")
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) >= 2
