"""The plot of shifts, scales and turns for photographs."""

import numpy as np
import pytest
from PIL import Image

from netdsl.diagnostics import DiagnosticsError
from netdsl.seeing.gradients import draw
from netdsl.seeing.gradients.grids import draw_maps
from netdsl.seeing.gradients.invariance_plot import draw_invariance
from netdsl.seeing.photos import read_photos
from netdsl.seeing.similar import similar


def test_a_coffee_is_one_at_every_scale_and_not_upside_down(squeezenet, content, tmp_path) -> None:
    photos = read_photos([content("coffee"), tmp_path / "nowhere.jpg"], squeezenet)
    one, lost = draw_invariance(squeezenet, photos, tmp_path / "out.png")
    assert one.class_name == "espresso" and lost.error == "no such file"
    shift, scale, turn = one.curves
    assert set(shift.distances) == {"fire2", "fire9"}
    assert min(scale.probabilities) > 0.8
    upside_down = turn.change.amounts.index(180)
    assert turn.probabilities[upside_down] < 0.2 < 0.8 < turn.probabilities[0]
    for curve in one.curves:  # the low place changes faster than the high one at first
        first = next(i for i, amount in enumerate(curve.change.amounts) if curve.distances["fire9"][i] > 1e-3)
        assert curve.distances["fire2"][first] > 0.3
    told = one.as_json()
    assert [each["name"] for each in told["changes"]] == ["shift", "scale", "turn"]
    with Image.open(tmp_path / "out.png") as picture:
        assert picture.size[0] > 800


def test_a_class_and_places_of_ones_own(lively, picture, tmp_path) -> None:
    photos = read_photos([picture("a.png", 40, 40), picture("b.png", 50, 40)], lively)
    found = draw_invariance(lively, photos, tmp_path / "out.png", ["@last"], "tabby")
    assert [one.class_name for one in found] == ["tabby", "tabby"]
    assert all(set(curve.distances) == {"last"} for one in found for curve in one.curves)


def test_distances_have_one_scale_and_the_legend_covers_no_curve(lively, picture, tmp_path, monkeypatch) -> None:
    figures = []
    monkeypatch.setattr(draw, "save", lambda figure, path, *form: (figures.append(figure), path.write_bytes(b"drawn")))
    photos = read_photos([picture("a$.png", 40, 40), picture("b.png", 50, 40)], lively)
    found = draw_invariance(lively, photos, tmp_path / "out.png", ["conv1", "@last"], "tabby")
    (figure,) = figures
    figure.draw_without_rendering()
    grid = np.array(figure.axes).reshape(3, 4)
    limits = {plot.get_ylim() for plot in grid[:, 1:3].flat}
    farthest = max(max(far) for one in found for curve in one.curves for far in curve.distances.values())
    assert len(limits) == 1 and limits.pop()[1] > farthest
    (legend,) = figure.legends
    assert [text.get_text().strip() for text in legend.get_texts()] == ["a$: tabby", "b: tabby"]
    box = legend.get_window_extent()
    assert not any(box.overlaps(plot.get_tightbbox()) for plot in grid.flat)
    assert [plot.get_title().splitlines()[0] for plot in grid[:, 0]] == ["a$.png"] * 3


@pytest.mark.parametrize(("at", "class_name", "code"), [(["@x"], None, "NET209"), ([], "nothing such", "NET605")])
def test_what_is_not_there(lively, picture, tmp_path, at, class_name, code) -> None:
    with pytest.raises(DiagnosticsError) as caught:
        draw_invariance(lively, read_photos([picture("a.png", 40, 40)], lively), tmp_path / "o.png", at, class_name)
    assert caught.value.diagnostics[0].code == code


def test_names_of_files_are_no_mathematics(lively, picture, tmp_path) -> None:
    files = [picture("$\\frac$.png", 40, 40), picture("_x^$.png", 40, 40)]
    draw_invariance(lively, read_photos(files, lively), tmp_path / "a.png")
    draw_maps(lively, files, [tmp_path / "b.png", tmp_path / "c.png"], "@last")
    similar(lively, files[0], [tmp_path], "last", tmp_path / "d.png")
    assert all((tmp_path / f"{name}.png").stat().st_size for name in "abcd")
