"""The catalog has exactly the codes that the source reports, and docs/diagnostics.md is its page."""

import re
from pathlib import Path

from netdsl.diagnostics.catalog import CATALOG, as_markdown

ROOT = Path(__file__).parents[2]


def reported() -> set[str]:
    """Codes in strings of the source: where something is reported. Docstrings name ranges too, but no other code."""
    sources = [*(ROOT / "netdsl").rglob("*.py"), *(ROOT / "cli").rglob("*.py")]
    texts = [p.read_text(encoding="utf-8") for p in sources if p.name != "catalog.py"]
    return set(re.findall(r'"(NET\d{3})"', "".join(texts)))


def test_every_reported_code_is_explained() -> None:
    assert not reported() - CATALOG.keys()


def test_every_explained_code_is_reported() -> None:
    assert not CATALOG.keys() - reported()


def test_entries_are_paragraphs() -> None:
    for code, entry in CATALOG.items():
        assert re.fullmatch(r"NET[1-6]\d\d", code)
        assert entry.title and not entry.title.endswith("."), code
        assert entry.text.endswith((".", "!", "`")) and "\n" not in entry.text, code
        assert len(entry.text) > 60, code


def test_titles_differ() -> None:
    titles = [entry.title for entry in CATALOG.values()]
    assert len(set(titles)) == len(titles)


def test_the_page_is_up_to_date(golden) -> None:
    golden(as_markdown(), ROOT / "docs" / "diagnostics.md")
