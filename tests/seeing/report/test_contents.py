"""What is read of a run, and what is said where something is not there."""

import pytest
import torch

from netdsl import DiagnosticsError
from netdsl.seeing.report.contents import collect, first_of_each
from netdsl.tasks.setup.watch import Silent


def test_a_finished_run(run) -> None:
    found = collect(run, Silent())
    assert found.complete
    assert dict(found.missing) == {}
    assert found.network.name == "tiny"
    assert [epoch.epoch for epoch in found.epochs] == [1, 2]
    assert found.result is not None
    assert found.result.images == 100
    assert found.gallery is not None
    assert found.gallery.method == "cam"
    assert found.gallery.mistaken.wrong == found.result.wrong
    assert len(found.gallery.mistaken.seen) == min(12, found.result.wrong)
    for sight in found.gallery.sights:
        assert sight.image.shape == (3, 32, 32)
        assert sight.heat.shape == (32, 32)
        assert 0.1 < sight.probability <= 1
    names = [sight.name for sight in found.gallery.sights]
    assert len(set(names)) == len(names) > 0


def test_a_net_without_maps_has_those_by_gradients_and_says_so(flat_run) -> None:
    found = collect(flat_run, Silent())
    assert found.gallery is not None
    assert found.gallery.method == "grad-cam"
    assert found.missing.keys() == {"cam"}
    assert found.missing["cam"].startswith("NET604: ")


def test_data_that_is_not_at_hand(run, monkeypatch) -> None:
    from netdsl import data
    from netdsl.diagnostics import fail

    def lost(say):
        fail("NET511", "the file is not there")

    monkeypatch.setattr(data.synthetic, "load", lost)
    found = collect(run, Silent())
    assert found.result is None
    assert found.gallery is None
    assert found.missing == {"result": "NET511: the file is not there.", "gallery": "NET511: the file is not there."}
    assert len(found.epochs) == 2


def test_data_that_nobody_asked_for(run) -> None:
    found = collect(run, Silent(), with_data=False)
    assert found.missing.keys() == {"result", "gallery"}


def test_a_run_that_was_stopped_in_its_first_epoch(run) -> None:
    for name in ("model.safetensors", "best.safetensors", "result.json"):
        (run / name).unlink()
    lines = (run / "metrics.csv").read_text().splitlines()
    (run / "metrics.csv").write_text(lines[0] + "\n")
    found = collect(run, Silent())
    assert not found.complete
    assert found.epochs == ()
    assert "NET554" in found.missing["result"]


def test_what_is_no_run(tmp_path) -> None:
    with pytest.raises(DiagnosticsError, match="NET552"):
        collect(tmp_path, Silent())


def test_the_first_images_of_each_class() -> None:
    labels = torch.tensor([1, 0, 1, 1, 2, 0])
    assert first_of_each(labels, 2, each=2) == [0, 1, 2, 5]
    assert first_of_each(labels, 0) == []
