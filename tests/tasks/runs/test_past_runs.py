"""Run folders read back as they were written; damaged ones are named."""

import pytest

from netdsl import DiagnosticsError
from netdsl.tasks.runs.past_runs import PastRun, find_runs, read_metrics
from netdsl.tasks.runs.run_folder import HEAD
from netdsl.tasks.setup.config import TrainConfig
from netdsl.tasks.training.train import train

LINE = "1,0.5,0.25,0.4,0.125,0.1,3,,\n"


@pytest.fixture
def written(tmp_path):
    """A folder with the files that say what a run was, and its lines."""

    def write(name, *lines, head=HEAD):
        folder = tmp_path / name
        folder.mkdir(parents=True)
        config = "net: {name: small, text: F10, input: [1, 2, 2], settings: {}}\ndata: {name: mnist}\nepochs: 3\n"
        (folder / "config.yaml").write_text(config)
        (folder / "metrics.csv").write_text(head + "".join(lines))
        return folder

    return write


def test_what_training_wrote(few, tmp_path):
    done = train(TrainConfig("C3-8 R G F10", "shapes", epochs=2, batch=32, out=tmp_path / "a"))
    run = PastRun.read(done.run)
    assert (run.net, run.data, run.wanted) == ("inline", "shapes", 2)
    for read, told in zip(run.epochs, done.epochs, strict=True):
        assert read.epoch == told.epoch and read.test_error == pytest.approx(told.test_error, rel=1e-5)
    assert run.last == run.epochs[-1] and run.best in run.epochs
    assert run.seconds == pytest.approx(sum(epoch.seconds for epoch in done.epochs), rel=1e-4)


def test_lines(written):
    (epoch,) = read_metrics(written("a", LINE))
    assert (epoch.epoch, epoch.train_loss, epoch.test_error, epoch.valid_error) == (1, 0.5, 0.125, None)
    assert PastRun.read(written("b")).last is None


def test_columns_of_other_versions(written):
    """Later ones may have more, earlier ones had no held-out images."""
    more = HEAD.strip() + ",beyond\n"
    assert read_metrics(written("a", LINE.strip() + ",7\n", head=more)) == read_metrics(written("b", LINE))
    fewer = HEAD.partition(",valid_loss")[0] + "\n"
    assert read_metrics(written("c", "1,0.5,0.25,0.4,0.125,0.1,3\n", head=fewer)) == read_metrics(written("d", LINE))


@pytest.mark.parametrize(
    "line", ["1,0.5\n", "1,0.5,much,0.4,0.125,0.1,3,,\n", "one,0.5,0.25,0.4,0.125,0.1,3,,\n", "\x00\n"]
)
def test_damaged_lines(written, line):
    with pytest.raises(DiagnosticsError) as error:
        read_metrics(written("a", line))
    assert error.value.diagnostics[0].code == "NET592"


def test_no_metrics(tmp_path):
    with pytest.raises(DiagnosticsError) as error:
        read_metrics(tmp_path)
    assert error.value.diagnostics[0].code == "NET592"


def test_runs_are_found_three_deep(written, tmp_path):
    for name in ("b", "a", "deep/er/run", "very/much/deep/er"):
        written(name, LINE)
    found = [str(path.relative_to(tmp_path)) for path in find_runs(tmp_path)]
    assert found == ["a", "b", "deep/er/run"]
    assert list(find_runs(tmp_path / "a")) == [tmp_path / "a"]
    with pytest.raises(DiagnosticsError) as error:
        list(find_runs(tmp_path / "nowhere"))
    assert error.value.diagnostics[0].code == "NET552"
