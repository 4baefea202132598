"""Files that are there whole or not at all."""

import pytest

from netdsl.atomic import try_writing, written_beside


def test_the_file_takes_the_place(tmp_path):
    (tmp_path / "x").write_text("old")
    with written_beside(tmp_path / "x") as beside:
        beside.write_text("new")
        assert (tmp_path / "x").read_text() == "old"
    assert (tmp_path / "x").read_text() == "new"
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("trouble", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_trouble_leaves_the_old_file(tmp_path, trouble):
    (tmp_path / "x").write_text("old")
    with pytest.raises(type(trouble)), written_beside(tmp_path / "x") as beside:
        beside.write_text("half")
        raise trouble
    assert [file.read_text() for file in tmp_path.iterdir()] == ["old"]


def test_trying_leaves_nothing_behind(tmp_path) -> None:
    try_writing(tmp_path)
    assert not list(tmp_path.iterdir())
    with pytest.raises(OSError):
        try_writing(tmp_path / "nowhere")
