"""The registry and what all layers share."""

from dataclasses import FrozenInstanceError, replace

import pytest

from netdsl.diagnostics import InternalError
from netdsl.geometry import FeatureMap
from netdsl.layers import CODES, NAMES, Input
from netdsl.layers.base import Layer, layer, number_text, record

from .making import fmap, make


def test_letters_are_those_of_the_language() -> None:
    assert {code for code in CODES if len(code) == 1} == set("CTPMAGFRBILDUS")
    assert {code for code in CODES if len(code) > 1} == {"MP", "AP", "GAP", "FC", "BN", "LRN"}


def test_a_name_taken_twice_fails() -> None:
    with pytest.raises(InternalError, match="conv is taken twice"):
        layer("conv")(type("Other", (Layer,), {}))
    assert NAMES["conv"].layer.__name__ == "Conv"


def test_the_numbers_of_a_code_are_the_first_attributes() -> None:
    for entry in NAMES.values():
        names = tuple(attribute.name for attribute in entry.layer.signature)
        assert names[: len(entry.layer.numbers)] == entry.layer.numbers


def test_every_layer_says_what_it_does_to_shape_parameters_and_macs() -> None:
    for name, entry in NAMES.items():
        lines = (entry.layer.__doc__ or "").splitlines()
        labels = [line.strip().split(":")[0] for line in lines if line.startswith("    ") and ":" in line]
        assert {"Shape", "Params", "MACs", "Errors", "Source"} <= set(labels), name


def test_layers_are_values() -> None:
    x = fmap("3x8x8")
    conv = make("C", x, kernel_size=3, out_channels=8)
    assert conv == replace(conv)
    assert hash(conv) == hash(replace(conv))
    assert conv != replace(conv, out_channels=9)
    assert conv != make("P", x)
    assert repr(make("D", x)) == "Dropout(p=0.5)"
    with pytest.raises(FrozenInstanceError):
        conv.out_channels = 9  # type: ignore[attr-defined]


def test_the_input_is_no_op_of_the_language() -> None:
    node = Input(fmap("3x224x224"))
    assert "input" not in NAMES
    assert (node.code, node.output(None)) == ("input 3x224x224", FeatureMap(3, (224, 224)))


@pytest.mark.parametrize(
    ("value", "text"),
    [(3, "3"), (0.17, "0.17"), (150.0, "150"), (1e-6, "1e-06"), ((1, 7), "1x7"), ((3, 3), "3"), (True, "true")],
)
def test_values_as_text(value: object, text: str) -> None:
    assert number_text(value) == text


def test_a_layer_without_a_torch_form_says_so() -> None:
    @record
    class Odd(Layer):
        name = "odd"

    with pytest.raises(InternalError, match="odd has no torch form"):
        Odd().lower(fmap("1"))
