"""Room for nets whose blocks and brackets stand deep in one another; the limits of the layout end what is endless."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

FRAMES = 40_000


@contextmanager
def deep_recursion() -> Iterator[None]:
    """Python's limit is for C stacks; frames of pure Python cost none since 3.11, and our own limits come first."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, FRAMES))
    try:
        yield
    finally:
        sys.setrecursionlimit(before)
