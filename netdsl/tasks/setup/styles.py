"""Do the condition of a net, the styles and the data go together: checked before any file is read."""

from collections.abc import Sequence

from netdsl import data as datasets
from netdsl.diagnostics import fail
from netdsl.ir.network import Network
from netdsl.recipes.losses import LABEL, STYLE
from netdsl.recipes.method import Method
from netdsl.tasks.learning.objective import outputs_of
from netdsl.tasks.setup.config import TrainConfig


def check_styles(config: TrainConfig, method: Method) -> None:
    """Reports NET670 for a net that is to paint without a style, or whose recipe is for something else."""
    if config.styles and not datasets.any_size(str(config.data)):
        fail("NET670", "a net learns a style from photographs", expected="--data folder:DIR", found=str(config.data))
    if (method.target == STYLE) == bool(config.styles):
        return
    if config.styles:
        fail(
            "NET670",
            "the recipe is not for a net that paints",
            expected="`loss = perceptual` and `target = style`",
            found=f"target = {method.target}",
            note="leave `loss` and `target` out of the recipe, or train without --style",
        )
    fail(
        "NET670",
        "the net is to learn a style, and none is named",
        expected="a picture whose style the net is to paint in: --style starry.jpg",
        found="no --style",
    )


def check_condition(network: Network, names: Sequence[str], config: TrainConfig, method: Method) -> None:
    """Reports NET671 for a condition that has not one value for each class, or style: an image's is its label.

    And for a net that is told the class which it is to find.
    """
    if network.conditions and any(output.target == LABEL for output in outputs_of(network, method)):
        fail(
            "NET671",
            f"the net `{network.name}` is told the class that it is to find",
            expected="a net without a condition, or one that gives images: `loss = mse` and `target = input`",
            found=f"condition {', '.join(network.conditions)}, target = {LABEL}",
        )
    values = {name: network.nodes[node].output.channels for name, node in network.conditions.items()}
    if list(values.values()) == [len(names)] or (not values and (not config.styles or len(names) == 1)):
        return
    kind = "style" if config.styles else "class"
    shown = ", ".join(f"{name}({count})" for name, count in values.items())
    fail(
        "NET671",
        f"the condition of the net `{network.name}` is not the images' {kind}",
        expected=f"`condition {next(iter(values), 'style')}({len(names)})`: a value for each, {', '.join(names[:5])}"
        + (f" and {len(names) - 5} more" if len(names) > 5 else ""),
        found=f"condition {shown}" if shown else "no condition",
        note="a net without a condition gets one by itself where there are several styles" if config.styles else "",
    )
