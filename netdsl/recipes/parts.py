"""What a recipe says of parts of the net: which weights stay as they are, and whose learning rate is another."""

from typing import Any

from netdsl.layers.attributes import TagValue
from netdsl.recipes.arguments import number, wrong

PLACE = "a tag such as `@stage1`, or a layer's name as in the summary"
ROWS = "rows of a part and a factor: `[@stage1, 0.1; @stage2, 0.5]`"


def read_freeze(name: str, value: Any) -> str | None:
    """`@stage1`, or `none`, which takes back what a recipe that is extended says."""
    return None if value == "none" else _place(name, value, f"{PLACE}, or `none`")


def read_lr_scale(name: str, value: Any) -> tuple[tuple[str, float], ...]:
    """Pairs of a part and a factor above 0; `none` or `[]` for none."""
    if value == "none":
        return ()
    if not isinstance(value, list | tuple):
        wrong(name, ROWS, value)
    rows = [value] if value and not isinstance(value[0], list | tuple) else value
    return tuple(_row(name, row) for row in rows)


def _row(name: str, row: Any) -> tuple[str, float]:
    if not isinstance(row, list | tuple) or len(row) != 2:
        wrong(name, ROWS, row)
    place = _place(name, row[0], PLACE)
    factor = number(name, row[1], "a number above 0; `freeze` stops a part", lambda n: n > 0)
    return place, float(factor)


def _place(name: str, value: Any, expected: str) -> str:
    text = str(value) if isinstance(value, TagValue | str) else ""
    if not text.removeprefix("@"):
        wrong(name, expected, value)
    return text
