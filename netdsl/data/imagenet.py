"""The 1,000 classes of ImageNet's challenges since 2012, by the names that torchvision gives them."""

from functools import cache
from importlib.resources import files


@cache
def class_names() -> tuple[str, ...]:
    """In the order of their numbers."""
    return tuple((files("netdsl.data") / "imagenet_classes.txt").read_text("utf-8").splitlines())
