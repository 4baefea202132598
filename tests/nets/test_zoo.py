"""Published figures, which stand in `published/*.toml` apart from the files' own claims, against ours; docs/zoo.md."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from .bundled import NETS, ROWS, holds, name_of, network, published_groups, settings_of

PAGE = Path(__file__).parents[2] / "docs" / "zoo.md"
KEYS = {"file", "net", "settings", "paper", "params", "macs", "depth", "printed_params", "printed_macs", "note"}
REPOSITORY_FILES = "../nets/{}.net"


@pytest.mark.parametrize(("count", "figure", "fits"), [
    (138_357_544, "138M", True),
    (138_357_544, "138.4M", True),
    (138_357_544, "139M", False),
    (868_634, "868K", True),  # cut off
    (868_634, "869K", True),  # rounded
    (868_634, "870K", False),
    (159_904, "156Ki", True),
    (61_706, 61_706, True),
    (61_706, 61_707, False),
])  # fmt: skip
def test_a_figure_holds_as_in_the_language(count: int, figure: int | str, fits: bool) -> None:
    assert holds(count, figure) == fits


def test_every_bundled_net_has_its_row() -> None:
    assert {(row["file"], row["net"]) for row in ROWS} == set(NETS)


def test_no_row_is_there_twice() -> None:
    assert [name for name, times in Counter(map(name_of, ROWS)).items() if times > 1] == []


@pytest.mark.parametrize("row", ROWS, ids=name_of)
def test_published_figures(row: dict[str, Any]) -> None:
    assert row.keys() <= KEYS
    found = network(row["file"], row["net"], settings_of(row))
    for metric in ("params", "macs", "depth"):
        if metric in row:
            assert holds(getattr(found, metric), row[metric]), f"{metric}: {getattr(found, metric):,}"


@pytest.mark.parametrize("row", [r for r in ROWS if r.keys() & {"printed_params", "printed_macs"}], ids=name_of)
def test_a_figure_that_is_only_printed_does_not_fit_and_is_explained(row: dict[str, Any]) -> None:
    assert row["note"]
    found = network(row["file"], row["net"], settings_of(row))
    for metric in ("params", "macs"):
        if f"printed_{metric}" in row:
            assert metric not in row
            assert not holds(getattr(found, metric), row[f"printed_{metric}"])


HEAD = """# The zoo

The nets that come with netdsl, each beside what was published of it. `netdsl summarize NAME` prints a net's rows, with
NAME as the first column has it. Parameters are all that is trained, auxiliary heads included; MACs are
multiply-accumulates of convolutions and matrix products for one image, without biases; depth counts weighted layers
on the longest path. A published figure with all its digits is met exactly; one with few digits (`138M`) holds if
rounding or cutting off our count gives it; one in *italics* does not fit, and the note says what is known about it. A
figure that is not there was not published, or not for this net alone. Where a paper can be read in two ways,
[decisions.md](decisions.md) says what was decided and why.

A test makes this page from the nets themselves and the published figures, and compares.
"""
COLUMNS = ("net", "source", "parameters", "ours", "MACs", "ours", "depth", "input", "note")
RIGHT = ("parameters", "ours", "MACs", "depth")


def test_the_page_is_up_to_date(golden: Any) -> None:
    golden(page(), PAGE)


def page() -> str:
    sections = [section(group) for group in published_groups()]
    return "\n".join([HEAD, *sections])


def section(group: dict[str, Any]) -> str:
    rule = ["---:" if column in RIGHT else "---" for column in COLUMNS]
    rows = [COLUMNS, rule, *map(cells, group["net"])]
    return f"## {group['title']}\n\n" + "".join(f"| {' | '.join(row)} |\n" for row in rows)


def cells(row: dict[str, Any]) -> list[str]:
    found = network(row["file"], row["net"], settings_of(row))
    return [
        f"[`{name_of(row)}`]({REPOSITORY_FILES.format(row['file'])})",
        row["paper"],
        published(row, "params"),
        f"{found.params:,}",
        published(row, "macs"),
        f"{found.macs:,}",
        str(found.depth),
        "x".join(map(str, found.input.shape)),
        row.get("note", ""),
    ]


def published(row: dict[str, Any], metric: str) -> str:
    if f"printed_{metric}" in row:
        return f"*{row[f'printed_{metric}']}*"
    figure = row.get(metric, "")
    return f"{figure:,}" if isinstance(figure, int) else figure
