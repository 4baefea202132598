"""Nets that do not fit a data set are refused in words."""

import pytest

from netdsl.compiler import compile_network
from netdsl.data import known
from netdsl.diagnostics import DiagnosticsError
from netdsl.recipes.augmentations import Cutout, Flip, PadCrop
from netdsl.recipes.losses import L1, Mse, Nll
from netdsl.recipes.method import Method
from netdsl.tasks.setup.fit import check_boxes_stay, check_fit


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


@pytest.mark.parametrize("given", ["bn_nin", "bn_nin:bn_nin"])
def test_a_net_of_the_same_file_that_fits_is_named(given):
    with pytest.raises(DiagnosticsError, match="take `bn_nin:bn_nin_mnist`"):
        check_fit(compile_network(given), "mnist", *known("mnist"), Method(), given)


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


def test_a_net_of_maps_is_told_what_it_lacks():
    """A U-Net on other images and on those it wants, and an image from an image."""
    code, message = refused("unet", "mnist")
    assert code == "NET525" and "no labels for pixels" in message
    code, message = refused("net x { input 1x28x28 C3-8 R C1-2 }", "mnist")
    assert code == "NET526" and "none for each pixel" in message and "G F10" in message
    code, message = refused("net x { input 1x28x28 C3-8 R C1-1 }", "mnist")
    assert code == "NET526" and "--set-recipe 'loss=mse, target=input'" in message


def test_an_autoencoder_gives_images_and_nothing_else():
    method = {"loss": Mse(), "target": "input"}
    settings = {"channels": "1", "size": "28"}
    check_fit(compile_network("autoencoder", settings), "mnist", *known("mnist"), Method(**method))
    code, message = refused("baseline", "mnist", **method)
    assert code == "NET526" and "1x28x28" in message and "target" in message


def test_nll_wants_a_softmax():
    code, message = refused("baseline", "mnist", loss=Nll())
    assert code == "NET526" and "`S`" in message
    check_fit(compile_network("net x { input 1x28x28 F10 S }"), "mnist", *known("mnist"), Method(loss=Nll()))


BOXES = "net x {{ input {} C3-4 R head label {{ G F10 }} head box(loss = l1, target = box) {{ F{} }} }}"


@pytest.mark.parametrize(
    ("net", "data", "expected", "says"),
    [
        (BOXES.format("3x32x32", 5), "shapes", "NET528", "4, left, top, right and bottom of a box"),
        (BOXES.format("1x28x28", 4), "mnist", "NET537", "drop head box"),
        (
            "net x { input 3x32x32 C3-4 R head b(loss = l1, target = input) { C1-2 } F10 }",
            "shapes",
            "NET528",
            "3x32x32",
        ),
        ("net x { input 3x32x32 C3-4 R head a(loss = nll) { G F10 } G F10 }", "shapes", "NET528", "`S`"),
        ("net x { input 3x32x32 C3-4 R head a(loss = hinge) { G F9 } G F10 }", "shapes", "NET528", "loss=hinge"),
    ],
)
def test_heads_that_do_not_fit(net, data, expected, says):
    code, message = refused(net, data)
    assert code == expected and says in message


def test_a_main_output_of_boxes():
    method = {"loss": L1(), "target": "box"}
    net = compile_network("net x { input 3x32x32 C3-4 R G F4 }")
    check_fit(net, "shapes", *known("shapes"), Method(**method))
    assert refused("net x { input 1x28x28 F4 }", "mnist", **method)[0] == "NET537"


def test_boxes_stay_where_they_are():
    net = compile_network(BOXES.format("3x32x32", 4))
    check_fit(net, "shapes", *known("shapes"), Method())
    check_boxes_stay(net, Method(augment=(Cutout(4),)), None)
    check_boxes_stay(compile_network("baseline"), Method(augment=(Flip(),)), None)
    for steps, word in (((Cutout(4), Flip()), "flip"), ((PadCrop(2),), "pad_crop")):
        with pytest.raises(DiagnosticsError) as caught:
            check_boxes_stay(net, Method(augment=steps), None)
        assert caught.value.diagnostics[0].code == "NET538"
        assert f"`{word}`" in str(caught.value)
