"""The bundled nets, each file read once, and what was published of them."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from netdsl.compiler import Compilation, Pipeline
from netdsl.geometry import FeatureMap
from netdsl.ir.network import Network
from netdsl.passes.files import bundled_nets
from netdsl.syntax.numbers import quantity

PUBLISHED = Path(__file__).parent / "published"
OPEN_INPUT = FeatureMap(3, (256, 256))  # for nets whose sizes are left open

# The first layers of these leave a row and a column unread, as they do where their counts were published.
BORDER = (
    "squeezenet",
    "squeezenet_1_0",
    "nin_imagenet",
    "cnn_f",
    "cnn_m",
    "cnn_m_2048",
    "cnn_m_1024",
    "cnn_m_128",
    "cnn_s",
)
EXPECTED_WARNINGS = {name: ["NET350"] for name in BORDER}


@cache
def pipeline(file: str) -> Pipeline:
    return Pipeline.of(f"nets/{file}.net")


@cache
def as_written(file: str, net: str) -> Compilation:
    return pipeline(file).compile(net)


def network(file: str, net: str, settings: dict[str, Any] | None = None) -> Network:
    """At its own input, else (`3xHxW`) at 256x256."""
    compilation = pipeline(file).compile(net, settings) if settings else as_written(file, net)
    if [d.code for d in compilation.errors] == ["NET311"]:
        compilation = pipeline(file).compile(net, settings, OPEN_INPUT)
    assert compilation.network is not None, compilation.errors
    return compilation.network


def holds(count: int, figure: int | str) -> bool:
    """A count is the figure, or a text's printed digits if one rounds or cuts off, as `~` in the language."""
    if isinstance(figure, int):
        return count == figure
    value, step = quantity(figure)
    return value / step in (count // step, (count + step / 2) // step)


def published_groups() -> list[dict[str, Any]]:
    groups = [tomllib.loads(file.read_text("utf-8")) for file in PUBLISHED.glob("*.toml")]
    return sorted(groups, key=lambda group: group["order"])


FILES = sorted(bundled_nets())
NETS = [(file, net) for file in FILES for net in pipeline(file).nets]
ROWS: list[dict[str, Any]] = [row for group in published_groups() for row in group["net"]]


def name_of(row: dict[str, Any]) -> str:
    """As the command line takes it: `alexnet:alexnet_2012`, `vgg --set config=A`."""
    name = row["file"] if row["net"] == row["file"] else f"{row['file']}:{row['net']}"
    given = ",".join(
        f"{key}={str(value).lower() if value is True else value}" for key, value in settings_of(row).items()
    )
    return f"{name} --set {given}" if given else name


def settings_of(row: dict[str, Any]) -> dict[str, Any]:
    settings: dict[str, Any] = row.get("settings", {})
    return settings
