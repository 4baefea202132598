"""Does a net fit a data set: checked before any file is read and before torch does anything."""

from netdsl.diagnostics import fail
from netdsl.geometry import FeatureMap
from netdsl.ir.network import Network

CLASS_PARAMETERS = ("classes", "num_classes")


def check_fit(network: Network, data: str, image: FeatureMap, classes: int) -> None:
    """Reports NET525 (images of another shape than the net's input), NET526 (not one output a class)."""
    _check_input(network, data, image)
    _check_output(network, data, classes)


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
