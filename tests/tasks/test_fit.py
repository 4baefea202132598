"""Nets that do not fit a data set are refused in words."""

import pytest

from netdsl.compiler import compile_network
from netdsl.data import known
from netdsl.diagnostics import DiagnosticsError
from netdsl.recipes.method import Method
from netdsl.tasks.fit import check_fit


def refused(net, data, settings=None, **method):
    with pytest.raises(DiagnosticsError) as caught:
        check_fit(compile_network(net, settings or {}), data, *known(data), Method(**method))
    return caught.value.diagnostics[0].code, str(caught.value)


def test_a_net_that_fits():
    check_fit(compile_network("baseline"), "mnist", *known("mnist"), Method())


def test_images_of_another_shape():
    code, message = refused("vgg16", "mnist")
    assert code == "NET525"
    assert "3x224x224" in message and "1x28x28" in message


def test_another_number_of_classes():
    code, message = refused("baseline", "mnist", {"classes": "100"})
    assert code == "NET526"
    assert "100" in message and "--set classes=10" in message


def test_no_parameter_for_the_classes():
    code, message = refused("net x { input 1x28x28 F7 }", "mnist")
    assert code == "NET526" and "F10" in message


def test_a_feature_map_at_the_end():
    code, message = refused("net x { input 3x32x32 C3-10 R }", "shapes")
    assert code == "NET526" and "G F10" in message and "10x32x32" in message
