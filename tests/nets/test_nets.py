"""The bundled nets: their claims and sources, sums over their parts, and their recipes."""

import re
from dataclasses import replace
from itertools import pairwise

import pytest

from netdsl.layers.dropout import Dropout
from netdsl.passes.files import bundled_nets
from netdsl.recipes.augmentations import Flip, PadCrop
from netdsl.recipes.method import Method
from netdsl.recipes.optimizers import Sgd
from netdsl.recipes.read import method_from

from .bundled import EXPECTED_WARNINGS, FILES, NETS, as_written, network, pipeline

SOURCE = re.compile(r"arXiv:\d{4}\.\d{4,5}|\b(?:19|20)\d\d\b|\bthesis\b|\btextbook\b")


@pytest.mark.parametrize(("file", "net"), NETS)
def test_every_net_compiles_and_keeps_its_claims(file: str, net: str) -> None:
    compilation = as_written(file, net)
    assert not compilation.errors
    assert [d.code for d in compilation.diagnostics if d.severity == "warning"] == EXPECTED_WARNINGS.get(net, [])
    assert all(claim.holds for claim in compilation.claims if not claim.printed)


@pytest.mark.parametrize("file", FILES)
def test_the_first_comment_names_a_source(file: str) -> None:
    text = bundled_nets()[file].read_text("utf-8")
    comment = re.match(r"(?:#.*\n)+", text)
    assert comment is not None
    assert SOURCE.search(comment[0])


@pytest.mark.parametrize("file", FILES)
def test_the_net_of_the_files_name_comes_first(file: str) -> None:
    assert pipeline(file).nets[0] == file


@pytest.mark.parametrize("file", FILES)
def test_every_file_claims_a_count(file: str) -> None:
    claims = as_written(file, file).claims
    assert any(claim.metric == "params" and claim.tag is None and not claim.printed for claim in claims)


ONLY_CLAIMS = re.compile(r"(if .*\{ )?(expect|printed)\b")
LENGTHS = [("vgg16", 10), ("vgg19", 10), ("resnet", 12), ("densenet", 12)]
LENGTHS += [("googlenet", 25), ("inception_v3", 20), ("efficientnet_b0", 20)]


@pytest.mark.parametrize(("file", "most"), LENGTHS)
def test_a_file_is_as_short_as_its_paper(file: str, most: int) -> None:
    """Lines to the end of the main net, comments and claims apart."""
    text = bundled_nets()[file].read_text("utf-8")
    main = text[: text.index("\n}", text.index("\nnet ")) + 2]
    lines = [line.strip() for line in main.splitlines()]
    lines = [line for line in lines if line and line[0] != "#" and not ONLY_CLAIMS.match(line)]
    assert len(lines) <= most


def test_an_unknown_vgg_or_squeezenet_is_an_error() -> None:
    assert [d.code for d in pipeline("vgg").compile("vgg", {"config": "F"}).errors] == ["NET209"]
    assert [d.code for d in pipeline("squeezenet").compile("squeezenet", {"version": "2"}).errors] == ["NET209"]


def test_a_version_can_be_typed_as_a_number() -> None:
    assert network("squeezenet", "squeezenet", {"version": 1.0}).params == 1_248_424


@pytest.mark.parametrize("config", ["A", "A-LRN", "B", "C", "D", "E"])
def test_only_a_lrn_normalizes(config: str) -> None:
    kinds = {node.layer.name for node in network("vgg", "vgg", {"config": config}).nodes}
    assert ("local_response_norm" in kinds) == (config == "A-LRN")


@pytest.mark.parametrize("config", ["D", "E"])
def test_the_columns_of_vgg_are_the_nets_of_their_own(config: str) -> None:
    column, alone = (
        network("vgg", "vgg", {"config": config}),
        network(*{"D": ("vgg16",) * 2, "E": ("vgg19",) * 2}[config]),
    )
    assert [node.layer for node in column.nodes] == [node.layer for node in alone.nodes]
    assert column.counts == alone.counts


def test_zfnet_has_the_sizes_of_its_figure() -> None:
    sizes = [node.output.size[0] for node in network("zfnet", "zfnet").nodes if node.output.size]
    assert [size for size, following in pairwise([*sizes, 0]) if size != following] == [224, 110, 55, 26, 13, 6]


# Sums over parts

STAGED = [("resnet", "resnet"), ("wrn", "wrn"), ("densenet", "densenet_bc"), ("googlenet", "googlenet"), ("vgg", "vgg")]
STAGED += [("nin", "nin"), ("squeezenet", "squeezenet"), ("bn_vgg", "bn_vgg"), ("lenet5", "lenet5")]
STAGED += [(name, name) for name in ("inception_v3", "mobilenet_v2", "shufflenet_v2", "efficientnet_b0")]


@pytest.mark.parametrize(("file", "net"), STAGED)
def test_tagged_parts_and_the_rest_make_the_whole(file: str, net: str) -> None:
    found = network(file, net)
    parts = [tag for name, tag in found.tags.items() if "." not in name]
    assert all(before.last < after.first for before, after in pairwise(parts))
    inside = {index for tag in parts for index in range(tag.first, tag.last + 1)}
    assert inside
    rows = list(enumerate(found.counts))
    for metric in ("params", "macs", "buffers"):
        in_parts = sum(getattr(found.counts[i], metric) for tag in parts for i in range(tag.first, tag.last + 1))
        assert in_parts + sum(getattr(row, metric) for i, row in rows if i not in inside) == sum(
            getattr(row, metric) for _, row in rows
        )


@pytest.mark.parametrize("bottleneck", [False, True])
def test_every_further_unit_of_a_stage_costs_the_same(bottleneck: bool) -> None:
    nets = [network("resnet", "resnet", {"n": n, "bottleneck": bottleneck}) for n in (2, 3, 4, 5)]
    steps = [(b.params - a.params, b.macs - a.macs, b.depth - a.depth) for a, b in pairwise(nets)]
    assert len(set(steps)) == 1
    assert steps[0][2] == (9 if bottleneck else 6)


def test_wider_is_quadratic_in_the_units() -> None:
    """Of the stages' second units, which have k times the channels in and out."""
    thin, wide = (network("resnet", "resnet", {"k": k}) for k in (1, 4))
    for stage in (1, 2, 3):
        name = f"stage{stage}.unit2.residual1.conv1"
        params = [
            next(c.params for n, c in zip(x.nodes, x.counts, strict=True) if n.name == name) for x in (thin, wide)
        ]
        assert params[1] == 16 * params[0]


# Recipes

RECIPES = [(file, name) for file in FILES for name in (as_written(file, file).network or network(file, file)).recipes]


def method(file: str, name: str) -> Method:
    return method_from(network(file, file).recipes[name])


@pytest.mark.parametrize(("file", "name"), RECIPES)
def test_every_recipe_is_read(file: str, name: str) -> None:
    found = method(file, name)
    assert found.epochs >= 1
    says = network(file, file).recipes[name].settings
    if "optimizer" not in says:
        assert says.keys() == {"normalize", "resize", "classes"}, "what weights from elsewhere need, not how to train"
    elif isinstance(found.optimizer, Sgd):
        assert found.optimizer.nesterov == (name != "imagenet"), "the thesis's momentum, and that of 2012 to 2015"


# The thesis: table 4.6 has these on CIFAR-10+, and section 4.3 says what is done to the images
AUGMENTED = ["resnet", "wrn", "densenet", "nin", "bn_nin", "bn_vgg"]


@pytest.mark.parametrize("file", AUGMENTED)
def test_the_augmented_recipe_is_the_plain_one_and_the_thesiss_augmentation(file: str) -> None:
    for name in ("cifar10", "cifar100"):
        plain, augmented = method(file, name), method(file, f"{name}+")
        assert not plain.augment
        assert augmented == replace(plain, augment=(PadCrop(4), Flip(0.5)))
        assert plain == method(file, "cifar10")


@pytest.mark.parametrize("file", AUGMENTED)
def test_100_classes_for_cifar100(file: str) -> None:
    for name in ("cifar100", "cifar100+"):
        recipe = network(file, file).recipes[name]
        assert network(file, file, dict(recipe.net_settings)).output.channels == 100


@pytest.mark.parametrize(("name", "share"), [("cifar10", 0.2), ("cifar10+", 0), ("cifar100+", 0), ("svhn", 0.2)])
def test_densenets_drop_only_without_augmentation(name: str, share: float) -> None:
    recipe = network("densenet", "densenet").recipes[name]
    laid_out = network("densenet", "densenet", dict(recipe.net_settings))
    shares = {node.layer.p for node in laid_out.nodes if isinstance(node.layer, Dropout)}
    assert shares == ({share} if share else set())


# The thesis (the papers for ImageNet, and for wrn on svhn): file, recipe, learning rates from epoch (counted from 0) on
LEARNING_RATES = [
    ("baseline", "mnist", 30, {0: 0.1, 20: 0.01}),
    ("nin", "mnist", 60, {0: 0.02, 40: 0.01, 50: 0.002}),
    ("nin", "cifar10", 260, {0: 0.025, 200: 0.0025, 230: 0.00025}),
    ("nin", "svhn", 40, {0: 0.025, 20: 0.0025, 30: 0.00025}),
    ("bn_nin", "mnist", 30, {0: 0.1, 20: 0.01}),
    ("bn_nin", "cifar10", 250, {0: 0.1, 25: 0.05, 50: 0.025, 225: 0.1 / 2**9}),
    ("bn_nin", "svhn", 40, {0: 0.1, 20: 0.01, 30: 0.001}),
    ("bn_vgg", "cifar10", 250, {0: 0.1, 25: 0.05, 225: 0.1 / 2**9}),
    ("resnet", "cifar10", 164, {0: 0.1, 82: 0.01, 123: 0.001}),
    ("wrn", "cifar10", 200, {0: 0.1, 60: 0.02, 120: 0.004, 160: 0.0008}),
    ("densenet", "cifar10", 300, {0: 0.1, 150: 0.01, 225: 0.001}),
    ("densenet", "svhn", 40, {0: 0.1, 20: 0.01, 30: 0.001}),
    ("wrn", "svhn", 160, {0: 0.01, 80: 0.001, 120: 0.0001}),
    ("alexnet", "imagenet", 90, {0: 0.01}),
    ("vgg16", "imagenet", 74, {0: 0.01}),
    ("googlenet", "imagenet", 250, {0: 0.01}),
    ("resnet50", "imagenet", 120, {0: 0.1, 30: 0.01, 60: 0.001, 90: 0.0001}),
]


@pytest.mark.parametrize(("file", "name", "epochs", "rates"), LEARNING_RATES)
def test_learning_rates_of_the_thesis(file: str, name: str, epochs: int, rates: dict[int, float]) -> None:
    found = method(file, name)
    assert found.epochs == epochs
    steps = 100  # batches an epoch
    for epoch, rate in rates.items():
        assert found.optimizer.lr * found.schedule.scale(epoch * steps, epochs * steps) == pytest.approx(rate)
        if epoch:
            before = found.schedule.scale(epoch * steps - 1, epochs * steps)
            assert found.optimizer.lr * before > rate * 1.5
