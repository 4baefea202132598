"""`netdsl filters`."""

import json

from . import looking, output


def command(
    what: looking.What,
    weights: looking.Weights = None,
    settings: looking.Settings = None,
    with_rules: looking.With = "",
    set_recipe: looking.SetRecipe = None,
    best: looking.Best = False,
    device: looking.Device = None,
    out: looking.Out = None,
    force: looking.Force = False,
    as_json: looking.AsJson = False,
) -> None:
    """Draw the filters of a net's first layer, the weights that meet the pixels themselves.

    Example: netdsl filters runs/resnet-cifar10-1
    """
    from dataclasses import asdict

    from netdsl.seeing.gradients.asked import file_for
    from netdsl.seeing.gradients.grids import draw_filters

    subject = looking.subject_from(what, weights, settings, with_rules, set_recipe, best, device)
    found = draw_filters(subject, file_for(f"{subject.name}-filters.png", out, force))
    if as_json:
        output.write(json.dumps(asdict(found)) + "\n")
        return
    size = "x".join(map(str, found.size))
    looking.line("filters", f"{found.filters} of {size} in {found.colours} colour(s), at {found.at}")
    looking.line("picture", found.output)
