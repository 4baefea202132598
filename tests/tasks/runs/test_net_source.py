"""Nets kept in a run folder and built again from there."""

from pathlib import Path

import pytest
import torch

from netdsl.diagnostics import DiagnosticsError
from netdsl.geometry import FeatureMap
from netdsl.tasks.runs import net_source
from netdsl.tasks.runs.run_folder import RunFolder

IMAGE = FeatureMap(3, (32, 32))


def there_and_back(given, settings=None):
    source = net_source.source_of(given, settings or {}, IMAGE)
    folder = RunFolder.create(None, "x")
    record = net_source.keep(source, folder)
    again = net_source.rebuild(record, folder.path)
    return source.compile(), again, folder.path


def test_a_net_typed_out_gets_the_images_as_its_input():
    network, again, run = there_and_back("CRP G F10")
    assert str(network.input) == "3x32x32"
    assert again.compile().params == network.params
    assert not (run / "net").exists()


def test_an_open_input_gets_the_images_too():
    Path("x.net").write_text("net x { input 3xHxW C3-8 R P F10 }")
    network, again, _ = there_and_back("x.net")
    assert str(network.input) == str(again.compile().input) == "3x32x32"


def test_an_input_that_is_written_stays():
    network, _, _ = there_and_back("input 1x8x8 C3-4 R G F10")
    assert str(network.input) == "1x8x8"


def test_a_bundled_net_is_copied():
    network, again, run = there_and_back("resnet", {"n": "2"})
    assert (run / "net" / "resnet.net").is_file()
    assert again.compile().params == network.params


def test_a_variant_is_kept_as_its_rules():
    source = net_source.source_of("C3-8 R P G F10", {}, IMAGE, "C -> C B; R -> gelu")
    folder = RunFolder.create(None, "x")
    again = net_source.rebuild(net_source.keep(source, folder), folder.path)
    assert [n.layer.name for n in again.compile().nodes[1:4]] == ["conv", "batch_norm", "gelu"]


def test_a_net_of_a_file_by_name():
    Path("nets.net").write_text("net a { input 3x32x32 F10 } net b { input 3x32x32 F20 F10 }")
    network, again, _ = there_and_back("nets.net:b")
    assert again.compile().params == network.params == 20 * 3073 + 210


def test_imports_are_copied_with_their_folders():
    Path("parts").mkdir()
    Path("parts/inner.net").write_text("block inner(f) { C3-{f} R }")
    Path("parts/block.net").write_text('import "inner.net" block unit(f) { inner(f) P }')
    Path("x.net").write_text('import "parts/block.net" net x { input 3x32x32 unit(8) F10 }')
    network, again, run = there_and_back("x.net")
    Path("x.net").unlink()
    Path("parts/inner.net").unlink()
    assert (run / "net" / "parts" / "inner.net").is_file()
    assert again.compile().params == network.params


def test_the_run_keeps_the_net_as_it_was():
    Path("x.net").write_text("net x { input 3x32x32 F10 }")
    network, again, _ = there_and_back("x.net")
    Path("x.net").write_text("net x { input 3x32x32 F9 F10 }")
    assert again.compile().params == network.params


def test_a_softmax_at_the_end_is_passed_by():
    network = net_source.source_of("G F10 S", {}, IMAGE).compile()
    y = net_source.build(network)(torch.randn(4, 3, 32, 32))
    assert y.shape == (4, 10)
    assert not torch.allclose(y.sum(1), torch.ones(4))


@pytest.mark.parametrize(
    "record", [None, {}, {"source": 3}, {"text": "F10", "with": 3}, {"settings": []}, {"text": "F10", "input": "3x32"}]
)
def test_a_record_that_cannot_be_used(record):
    with pytest.raises(DiagnosticsError) as caught:
        net_source.rebuild(record, Path("run"))
    assert caught.value.diagnostics[0].code == "NET553"
