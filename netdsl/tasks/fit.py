"""Does a net fit a data set: checked before any file is read and before torch does anything."""

from collections.abc import Sequence

from netdsl.diagnostics import fail
from netdsl.geometry import FeatureMap
from netdsl.ir.network import Network, Recipe
from netdsl.recipes.augmentations import Augmentation, Flip, PadCrop, word_of

CLASS_PARAMETERS = ("classes", "num_classes")


def check_fit(network: Network, data: str, image: FeatureMap, classes: int) -> None:
    """Reports NET525 for images of another shape than the net's input, NET526 and NET528 for outputs and heads."""
    _check_input(network, data, image)
    _check_output(network, data, classes)
    _check_heads(network, data, classes)


def check_augment(steps: Sequence[Augmentation], image: FeatureMap, recipe: Recipe | None) -> None:
    """Reports NET532 for a border or a square as large as the images."""
    for step in steps:
        if isinstance(step, Flip):
            continue
        pixels = step.padding if isinstance(step, PadCrop) else step.size
        if pixels >= min(image.size):
            fail(
                "NET532",
                f"`{word_of(step)}` of {pixels:,} pixels leaves nothing of an image",
                span=recipe.spans.get("augment") if recipe else None,
                expected=f"fewer pixels than the shorter side of the images has, {min(image.size)}",
                found=f"{pixels:,}",
            )


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
