"""Points of curves, by hand."""

import pytest

from netdsl.seeing.report.charts import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, charts, nice
from netdsl.tasks.runs.metrics import Epoch

EPOCHS = [Epoch(1, 2.0, 0.5, 1.0, 0.25, 0.1, 3), Epoch(2, 1.0, 0.25, 0.5, 0.2, 0.1, 3)]


def test_the_first_and_the_last_epoch_are_at_the_edges() -> None:
    loss, error, rate = charts(EPOCHS)
    assert [chart.title for chart in (loss, error, rate)] == ["loss", "error", "learning rate"]
    train = next(line for line in loss.lines if line.name == "train")
    assert train.points == f"{LEFT}.0,{TOP}.0 {WIDTH - RIGHT}.0,{(TOP + HEIGHT - BOTTOM) / 2}"
    assert train.last == "1"
    assert [text for _, text in loss.up] == ["0", "0.5", "1", "1.5", "2"]
    assert [line.last for line in error.lines] == ["25 %", "20 %"]
    assert [text for _, text in loss.across] == ["1", "2"]


def test_one_epoch_is_a_point_in_the_middle() -> None:
    assert charts(EPOCHS[:1])[0].lines[0].points.startswith(f"{LEFT + (WIDTH - LEFT - RIGHT) / 2}")


def test_held_out_images_have_a_line_where_there_are_some() -> None:
    held = [Epoch(1, 2.0, 0.5, 1.0, 0.25, 0.1, 3, 1.5, 0.3)]
    assert [line.name for line in charts(held)[0].lines] == ["train", "valid", "test"]


def test_without_classes_there_are_no_errors() -> None:
    assert [chart.title for chart in charts([Epoch(1, 2.0, None, 1.0, None, 0.1, 3)])] == ["loss", "learning rate"]


def test_what_is_no_number_is_left_out() -> None:
    lost = [EPOCHS[0], Epoch(2, float("nan"), 0.9, float("inf"), 0.9, 0.1, 3)]
    assert all(" " not in line.points for line in charts(lost)[0].lines)
    nothing = charts([Epoch(1, float("nan"), 0.9, float("nan"), 0.9, 0.0, 3)])
    assert nothing[0].lines == ()
    assert nothing[2].lines[0].last == "0"


@pytest.mark.parametrize(("step", "found"), [(0.3, 0.5), (1, 1), (1.1, 2), (6, 10), (0.0021, 0.005), (10, 10)])
def test_steps_are_1_2_or_5(step: float, found: float) -> None:
    assert nice(step) == pytest.approx(found)


def test_the_learning_rate_falls_between_two_epochs() -> None:
    falling = [EPOCHS[0], Epoch(2, 1.0, 0.25, 0.5, 0.2, 0.05, 3)]
    points = [point.split(",") for point in charts(falling)[2].lines[0].points.split()]
    middle = LEFT + (WIDTH - LEFT - RIGHT) / 2
    assert [float(x) for x, _ in points] == pytest.approx([LEFT, middle, middle, WIDTH - RIGHT])
    assert points[0][1] == points[1][1] != points[2][1] == points[3][1]
