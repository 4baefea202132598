"""Does a net fit a data set: checked before any file is read and before torch does anything."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NoReturn

from netdsl import data as datasets
from netdsl.compiler import Pipeline
from netdsl.diagnostics import Span, fail
from netdsl.geometry import FeatureMap
from netdsl.ir.network import Network, Recipe
from netdsl.passes.files import looks_like_file
from netdsl.recipes.augmentations import ColourJitter, Crop, Cutout, PadCrop, PcaNoise, ScaleJitter, word_of
from netdsl.recipes.losses import BOX, INPUT, STYLE, Nll, loss_word
from netdsl.recipes.method import Method
from netdsl.tasks.learning.objective import Output, outputs_of
from netdsl.tasks.runs.net_source import NetSource

CLASS_PARAMETERS = ("classes", "num_classes")
STAY = (Cutout, ColourJitter, PcaNoise)
"""Augmentations after which every object is where it was."""


def check_fit(network: Network, data: str, image: FeatureMap, classes: int, method: Method, given: str = "") -> None:
    """Reports what of the data a net cannot take, before it is read. `given` is the net as it was named.

    NET525: images of another shape than the net's input; NET526, NET528: an output, a head's, of another shape than
    what it is compared with, or none that its loss can take; NET537: data without boxes for an output that finds them
    """
    _check_input(network, data, image, given)
    for output in outputs_of(network, method):
        end = network.heads[output.name].node if output.name else network.output_node
        found = network.nodes[end].output
        found = FeatureMap(found.channels) if found.numel == found.channels else found
        wanted, meaning = _wanted(output, image, classes)
        if output.target == BOX:
            _check_boxes(output, data)
        if found != wanted:
            if output.name:
                _wrong_head(network, data, output, f"an output of {wanted}, {meaning}", f"an output of {found}")
            _wrong_output(network, data, image, wanted, meaning)
        if isinstance(output.loss, Nll) and not output.softmax:
            expected, is_none = "a softmax, `S`, at its end", "one that ends in something else"
            if output.name:
                _wrong_head(network, data, output, expected, is_none)
            fail(
                "NET526",
                f"`loss = nll` takes probabilities, which the net `{network.name}` does not give",
                expected=expected,
                found=is_none,
                note="`loss = cross_entropy` takes scores, and is the same of their softmax",
            )


def check_boxes_stay(network: Network, method: Method, recipe: Recipe | None) -> None:
    """Reports NET538 for an augmentation that moves the object away from its box, where boxes are trained for."""
    boxes = [output for output in outputs_of(network, method) if output.target == BOX]
    moving = [word_of(step) for step in method.augment if not isinstance(step, STAY)]
    if boxes and moving:
        where = f"the head `{boxes[0].name}`" if boxes[0].name else "the output"
        fail(
            "NET538",
            f"`{moving[0]}` moves the objects, and {where} is trained to find them where they were",
            span=recipe.spans.get("augment") if recipe else None,
            expected="augmentations that leave every pixel in its place, such as `cutout`",
            found=", ".join(moving),
        )


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
    if method.normalize in ("imagenet", "vgg") and image.channels != 3:
        span = recipe.spans.get("normalize") if recipe else None
        _no_room(f"`normalize = {method.normalize}` is for colours", "images of red, green and blue", f"{image}", span)


def _no_room(message: str, expected: str, found: str, span: Span | None) -> None:
    fail("NET532", message, span=span, expected=expected, found=found)


def _wanted(output: Output, image: FeatureMap, classes: int) -> tuple[FeatureMap, str]:
    """The shape that an output must have, and what it means."""
    if output.target == INPUT:
        return image, "an image of the data's own shape"
    if output.target == STYLE:
        return image, "a picture of the photograph's size"
    if output.target == BOX:
        return FeatureMap(4), "left, top, right and bottom of a box"
    return FeatureMap(classes), "one a class"


def _check_boxes(output: Output, data: str) -> None:
    if datasets.has_boxes(data):
        return
    which = f"the head `{output.name}`" if output.name else "the output"
    fail(
        "NET537",
        f"{which} is to find boxes, which {data} does not have",
        expected="data with a box for each image: shapes",
        found=data,
        note=f"leave it out: a variant with {{ drop head {output.name} }}" if output.name else "",
    )


def _wrong_head(network: Network, data: str, output: Output, expected: str, found: str) -> NoReturn:
    fail(
        "NET528",
        f"the head `{output.name}` of `{network.name}` cannot be trained on {data}",
        expected=f"{expected}, with loss={loss_word(output.loss)} and target={output.target}",
        found=found,
        note=f"leave it out: a variant with {{ drop head {output.name} }}",
    )


def _check_input(network: Network, data: str, image: FeatureMap, given: str) -> None:
    if network.input == image:
        return
    other = _beside(given, image)
    take = f"take `{other}`, which is made for such images" if other else "take a net made for such images"
    note = f"{take}, or write `input {image}` in this one{_parameters(network)}"
    if network.output.size and network.output != network.input and not network.final_heads:
        note = f"this net gives maps, which no label of an image can train; {data} has no labels for pixels"
    fail(
        "NET525",
        f"the images of {data} do not fit the net `{network.name}`",
        expected=f"{network.input}, the net's input (channels x height x width)",
        found=f"{image}, the images of {data}",
        note=note,
    )


def _beside(given: str, image: FeatureMap) -> str | None:
    """Another net of the file that was named, for images of this shape, as it can be named."""
    file = given.partition(":")[0]
    if not looks_like_file(file):
        return None
    pipeline = Pipeline.of(file)
    made = (name for name in pipeline.nets if (net := pipeline.compile(name).network) and net.input == image)
    return next((f"{file}:{name}" for name in made), None)


def _wrong_output(network: Network, data: str, image: FeatureMap, wanted: FeatureMap, meaning: str) -> NoReturn:
    output, classes = network.output, wanted.channels
    if wanted.size or meaning != "one a class":
        fail(
            "NET526",
            f"the net `{network.name}` does not give what it is compared with",
            expected=f"{wanted}, {meaning}",
            found=f"{output}",
            note="`target` in the recipe says what the output is compared with: label, input or box",
        )
    parameter = next((name for name in CLASS_PARAMETERS if name in network.settings), None)
    note = ""
    if output == image:
        note = "to train it to give the images back: --set-recipe 'loss=mse, target=input'; to make it a classifier, "
    elif output.size and len(output.size) == len(image.size):
        note = f"{data} has a label for each image and none for each pixel, so maps cannot be trained; "
    if output.size:
        note += f"end the net with `G F{classes}` or `F{classes}`: a classifier gives one number a class"
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
