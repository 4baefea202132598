"""netdsl: a declarative language for convolutional networks, checked without torch, compiled to torch.

`netdsl.compile("vgg16")` is an `nn.Module`; `netdsl.compile_network("vgg16")` its numbers without torch, such as
`.params` and `.macs`.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from netdsl.compiler import compile_network
    from netdsl.diagnostics import DiagnosticsError
    from netdsl.lowering import compile, feature_maps, load_weights, save_weights  # noqa: A004

_PLACES = {
    "DiagnosticsError": "netdsl.diagnostics",
    "compile": "netdsl.lowering",
    "compile_network": "netdsl.compiler",
    "feature_maps": "netdsl.lowering",
    "load_weights": "netdsl.lowering",
    "save_weights": "netdsl.lowering",
}
__all__ = ["DiagnosticsError", "compile", "compile_network", "feature_maps", "load_weights", "save_weights"]


def __getattr__(name: str) -> Any:
    """What needs torch is imported when it is asked for."""
    if name == "__version__":
        from importlib.metadata import version

        return version("netdsl")
    if name in _PLACES:
        return getattr(import_module(_PLACES[name]), name)
    raise AttributeError(f"module 'netdsl' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__, "__version__"})
