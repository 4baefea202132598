"""The summary as JSON: the keys that LANGUAGE.md promises, with the numbers of the table."""

import json
from fractions import Fraction

import pytest

from netdsl.compiler import Pipeline
from netdsl.passes.files import bundled_nets
from netdsl.summary.report import report

KEYS = {
    "net",
    "file",
    "input",
    "output",
    "params",
    "buffers",
    "macs",
    "depth",
    "layers",
    "heads",
    "conditions",
    "warnings",
}
LAYER_KEYS = [
    *("name", "op", "code", "inputs", "output", "params", "buffers", "macs", "receptive_field", "jump"),
    *("activation_bytes", "line", "rule", "weights_of"),
]


def reported(text: str, batch: int | None = None, **settings: object) -> dict:
    compilation = Pipeline.of(text).compile(settings=settings)
    assert compilation.network is not None
    made = report(compilation.network, compilation.source.name, compilation.claims, batch)
    return json.loads(json.dumps(made, allow_nan=False))


@pytest.mark.parametrize("name", bundled_nets())
def test_every_bundled_net(name: str) -> None:
    made = reported(name)
    assert made.keys() >= KEYS
    layers = made["layers"]
    assert all(list(layer) == LAYER_KEYS for layer in layers)
    for key in ("params", "buffers"):
        assert sum(layer[key] for layer in layers) == made[key]
    beside = sum(head["macs"] for head in made["heads"].values() if head["while_training"])
    assert sum(layer["macs"] for layer in layers) == made["macs"] + beside
    assert sum(layer["activation_bytes"] for layer in layers[1:]) == made["activation_bytes"]
    known: set[str] = set()
    for layer in layers:
        assert set(layer["inputs"]) <= known
        known.add(layer["name"])
    assert len(known) == len(layers)
    assert made["file"] == f"bundled nets/{name}.net"


def test_the_first_layers_of_vgg16() -> None:
    made = reported("vgg16")
    assert (made["net"], made["input"], made["output"]) == ("vgg16", [3, 224, 224], [1000])
    assert (made["params"], made["buffers"], made["macs"], made["depth"]) == (138_357_544, 0, 15_470_264_320, 16)
    assert made["settings"] == {"classes": 1000}
    assert made["heads"] == made["conditions"] == {}
    assert made["warnings"] == []
    conv, pool = made["layers"][1], made["layers"][5]
    assert conv == {
        "name": "conv1_1",
        "op": "conv",
        "code": "C3-64",
        "inputs": ["input"],
        "output": [64, 224, 224],
        "params": 1792,
        "buffers": 0,
        "macs": 86_704_128,
        "receptive_field": [3, 3],
        "jump": [1, 1],
        "activation_bytes": 4 * 64 * 224 * 224,
        "line": 4,
        "rule": None,
        "weights_of": None,
    }
    assert (pool["receptive_field"], pool["jump"]) == ([6, 6], [2, 2])


def test_fields_grow_as_the_textbook_says() -> None:
    """r_out = r_in + (k - 1) j_in, j_out = j_in s; nothing is left of the jump once a layer sees the whole map."""
    field, jump = 1, 1
    for layer in reported("vgg16")["layers"]:
        if layer["op"] == "conv":
            field += 2 * jump
        elif layer["op"] == "max_pool":
            field += jump
            jump *= 2
        elif layer["op"] == "linear":
            break
        assert (layer["receptive_field"], layer["jump"]) == ([field, field], [jump, jump])
    assert (field, jump) == (212, 32)
    assert layer["receptive_field"] == [224, 224]
    assert layer["jump"] is None


def test_fields_through_branches_are_the_largest() -> None:
    layers = {layer["name"]: layer for layer in reported("googlenet")["layers"]}
    ends = [f"3a.branch{i}" for i in (1, 2, 3, 4)]
    fields = {end: [x["receptive_field"][0] for name, x in layers.items() if name.startswith(end)][-1] for end in ends}
    assert fields == {"3a.branch1": 27, "3a.branch2": 43, "3a.branch3": 59, "3a.branch4": 43}
    assert layers["3a.concat1"]["receptive_field"] == [59, 59]
    assert layers["3a.concat1"]["inputs"] == [
        "3a.branch1.relu1",
        "3a.branch2.relu2",
        "3a.branch3.relu2",
        "3a.branch4.relu1",
    ]


def test_jumps_can_be_fractions() -> None:
    made = reported("net a { input 3x8x8 C3-4 R U2 C3-3 }")
    assert made["layers"][3]["jump"] == [0.5, 0.5]


def test_rectangular_windows() -> None:
    layers = reported("net a { input 3x16x16 C7x1-4/2x1 R P1x2 }")["layers"]
    assert (layers[1]["receptive_field"], layers[1]["jump"]) == ([7, 1], [2, 1])
    assert (layers[3]["receptive_field"], layers[3]["jump"]) == ([7, 2], [2, 2])


def test_memory_comes_with_a_batch() -> None:
    assert "memory" not in reported("baseline")
    memory = reported("baseline", batch=128)["memory"]
    assert memory["batch"] == 128
    assert memory["total"] == sum(
        memory[key] for key in ("parameters", "gradients", "optimizer", "buffers", "activations")
    )


def test_settings_are_plain_numbers_and_words() -> None:
    settings = {"depth": 16, "k": 12, "bottleneck": True, "theta": 0.5, "drop": 0.2, "classes": 10}
    assert reported("densenet", **settings)["settings"] == settings
    assert reported("densenet", depth=16, bottleneck=True, theta=Fraction(1, 2))["settings"]["theta"] == 0.5
    assert reported("vgg", config="A")["settings"] == {"config": "A", "classes": 1000}


def test_claims_and_warnings() -> None:
    made = reported("net a { input 3x8x8 C3-4 C3-4 R  expect depth = 2  printed params ~ 1K }")
    assert [claim["metric"] for claim in made["claims"]] == ["depth", "params"]
    (warning,) = (w for w in made["warnings"] if w["severity"] == "warning")
    assert warning["code"].startswith("NET")
    assert (warning["line"], warning["file"]) == (1, "<text>")


def test_heads_are_told_apart() -> None:
    made = reported("input 3x32x32 C3-8 R head aux(weight = 0.3) { G F5 } C3-16 R G F10")
    assert made["heads"] == {
        "aux": {
            "output": [5],
            "params": 45,
            "macs": 40,
            "weight": 0.3,
            "loss": "cross_entropy",
            "target": "label",
            "while_training": True,
        },
    }
    assert made["macs"] == sum(layer["macs"] for layer in made["layers"]) - 40


def test_a_rewritten_layer_names_its_rule_and_the_line_it_rewrote() -> None:
    made = report(Pipeline.of("vgg16").compile(with_rules="C -> Cb B").network, "vgg16")
    conv, norm, relu = made["layers"][1:4]
    assert [layer["rule"] for layer in (conv, norm, relu)] == ["C -> Cb B", "C -> Cb B", None]
    assert conv["line"] == norm["line"] == 4
