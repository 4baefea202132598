"""Weights as safetensors files: saved whole, loaded by name or in the only order that fits, or not at all."""

import errno
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

import netdsl
from netdsl.lowering import weights

SMALL = "C3-4 B R C3-6 R G F5"
CONVS = "C3-4 R C3-4 R C3-4 R"
Tensors = dict[str, Tensor]


def small(text: str = SMALL) -> nn.Module:
    return netdsl.compile(text, input=(4, 8, 8))


def state(module: nn.Module) -> Tensors:
    return {name: tensor.clone() for name, tensor in module.state_dict().items()}


def equal(one: Tensors, other: Tensors) -> bool:
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


def refused(module: nn.Module, tensors: Tensors, path: Path, code: str = "NET521") -> str:
    """The message for weights that must not load; the module stays as it was, to the last bit."""
    save_file(tensors, path)
    before = state(module)
    with pytest.raises(netdsl.DiagnosticsError) as caught:
        netdsl.load_weights(module, path)
    assert [d.code for d in caught.value.diagnostics] == [code]
    assert equal(before, state(module))
    assert path.name in str(caught.value)
    return str(caught.value)


def renamed(tensors: Tensors, names: dict[str, str]) -> Tensors:
    """Layers under other names: {"conv1": "features.0"}."""
    return {
        f"{names[layer]}.{key}": tensor.clone()
        for name, tensor in tensors.items()
        for layer, _, key in [name.rpartition(".")]
        if layer in names
    }


def test_round_trip(tmp_path: Path) -> None:
    net, other = small(), small()
    net(torch.randn(2, 4, 8, 8))  # moves the running statistics
    netdsl.save_weights(net, tmp_path / "weights")
    assert not equal(state(net), state(other))
    netdsl.load_weights(other, str(tmp_path / "weights"))
    assert equal(state(net), state(other))
    assert all(parameter.requires_grad for parameter in other.parameters())


def test_equal_weights_are_equal_bytes(tmp_path: Path) -> None:
    net, other = small(), small()
    other.load_state_dict(dict(reversed(net.state_dict().items())))
    netdsl.save_weights(net, tmp_path / "one")
    netdsl.save_weights(other.eval(), tmp_path / "other")
    assert (tmp_path / "one").read_bytes() == (tmp_path / "other").read_bytes()
    assert sorted(load_file(tmp_path / "one")) == sorted(net.state_dict())


def test_a_failure_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "weights"
    netdsl.save_weights(small(), path)
    before = path.read_bytes()

    def full_disk(tensors: Tensors, target: Path) -> None:
        Path(target).write_bytes(b"half")
        raise SafetensorError("Error while serializing: I/O error: No space left on device (os error 28)")

    monkeypatch.setattr(weights, "save_file", full_disk)
    with pytest.raises(OSError, match="No space left"):
        netdsl.save_weights(small(), path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_no_folder_to_write_to(tmp_path: Path) -> None:
    with pytest.raises(OSError) as caught:
        netdsl.save_weights(small(), tmp_path / "nowhere" / "weights")
    assert caught.value.errno in (errno.ENOENT, None)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "make",
    [
        lambda path: None,
        lambda path: path.mkdir(),
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(b"not weights at all, but long enough for a header"),
        lambda path: path.write_bytes((1 << 40).to_bytes(8, "little") + b"{}"),
        lambda path: (save_file(small().state_dict(), path), path.write_bytes(path.read_bytes()[:-4])),
    ],
    ids=["missing", "folder", "empty", "text", "header of a terabyte", "truncated"],
)
def test_what_is_no_weights_file(tmp_path: Path, make: Callable[[Path], object]) -> None:
    make(tmp_path / "weights")
    net = small()
    before = state(net)
    with pytest.raises(netdsl.DiagnosticsError, match="NET520") as caught:
        netdsl.load_weights(net, tmp_path / "weights")
    assert "cannot be read as weights" in str(caught.value)
    assert equal(before, state(net))


def test_other_float_types_are_converted(tmp_path: Path) -> None:
    net, other = small(), small()
    save_file({n: t.half() if t.is_floating_point() else t for n, t in net.state_dict().items()}, tmp_path / "half")
    netdsl.load_weights(other, tmp_path / "half")
    assert other.conv1.weight.dtype == torch.float32
    assert torch.equal(other.conv1.weight, net.conv1.weight.half().float())


def test_whole_numbers_are_no_weights(tmp_path: Path) -> None:
    """Quantized weights mean nothing without their scales."""
    net = small()
    tensors = {**net.state_dict(), "conv1.weight": torch.ones(4, 4, 3, 3, dtype=torch.int8)}
    assert "conv1.weight 4x4x3x3 of int8" in refused(net, tensors, tmp_path / "weights")
    tensors = renamed(tensors, {"conv1": "0", "batch_norm1": "1", "conv2": "2", "linear1": "3"})
    assert "`0` (weight 4x4x3x3 of int8)" in refused(net, tensors, tmp_path / "weights")


def test_a_net_without_tensors_loads_into_one_on_the_meta_device(tmp_path: Path) -> None:
    net = small()
    netdsl.save_weights(net, tmp_path / "weights")
    with torch.device("meta"):
        other = small()
    netdsl.load_weights(other, tmp_path / "weights")
    assert equal(state(net), state(other))


class TestByName:
    def test_the_counter_of_batches_may_be_missing(self, tmp_path: Path) -> None:
        net, other = small(), small()
        tensors = {name: t for name, t in net.state_dict().items() if not name.endswith("num_batches_tracked")}
        save_file(tensors, tmp_path / "weights")
        netdsl.load_weights(other, tmp_path / "weights")
        assert torch.equal(other.linear1.weight, net.linear1.weight)

    def test_missing(self, tmp_path: Path) -> None:
        net = small()
        tensors = state(net)
        del tensors["conv2.bias"]
        message = refused(net, tensors, tmp_path / "weights")
        assert "expected: all 9 tensors of the net" in message
        assert "found: without conv2.bias" in message

    def test_too_many(self, tmp_path: Path) -> None:
        net = small()
        tensors = {**state(net), "conv3.weight": torch.zeros(1), "conv10.weight": torch.zeros(1)}
        assert "also conv3.weight, conv10.weight" in refused(net, tensors, tmp_path / "weights")

    def test_shapes(self, tmp_path: Path) -> None:
        net = small()
        tensors = {**state(net), "linear1.weight": torch.zeros(7, 6), "linear1.bias": torch.zeros(7)}
        message = refused(net, tensors, tmp_path / "weights")
        assert "expected: linear1.weight 5x6, linear1.bias 5" in message
        assert "found: linear1.weight 7x6, linear1.bias 7" in message

    def test_a_file_of_the_nets_names_is_never_taken_by_order(self, tmp_path: Path) -> None:
        """All shapes would fit the other way round; the names say what is meant, so nothing is guessed."""
        net = netdsl.compile("net a { input 3x4x4 C3-5 @first R C3-3 @second }")
        tensors = renamed(net.state_dict(), {"first": "second", "second": "first"})
        assert "first.weight 5x3x3x3" in refused(net, tensors, tmp_path / "weights")


class TestByOrder:
    def load(self, net: nn.Module, tensors: Tensors, tmp_path: Path) -> Tensors:
        save_file(tensors, tmp_path / "weights")
        netdsl.load_weights(net, tmp_path / "weights")
        return net.state_dict()

    def test_numbers_count_up(self, tmp_path: Path) -> None:
        """`features.10` comes behind `features.9`, whatever the file's order."""
        net = small("C1-4 R " * 12)
        given = {f"features.{i}": f"conv{i + 1}" for i in range(12)}
        tensors = renamed(small("C1-4 R " * 12).state_dict(), {ours: theirs for theirs, ours in given.items()})
        loaded = self.load(net, tensors, tmp_path)
        for theirs, ours in given.items():
            assert torch.equal(loaded[f"{ours}.weight"], tensors[f"{theirs}.weight"])

    @pytest.mark.parametrize(
        "names",
        [
            {"conv1": "classifier", "batch_norm1": "b", "conv2": "z", "linear1": "a"},  # told apart by shapes
            {"conv1": "0", "batch_norm1": "1", "conv2": "3", "linear1": "6"},
            {"conv1": "conv1", "batch_norm1": "bn1", "conv2": "conv2", "linear1": "fc"},
            {"conv1": "net.stem.0", "batch_norm1": "net.stem.1", "conv2": "net.body", "linear1": "head"},
            {"conv1": "conv", "batch_norm1": "conv.bn", "conv2": "later.conv", "linear1": "later.conv.fc"},
        ],
        ids=str,
    )
    def test_shapes_tell_words_apart(self, names: dict[str, str], tmp_path: Path) -> None:
        other = small()
        loaded = self.load(small(), renamed(other.state_dict(), names), tmp_path)
        assert equal(loaded, other.state_dict())

    def test_the_known_limit(self, tmp_path: Path) -> None:
        """Two layers of equal shapes whose numbers say the opposite of what they mean cannot be told apart."""
        other = small(CONVS)
        swapped = renamed(other.state_dict(), {"conv1": "a.0", "conv2": "a.2", "conv3": "a.1"})
        loaded = self.load(small(CONVS), swapped, tmp_path)
        assert torch.equal(loaded["conv2.weight"], other.conv3.weight)

    def test_words_for_layers_of_equal_shapes_leave_a_doubt(self, tmp_path: Path) -> None:
        tensors = renamed(small(CONVS).state_dict(), {"conv1": "stem", "conv2": "body", "conv3": "end"})
        message = refused(small(CONVS), tensors, tmp_path / "weights")
        assert "do not say which layer is which" in message
        assert "`body` or `end` could be `conv1`" in message

    def test_kernel_sizes_in_names_count_nothing(self, tmp_path: Path) -> None:
        """`bn1x1` behind `bn3x3` is as likely as before it."""
        net = small("C3-4 B R C1-4 B R")
        names = {"conv1": "conv3x3", "batch_norm1": "bn3x3", "conv2": "conv1x1", "batch_norm2": "bn1x1"}
        message = refused(net, renamed(net.state_dict(), names), tmp_path / "weights")
        assert "`bn1x1` or `bn3x3` could be `batch_norm1`" in message

    def test_a_doubt_deep_inside(self, tmp_path: Path) -> None:
        net = small("C3-4 R C1-4 R " * 3)
        tensors = renamed(
            net.state_dict(),
            {f"conv{2 * i + j + 1}": f"block{i}.{'ab'[j]}" for i in range(3) for j in range(2)},
        )
        loaded = self.load(small("C3-4 R C1-4 R " * 3), tensors, tmp_path)
        assert equal(loaded, net.state_dict())
        twins = small("C3-4 R C3-4 R")
        tensors = renamed(twins.state_dict(), {"conv1": "block.a", "conv2": "block.b"})
        assert "`block.a` or `block.b` could be `conv1`" in refused(twins, tensors, tmp_path / "weights")

    def test_a_missing_layer(self, tmp_path: Path) -> None:
        tensors = renamed(small(CONVS).state_dict(), {"conv1": "0", "conv2": "2"})
        message = refused(small(CONVS), tensors, tmp_path / "weights")
        assert "expected: `conv3` (weight 4x4x3x3, bias 4)" in message
        assert "found: no more layers" in message
        assert "3 in the net, 2 in the file" in message

    def test_an_extra_layer(self, tmp_path: Path) -> None:
        tensors = renamed(small(CONVS).state_dict(), {"conv1": "0", "conv2": "2", "conv3": "4"})
        tensors |= {"6.weight": torch.zeros(4, 4, 3, 3), "6.bias": torch.zeros(4)}
        message = refused(small(CONVS), tensors, tmp_path / "weights")
        assert "expected: no more layers" in message
        assert "found: `6` (bias 4, weight 4x4x3x3)" in message

    def test_another_shape(self, tmp_path: Path) -> None:
        tensors = renamed(small().state_dict(), {"conv1": "0", "batch_norm1": "1", "conv2": "3", "linear1": "6"})
        tensors["3.weight"] = torch.zeros(6, 4, 5, 5)
        message = refused(small(), tensors, tmp_path / "weights")
        assert "expected: `conv2` (weight 6x4x3x3, bias 6)" in message
        assert "found: `3` (bias 6, weight 6x4x5x5)" in message

    def test_a_bias_too_few_or_too_many(self, tmp_path: Path) -> None:
        tensors = renamed(small(CONVS).state_dict(), {"conv1": "0", "conv2": "2", "conv3": "4"})
        without = {name: tensor for name, tensor in tensors.items() if name != "2.bias"}
        assert "`2` (weight 4x4x3x3)" in refused(small(CONVS), without, tmp_path / "weights")
        assert "`conv2` (weight 4x4x3x3)" in refused(small("C3-4 R C3-4n R C3-4 R"), tensors, tmp_path / "weights")

    def test_a_turned_matrix(self, tmp_path: Path) -> None:
        """Other frameworks keep linear weights the other way round; a square one could not be seen."""
        tensors = renamed(small().state_dict(), {"conv1": "0", "batch_norm1": "1", "conv2": "3", "linear1": "6"})
        tensors["6.weight"] = tensors["6.weight"].T.contiguous()
        assert "weight 6x5" in refused(small(), tensors, tmp_path / "weights")

    def test_a_running_statistic_is_missing(self, tmp_path: Path) -> None:
        tensors = renamed(small().state_dict(), {"conv1": "0", "batch_norm1": "1", "conv2": "3", "linear1": "6"})
        del tensors["1.running_var"]
        assert "expected: `batch_norm1`" in refused(small(), tensors, tmp_path / "weights")

    def test_nothing_in_the_file(self, tmp_path: Path) -> None:
        assert "found: no more layers" in refused(small(CONVS), {}, tmp_path / "weights")

    def test_nothing_in_the_net(self, tmp_path: Path) -> None:
        assert "also a.weight" in refused(small("R P"), {"a.weight": torch.zeros(2)}, tmp_path / "weights")

    def test_names_without_end(self, tmp_path: Path) -> None:
        deep = {"a." * 3000 + f"{i}.weight": torch.zeros(2) for i in range(3)}
        assert "NET521" in refused(small(CONVS), deep, tmp_path / "weights")

    def test_words_beyond_counting_are_refused_soon(self, tmp_path: Path) -> None:
        """30 equal layers in 30! orders."""
        words = {f"conv{i + 1}": "x" * (i + 1) for i in range(30)}
        net = small("C1-4 R " * 30)
        assert "NET521" in refused(net, renamed(net.state_dict(), words), tmp_path / "weights")
