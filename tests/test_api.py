"""What `import netdsl` offers."""

import subprocess
import sys
from pathlib import Path

import pytest
import torch

import netdsl

BAD = "net a {\n  input 3x16x16\n  add { C3-4 | C3-8 }\n  F0\n}\n"


def test_names() -> None:
    assert set(netdsl.__all__) <= set(dir(netdsl))
    assert set(netdsl.__all__) == {
        *("DiagnosticsError", "compile", "compile_network", "feature_maps", "load_weights", "save_weights"),
    }
    for name in netdsl.__all__:
        assert getattr(netdsl, name) is getattr(netdsl, name)
    assert netdsl.__version__.count(".") == 2


def test_an_unknown_name() -> None:
    with pytest.raises(AttributeError, match="module 'netdsl' has no attribute 'compil'"):
        _ = netdsl.compil  # type: ignore[attr-defined]
    with pytest.raises(ImportError):
        from netdsl import nothing  # type: ignore[attr-defined]  # noqa: F401


def test_star_import() -> None:
    names: dict[str, object] = {}
    exec("from netdsl import *", names)
    assert set(netdsl.__all__) <= names.keys()


def test_torch_comes_with_what_needs_it() -> None:
    code = """
import sys, netdsl
dir(netdsl)
netdsl.__version__
assert netdsl.compile_network("baseline").params == 681_506
try:
    netdsl.compile_network("F")
except netdsl.DiagnosticsError as error:
    assert "NET" in str(error)
assert not {"torch", "numpy", "rich", "typer"} & set(sys.modules), sorted(sys.modules)
netdsl.compile
assert "torch" in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], check=True)


class TestCompile:
    def test_a_bundled_net_a_file_and_a_text(self, tmp_path: Path) -> None:
        text = "net small(f = 4) { input 3x8x8 C3-{f} R G F2 }"
        (tmp_path / "small.net").write_text(text)
        for source in (text, str(tmp_path / "small.net")):
            net = netdsl.compile(source, f=6)
            assert isinstance(net, torch.nn.Module)
            assert net.conv1.weight.shape == (6, 3, 3, 3)
        assert netdsl.compile("baseline")(torch.zeros(2, 1, 28, 28)).shape == (2, 10)

    def test_a_file_by_its_path(self, tmp_path: Path) -> None:
        (tmp_path / "small.net").write_text("net small { input 3x8x8 C3-4 R G F2 }")
        assert netdsl.compile(tmp_path / "small.net").linear1.out_features == 2
        assert netdsl.compile_network(tmp_path / "small.net").name == "small"

    def test_an_input_of_ones_own(self) -> None:
        assert netdsl.compile("CRPF10", input=(3, 8, 8))(torch.zeros(1, 3, 8, 8)).shape == (1, 10)
        assert netdsl.compile("baseline", input=[3, 32, 32])(torch.zeros(1, 3, 32, 32)).shape == (1, 10)
        assert netdsl.compile("F4", input=(7,))(torch.zeros(1, 7)).shape == (1, 4)

    def test_parameters_of_all_kinds(self) -> None:
        net = netdsl.compile("densenet", depth=10, k=4, theta=0.5, drop=0.1, bottleneck=False)
        assert netdsl.lowering.network_of(net).settings["k"] == 4
        assert len(list(netdsl.compile("vgg", input=(3, 32, 32), config="A", classes=3).parameters())) == 22

    def test_is_the_network_that_summarize_shows(self) -> None:
        net, network = netdsl.compile("resnet", n=2), netdsl.compile_network("resnet", {"n": 2})
        assert sum(p.numel() for p in net.parameters()) == network.params
        assert sum(b.numel() for b in net.buffers()) == network.buffers

    @pytest.mark.parametrize("size", [(), (0, 8, 8), (3, -1), (3, 8.5, 8), ("3", 8, 8), (3, 8, 8, 8, 8), 3, "3x8x8"])
    def test_an_input_that_is_none(self, size: object) -> None:
        with pytest.raises(ValueError, match="input is channels and size, such as"):
            netdsl.compile("CRPF10", input=size)  # type: ignore[arg-type]

    @pytest.mark.parametrize("source", [3, None, b"vgg16", ["CRC"]])
    def test_what_is_no_net(self, source: object) -> None:
        with pytest.raises(TypeError, match="path or text"):
            netdsl.compile(source)  # type: ignore[arg-type]


class TestErrors:
    def test_the_text_is_what_check_prints(self) -> None:
        with pytest.raises(netdsl.DiagnosticsError) as caught:
            netdsl.compile(BAD)
        text = str(caught.value)
        assert text.startswith("error[NET301]: the branches of `add` have different shapes\n --> <text>:3:3\n")
        assert "\n3 |   add { C3-4 | C3-8 }\n  |   ^^^" in text
        assert caught.value.diagnostics[0].code == "NET301"
        assert all(d.severity == "error" for d in caught.value.diagnostics)

    @pytest.mark.parametrize(
        ("source", "parameters", "code", "found"),
        [
            ("nosuch", {}, "NET501", "there is no file `nosuch`"),
            ("vgg16", {"clases": 3}, "NET204", "write `classes=3`"),
            ("vgg16", {"classes": -1}, "NET206", "-1"),
            ("vgg16", {"classes": float("nan")}, "NET", "classes"),
            ("vgg16", {"classes": float("inf")}, "NET", "classes"),
            ("vgg16", {"classes": None}, "NET", "classes"),
            ("vgg16", {"classes": object()}, "NET", "classes"),
            ("vgg16", {"classes": 2.5}, "NET", "2.5"),
            ("", {}, "NET106", "found: nothing"),
            (" \n ", {}, "NET106", "found: nothing"),
        ],
    )
    def test_bad_input(self, source: str, parameters: dict[str, object], code: str, found: str) -> None:
        with pytest.raises(netdsl.DiagnosticsError) as caught:
            netdsl.compile(source, **parameters)
        assert caught.value.diagnostics[0].code.startswith(code)
        assert found in str(caught.value)
