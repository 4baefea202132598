"""Constructs that need the compiler: importing this fills the registry. Everything else is a `block` in `nets/`."""

from netdsl.blocks import dense, residual
from netdsl.blocks.base import BLOCKS, UNKNOWN, Form, Site

__all__ = ["BLOCKS", "UNKNOWN", "Form", "Site", "dense", "residual"]
