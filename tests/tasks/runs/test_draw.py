"""Several runs in one picture."""

import pytest
from PIL import Image

from netdsl import DiagnosticsError
from netdsl.tasks.runs.draw import draw
from netdsl.tasks.runs.run_folder import HEAD


@pytest.fixture
def runs(tmp_path):
    for name in ("a", "b", "empty"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "config.yaml").write_text("net: {name: x}\n")
        lines = [f"{n},{1 / n},{0.9 / n},1,{0.8 / n},0.1,1,,\n" for n in range(1, 1 if name == "empty" else 60)]
        (tmp_path / name / "metrics.csv").write_text(HEAD + "".join(lines))
    return tmp_path


def test_a_picture(runs):
    draw([runs / "a", runs / "b", runs / "a"], runs / "all.png")
    with Image.open(runs / "all.png") as picture:
        assert picture.size[0] == 1440 and picture.size[1] > 600


@pytest.mark.parametrize(
    ("names", "out", "code"),
    [(["a", "empty"], "x.png", "NET593"), (["a", "no"], "x.png", "NET552"), (["a"], "no/x.png", "NET551")],
)
def test_messages(runs, names, out, code):
    with pytest.raises(DiagnosticsError) as error:
        draw([runs / name for name in names], runs / out)
    assert error.value.diagnostics[0].code == code
    assert not (runs / "x.png").exists()
