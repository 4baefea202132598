"""All layers of the language: importing this fills the registry of names and codes."""

from netdsl.layers import (
    activation,
    conv,
    conv_table,
    conv_transpose,
    dropout,
    embedding,
    joins,
    linear,
    norm,
    pool,
    resize,
    scale,
    shortcut,
    tagged,
)
from netdsl.layers.base import CODES, NAMES, Entry, Layer, Reach
from netdsl.layers.input import Condition, Input

__all__ = [
    "CODES",
    "NAMES",
    "Condition",
    "Entry",
    "Input",
    "Layer",
    "Reach",
    "activation",
    "conv",
    "conv_table",
    "conv_transpose",
    "dropout",
    "embedding",
    "joins",
    "linear",
    "norm",
    "pool",
    "resize",
    "scale",
    "shortcut",
    "tagged",
]
