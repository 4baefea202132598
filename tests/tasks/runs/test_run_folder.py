"""Run folders: names, files, and a system that refuses to write."""

from pathlib import Path

import pytest
from torch import nn

from netdsl.diagnostics import DiagnosticsError
from netdsl.tasks.runs import checkpoint
from netdsl.tasks.runs.metrics import Epoch
from netdsl.tasks.runs.run_folder import RunFolder, read_config

ROW = Epoch(1, 0.5, 0.25, 0.4321987654, 0.1234, 0.1, 2.0)


def code(caught):
    return caught.value.diagnostics[0].code


def test_the_next_free_folder(tmp_path):
    paths = [RunFolder.create(None, "net-data").path for _ in range(3)]
    assert paths == [Path(f"runs/net-data-{n}") for n in (1, 2, 3)]
    assert all(path.is_dir() for path in paths)


def test_the_files(tmp_path):
    folder = RunFolder.create(tmp_path / "deep" / "run", "x")
    folder.write_config({"net": {"name": "x", "settings": {}}, "mean": [1.5]})
    folder.add([ROW], nn.Linear(2, 2))
    folder.draw_curves([ROW], "x on y")
    folder.write_result([ROW])
    folder.close()
    lines = (folder.path / "metrics.csv").read_text().splitlines()
    assert lines[0] == "epoch,train_loss,train_error,test_loss,test_error,lr,seconds,valid_loss,valid_error"
    assert lines[1:] == ["1,0.5,0.25,0.432199,0.1234,0.1,2,,"]
    assert sorted(file.name for file in folder.path.iterdir()) == [
        "best.safetensors",
        "config.yaml",
        "curves.png",
        "metrics.csv",
        "model.safetensors",
        "result.json",
    ]
    assert read_config(folder.path) == {"net": {"name": "x", "settings": {}}, "mean": [1.5]}


def test_no_epochs_no_curves(tmp_path):
    folder = RunFolder.create(tmp_path / "run", "x")
    folder.draw_curves([], "x")
    folder.close()
    assert list(folder.path.iterdir()) == []


@pytest.mark.parametrize("name", ["config.yaml", "metrics.csv", "model.safetensors"])
def test_a_run_is_not_written_over(tmp_path, name):
    (tmp_path / name).write_text("precious")
    with pytest.raises(DiagnosticsError) as caught:
        RunFolder.create(tmp_path, "x")
    assert code(caught) == "NET550"
    assert (tmp_path / name).read_text() == "precious"


def test_a_run_without_an_epoch_is_written_over(tmp_path):
    with RunFolder.create(tmp_path, "x") as begun:
        begun.write_config({"seed": 1})
    folder = RunFolder.create(tmp_path, "x")
    folder.write_config({"seed": 2})
    assert read_config(tmp_path) == {"seed": 2}
    folder.add([ROW], nn.Linear(2, 2))
    folder.close()
    with pytest.raises(DiagnosticsError) as caught:
        RunFolder.create(tmp_path, "x")
    assert code(caught) == "NET550"


def test_what_a_killed_process_left_half_written_is_removed(tmp_path):
    for again in (lambda: RunFolder.create(tmp_path / "run", "tiny"), lambda: RunFolder(tmp_path / "run")):
        again().close()
        left = tmp_path / "run" / ".metrics.csv.bb112390.part"
        left.touch()
        again().close()
        assert not left.exists()


def test_a_folder_with_something_else_is_fine(tmp_path):
    (tmp_path / "notes.txt").write_text("")
    assert RunFolder.create(tmp_path, "x").path == tmp_path


@pytest.mark.parametrize("out", ["file", "file/run"])
def test_a_file_in_the_way(out):
    Path("file").write_text("")
    with pytest.raises(DiagnosticsError) as caught:
        RunFolder.create(Path(out), "x")
    assert code(caught) == "NET551"


def test_runs_is_a_file():
    Path("runs").write_text("")
    with pytest.raises(DiagnosticsError) as caught:
        RunFolder.create(None, "x")
    assert code(caught) == "NET551"


def test_a_full_disk_keeps_the_last_good_weights(tmp_path, monkeypatch):
    folder = RunFolder.create(tmp_path / "run", "x")
    folder.write_config({})
    module = nn.Linear(2, 2)
    folder.add([ROW], module)
    before = (folder.path / "model.safetensors").read_bytes()

    def full(module, path):
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr(checkpoint, "save_weights", full)
    with pytest.raises(DiagnosticsError) as caught:
        folder.add([ROW], nn.Linear(2, 2))
    assert code(caught) == "NET551"
    assert "No space left on device" in str(caught.value)
    assert (folder.path / "model.safetensors").read_bytes() == before
    folder.close()
    assert not list(folder.path.glob(".*"))


@pytest.mark.parametrize(
    ("text", "expected"), [("[1, 2", "NET553"), ("- 1\n", "NET553"), ("", "NET553"), (b"\xff\xfe\x00", "NET553")]
)
def test_a_damaged_configuration(tmp_path, text, expected):
    (tmp_path / "config.yaml").write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(DiagnosticsError) as caught:
        read_config(tmp_path)
    assert code(caught) == expected


@pytest.mark.parametrize("run", [".", "nowhere", "file"])
def test_not_a_run(run):
    Path("file").write_text("")
    with pytest.raises(DiagnosticsError) as caught:
        read_config(Path(run))
    assert code(caught) == "NET552"
