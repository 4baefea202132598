"""What training could not use of a file's recipes: their settings, and the places that they name in the nets."""

from collections.abc import Iterable, Iterator

from netdsl.diagnostics import Diagnostic, Source
from netdsl.ir.network import Network, Recipe
from netdsl.ir.parts import known_parts, known_tensors, unknown_part
from netdsl.recipes.arguments import UnusableError
from netdsl.recipes.parts import read_freeze, read_lr_scale
from netdsl.recipes.read import read_settings, together


def recipe_settings(recipes: Iterable[Recipe]) -> list[Diagnostic]:
    """What is wrong with the recipes' lines, each line once, not in every recipe that extends it.

    Needs:   recipes that were worked out
    Reports: NET530 to NET533 settings that training does not know or cannot use
    """
    problems: list[Diagnostic] = []
    for recipe in recipes:
        read, wrong = read_settings(recipe)
        wrong += together(read, recipe) if not wrong else ()
        problems += [d for d in wrong if d not in problems]
    return problems


def recipe_places(source: Source, networks: Iterable[Network], recipes: Iterable[Recipe]) -> Iterator[Diagnostic]:
    """What no net of the file has.

    A file's nets may have different tags and a recipe goes with any of them, so a place that one of them has is right.

    Needs:   all nets of a file, laid out, and its recipes
    Reports: NET209 an unknown place
    """
    every = list(networks)
    tensors, parts = known_tensors(every), known_parts(every)
    name = " or ".join(dict.fromkeys(network.name for network in every))
    for recipe in recipes:
        named = [("freeze", place, tensors) for place in _frozen(recipe)]
        named += [("lr_scale", place, parts) for place in _scaled(recipe)]
        for setting, place, known in named:
            span, plain = recipe.spans.get(setting), place.removeprefix("@")
            if span is not None and span.source.name == source.name and not {plain, f"@{plain}"} & set(known):
                yield unknown_part(name, plain, known, span)


def _frozen(recipe: Recipe) -> list[str]:
    try:
        place = read_freeze("freeze", recipe.settings.get("freeze", "none"))
    except UnusableError:  # reported with the recipe
        return []
    return [] if place is None else [place]


def _scaled(recipe: Recipe) -> list[str]:
    try:
        return [place for place, _ in read_lr_scale("lr_scale", recipe.settings.get("lr_scale", []))]
    except UnusableError:
        return []
