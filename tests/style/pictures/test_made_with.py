"""Settings in the text fields of a PNG."""

import pytest
from PIL import Image

from netdsl.diagnostics import DiagnosticsError
from netdsl.style.pictures.made_with import save, settings_in

PICTURE = Image.new("RGB", (3, 2), "red")


def number(made: dict[str, object]) -> int | None:
    return made["n"] if isinstance(made["n"], int) else None  # type: ignore[return-value]


def found(path, field="mine") -> str | None:
    with pytest.raises(DiagnosticsError) as caught:
        settings_in(path, field, number, "paint", "painted")
    (problem,) = caught.value.diagnostics
    assert problem.code == "NET658" and problem.expected == "a PNG of `paint`" and "was painted" in problem.message
    return problem.found


def test_there_and_back(tmp_path) -> None:
    save(PICTURE, tmp_path / "a.png", "mine", {"n": 7, "name": "ä"})
    assert settings_in(tmp_path / "a.png", "mine", number, "paint", "painted") == 7
    assert Image.open(tmp_path / "a.png").tobytes() == PICTURE.tobytes()
    assert [path.name for path in tmp_path.iterdir()] == ["a.png"]
    assert found(tmp_path / "a.png", "another's") == "no settings in it"


@pytest.mark.parametrize("made", [{"m": 7}, {"n": "seven"}])
def test_settings_of_another_version(tmp_path, made) -> None:
    save(PICTURE, tmp_path / "a.png", "mine", made)
    assert found(tmp_path / "a.png") == "other settings than this version's"


def test_other_files(tmp_path) -> None:
    PICTURE.save(tmp_path / "a.jpg")
    (tmp_path / "b.png").write_text("no picture")
    assert found(tmp_path / "a.jpg") == "no settings in it"
    assert "cannot be read" in str(found(tmp_path / "b.png"))
    assert found(tmp_path / "c.png") == "nothing of that name"


def test_a_folder_that_is_not_there(tmp_path) -> None:
    with pytest.raises(OSError, match="no"):
        save(PICTURE, tmp_path / "no" / "a.png", "mine", {})
