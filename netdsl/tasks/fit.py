"""Does a net fit a data set: checked before any file is read and before torch does anything."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from netdsl.diagnostics import Span, fail
from netdsl.geometry import FeatureMap
from netdsl.ir.network import Network, Recipe
from netdsl.recipes.augmentations import ColourJitter, Crop, Cutout, PadCrop, PcaNoise, ScaleJitter, word_of
from netdsl.recipes.method import Method
from netdsl.tasks.net_source import NetSource

CLASS_PARAMETERS = ("classes", "num_classes")


def check_fit(network: Network, data: str, image: FeatureMap, classes: int) -> None:
    """Reports NET525 for images of another shape than the net's input, NET526 and NET528 for outputs and heads."""
    _check_input(network, data, image)
    _check_output(network, data, classes)
    _check_heads(network, data, classes)


def with_classes(
    source: NetSource, network: Network, classes: int, asked: Mapping[str, Any]
) -> tuple[NetSource, Network]:
    """The net with as many classes as the data has, if it has a parameter for them that the user did not set."""
    parameter = next((name for name in CLASS_PARAMETERS if name in network.settings), None)
    if parameter is None or parameter in asked or network.settings[parameter] == classes:
        return source, network
    source = replace(source, settings={**source.settings, parameter: classes})
    return source, source.compile()


def check_augment(method: Method, image: FeatureMap, recipe: Recipe | None) -> None:
    """Reports NET532 for steps and a normalization that do not go with the images; `image` is what the net sees."""
    span = recipe.spans.get("augment") if recipe else None
    shorter, longer = min(image.size), max(image.size)
    for step in method.augment:
        word = word_of(step)
        if isinstance(step, PadCrop | Cutout):
            pixels = step.padding if isinstance(step, PadCrop) else step.size
            if pixels >= shorter:
                _no_room(
                    f"`{word}` of {pixels:,} pixels leaves nothing of an image",
                    f"fewer pixels than the shorter side of the images has, {shorter}",
                    f"{pixels:,}",
                    span,
                )
        if isinstance(step, ScaleJitter) and step.min < longer:
            _no_room(f"`{word}` makes images smaller than the net sees", f"{longer} or more", f"{step.min}", span)
        if isinstance(step, Crop) and (method.resize is None or image.size == (method.resize, method.resize)):
            _no_room(
                "`crop` has nothing to cut from",
                f"images larger than {image}, such as those of a folder with `resize = {longer * 8 // 7}`",
                f"resize = {method.resize or 'none'}",
                span,
            )
        if isinstance(step, ColourJitter | PcaNoise) and image.channels != 3:
            _no_room(f"`{word}` is for colours", "images of red, green and blue", f"{image}", span)
    if method.normalize == "imagenet" and image.channels != 3:
        span = recipe.spans.get("normalize") if recipe else None
        _no_room("`normalize = imagenet` is for colours", "images of red, green and blue", f"{image}", span)


def _no_room(message: str, expected: str, found: str, span: Span | None) -> None:
    fail("NET532", message, span=span, expected=expected, found=found)


def _check_heads(network: Network, data: str, classes: int) -> None:
    for name, head in network.heads.items():
        output = network.nodes[head.node].output
        if head.loss != "cross_entropy" or output.numel != classes:
            fail(
                "NET528",
                f"the head `{name}` of `{network.name}` cannot be trained on {data}",
                expected=f"loss=cross_entropy and {classes} outputs, one a class",
                found=f"loss={head.loss} and an output of {output}",
                note=f"leave it out: a variant with {{ drop head {name} }}",
            )


def _check_input(network: Network, data: str, image: FeatureMap) -> None:
    if network.input == image:
        return
    fail(
        "NET525",
        f"the images of {data} do not fit the net `{network.name}`",
        expected=f"{network.input}, the net's input (channels x height x width)",
        found=f"{image}, the images of {data}",
        note=f"take a net made for such images, or write `input {image}` in this one{_parameters(network)}",
    )


def _check_output(network: Network, data: str, classes: int) -> None:
    output = network.output
    if output == FeatureMap(classes):
        return
    parameter = next((name for name in CLASS_PARAMETERS if name in network.settings), None)
    if output.size:
        note = f"end the net with `G F{classes}` or `F{classes}`: a classifier gives one number a class"
    elif parameter:
        note = f"try --set {parameter}={classes}"
    else:
        note = f"let the net end in `F{classes}`{_parameters(network)}"
    fail(
        "NET526",
        f"the net `{network.name}` does not give one number for each class of {data}",
        expected=f"{classes} outputs, one a class",
        found=f"{output}",
        note=note,
    )


def _parameters(network: Network) -> str:
    return f"; its parameters, for --set: {', '.join(network.settings)}" if network.settings else ""
