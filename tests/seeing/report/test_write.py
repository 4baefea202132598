"""The page as a file."""

import pytest

from netdsl import DiagnosticsError
from netdsl.seeing.report.write import write_report


def test_in_the_run_it_is_written_anew(run) -> None:
    for _ in range(2):
        written = write_report(run, with_data=False)
        assert written.path == run / "report.html"
    assert written.path.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert not list(run.glob(".*part"))


def test_elsewhere_a_file_is_kept(run, tmp_path) -> None:
    (tmp_path / "mine.html").write_text("mine")
    with pytest.raises(DiagnosticsError, match="NET638"):
        write_report(run, tmp_path / "mine.html", with_data=False)
    assert (tmp_path / "mine.html").read_text() == "mine"
    write_report(run, tmp_path / "mine.html", with_data=False, force=True)
    write_report(run, tmp_path / "new" / "page.html", with_data=False)
    assert (tmp_path / "new" / "page.html").is_file()


def test_equal_runs_give_equal_pages(run) -> None:
    first = write_report(run).path.read_bytes()
    assert write_report(run).path.read_bytes() == first
