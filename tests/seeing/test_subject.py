"""What is looked into: a run or a net with weights, each with its preprocessing and the names of its classes."""

import pytest
import torch

from netdsl.data import Normalization
from netdsl.data.imagenet import class_names
from netdsl.diagnostics import DiagnosticsError
from netdsl.seeing.subject import KEPT, open_subject
from netdsl.tasks.learning.normalize import IMAGENET

from .conftest import SMALL


def test_a_bare_net_has_what_its_recipe_says(squeezenet):
    assert squeezenet.name == "squeezenet" and squeezenet.run is None
    assert squeezenet.image.shape == (3, 224, 224) and squeezenet.resize == 256
    assert squeezenet.normalization == IMAGENET
    assert len(squeezenet.classes) == 1000
    assert squeezenet.classes[285] == "Egyptian cat" and squeezenet.classes[967] == "espresso"
    assert not squeezenet.module.training
    assert not any(weight.requires_grad for weight in squeezenet.module.parameters())


@pytest.mark.parametrize("net", ["alexnet", "vgg11", "resnet50", "densenet121", "inception_v3", "convnext_tiny"])
def test_bundled_nets_for_imagenet_say_what_cam_needs(net):
    from netdsl.compiler import compile_network
    from netdsl.recipes.read import method_from

    network = compile_network(net)
    method = method_from(network.recipes["imagenet"])
    assert method.classes == "imagenet" and method.normalize in ("imagenet", "channel")
    assert method.resize >= max(network.input.size)


def test_names_of_imagenet():
    assert len(class_names()) == len(set(class_names())) == 1000
    assert class_names()[0] == "tench" and class_names()[999] == "toilet tissue"


def test_a_run_has_its_own(trained_run):
    subject = open_subject(str(trained_run))
    assert subject.name == "tiny" and subject.run == trained_run
    assert subject.image.shape == (3, 32, 32) and subject.resize is None
    assert len(subject.classes) == 10 and "disk" in subject.classes
    assert subject.normalization not in (IMAGENET, Normalization.none(3))
    best = open_subject(str(trained_run), best=True)
    assert best.module.state_dict().keys() == subject.module.state_dict().keys()


def test_the_recipe_can_be_said_otherwise(random_weights):
    weights = random_weights(SMALL, classes=7)
    typed = {"normalize": "none", "resize": "none"}
    subject = open_subject(SMALL, weights, {"classes": 7}, set_recipe=typed)
    assert subject.normalization == Normalization.none(3)
    assert subject.resize is None
    assert subject.classes == tuple("0123456"), "seven classes are not ImageNet's"
    grey = "net g { input 1x8x8  C3-4 R G F3 }"
    subject = open_subject(grey, random_weights(grey), set_recipe={"normalize": "none"})
    assert subject.classes == ("0", "1", "2") and subject.image.channels == 1


def test_a_net_of_any_size_is_laid_out_for_the_recipes_crop(random_weights):
    net = "net any { input 3xHxW  C3-4 R G F1000 }  recipe imagenet { normalize = channel  resize = 40  crop = 36 }"
    subject = open_subject(net, random_weights(net))
    assert subject.image.size == (36, 36) and subject.resize == 40
    assert subject.normalization == IMAGENET, "the channels of ImageNet"


def test_other_sizes_share_the_weights(small):
    wide = small.at((32, 50))
    assert wide is small.at((32, 50)), "made once"
    own, other = small.module.state_dict(), wide.state_dict()
    assert all(own[name].data_ptr() == other[name].data_ptr() for name in own)
    x = torch.randn(2, 3, 32, 50)
    assert torch.equal(wide(x), small.module(x)), "nothing of this net knows the size"
    assert small.at((32, 32)) is small.module


def test_a_net_that_has_one_size_only(random_weights):
    net = "net f { input 3x16x16  C3-4 R P F5 }  recipe imagenet { normalize = imagenet }"
    subject = open_subject(net, random_weights(net))
    assert subject.at((16, 16)) is subject.module
    assert subject.at((16, 20)) is None
    assert subject.at((1, 1)) is None, "no such net"


def test_behind_a_softmax_are_the_scores(random_weights):
    net = "net s { input 3x8x8  C3-4 R G F3 S }  recipe imagenet { normalize = imagenet }"
    subject = open_subject(net, random_weights(net))
    with torch.no_grad():
        scores = subject.module(torch.randn(4, 3, 8, 8))
    assert not torch.allclose(scores.sum(1), torch.ones(4))


BARE = "net b { input 3x8x8  C3-4 R G F3 }"


@pytest.mark.parametrize(
    ("net", "code"),
    [
        (BARE, "NET601"),
        ("net b { input 1x8x8  C3-4 R G F3 }  recipe imagenet { normalize = imagenet }", "NET601"),
        (BARE + "  recipe imagenet { normalize = zca }", "NET601"),
        ("net b { input 2x8x8  C3-4 R G F3 }  recipe imagenet { normalize = none }", "NET602"),
        ("net b { input 3x8  C3-4 R G F3 }  recipe imagenet { normalize = none }", "NET602"),
        ("net b { input 3x8x8  condition c(2)  C3-4 I{c} R G F3 }  recipe imagenet { normalize = none }", "NET602"),
        ("net b { input 3x8x8  C3-4 R C3-3 }  recipe imagenet { normalize = imagenet }", "NET603"),
        (
            "net b { input 3x8x8  C3-4 R G  head a(target = box, loss = mse) { F4 } }"
            "  recipe imagenet { normalize = imagenet }",
            "NET603",
        ),
    ],
)
def test_nets_that_cannot_be_looked_into(net, code, random_weights):
    with pytest.raises(DiagnosticsError) as raised:
        open_subject(net, random_weights(net))
    assert raised.value.diagnostics[0].code == code


def test_a_net_typed_out_may_be_long(random_weights):
    net = SMALL.replace("C3-12 B R @last", "C3-12 B R @last  " + "C3-12 R " * 60)
    assert open_subject(net, random_weights(net)).name == "small"
    with pytest.raises(DiagnosticsError, match="NET600"):
        open_subject(net)


def test_few_sizes_are_kept(small):
    for width in range(33, 33 + KEPT + 5):
        assert small.at((32, width)) is not None
    assert len(small._at) == KEPT


def test_neither_run_nor_weights(trained_run, tmp_path):
    def refused(*given, **more):
        with pytest.raises(DiagnosticsError) as raised:
            open_subject(*given, **more)
        return raised.value.diagnostics[0]

    assert refused("squeezenet").code == "NET600"
    assert refused("squeezenet").found == "nothing of that name"
    assert refused(str(trained_run), tmp_path / "w.safetensors").code == "NET600"
    assert refused(str(trained_run), settings={"classes": 3}).code == "NET600"
    (tmp_path / "empty").mkdir()
    assert refused(str(tmp_path / "empty")).code == "NET552"
    assert refused("squeezenet", tmp_path / "no.safetensors").code == "NET520"


def test_weights_of_another_net_are_named(random_weights):
    other = SMALL.replace("C3-12", "C3-13")
    with pytest.raises(DiagnosticsError) as raised:
        open_subject(SMALL, random_weights(other))
    found = raised.value.diagnostics[0]
    assert found.code == "NET521"
    assert "conv2.weight 12x8x3x3" in found.expected and "conv2.weight 13x8x3x3" in found.found
