"""Classes, places and channels looked up in a net, and the names of the files that pictures go into."""

from pathlib import Path

import pytest

from netdsl.diagnostics import DiagnosticsError
from netdsl.seeing.gradients import scores
from netdsl.seeing.gradients.asked import classes_of, features_at, file_for, files_for, map_at


def refused(call, *given):
    with pytest.raises(DiagnosticsError) as caught:
        call(*given)
    (problem,) = caught.value.diagnostics
    return problem


def test_classes_by_name_and_by_number(small) -> None:
    place = classes_of(small, ["espresso", "0", "egyptian cat"])
    assert (place.node, place.is_class, place.channels) == ("linear1", True, (967, 0, 285))
    assert classes_of(small, []).channels is None and classes_of(small, ["top"]).channels is None
    assert refused(classes_of, small, ["Egyptian kat"]).code == "NET605"


def test_channels_and_maps(small) -> None:
    place = features_at(small, "@last", [11, 0], scores.strongest)
    assert (place.node, place.name, place.channels) == ("last", "last", (11, 0))
    problem = refused(features_at, small, "@last", [12], scores.strongest)
    assert (problem.code, problem.expected) == ("NET622", "a number from 0 to 11")
    assert refused(features_at, small, "@lost", [0], scores.strongest).code == "NET209"
    assert map_at(small.network, "@last") == small.network.tags["last"].node
    problem = refused(map_at, small.network, "linear1")
    assert problem.code == "NET622" and problem.note == "places with maps: @last"


def test_names_of_pictures(tmp_path) -> None:
    given = [Path("a/cat.jpg"), Path("b/cat.png"), Path("dog.jpg")]
    names = ["cat-x.png", "cat-2-x.png", "dog-x.png"]
    assert files_for(given, "x", None, False) == [Path(name) for name in names]
    assert files_for(given, "x", tmp_path, False) == [tmp_path / name for name in names]
    assert files_for(given[:1], "x", tmp_path / "one.png", False) == [tmp_path / "one.png"]
    assert refused(files_for, given, "x", tmp_path / "one.png", False).code == "NET625"
    assert refused(files_for, given[:1], "x", tmp_path / "one.gif", False).code == "NET625"
    assert file_for("n.png", None, False) == Path("n.png")
    assert file_for("n.png", tmp_path, False) == tmp_path / "n.png"
    assert file_for("n.png", tmp_path / "m.JPG", False) == tmp_path / "m.JPG"
    assert refused(file_for, "n.png", tmp_path / "m.gif", False).code == "NET625"


def test_what_is_there_is_not_written_over(tmp_path) -> None:
    (tmp_path / "dog-x.png").write_text("mine")
    given = [Path("cat.jpg"), Path("dog.jpg")]
    assert refused(files_for, given, "x", tmp_path, False).code == "NET638"
    assert len(files_for(given, "x", tmp_path, True)) == 2
    assert refused(file_for, "dog-x.png", tmp_path, False).code == "NET638"
    (tmp_path / "folder.png").mkdir()
    assert refused(file_for, "n.png", tmp_path / "folder.png", True).code == "NET638"
