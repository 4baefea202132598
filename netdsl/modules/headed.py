"""A net with further outputs: all of them while training, the main one otherwise."""

from collections.abc import Callable, Mapping
from typing import Any

from torch import Tensor, fx, nn

Forward = Callable[..., Any]


class HeadedModule(nn.Module):
    """The submodules of two graphs over the same layers.

    In training mode it gives `(main output, {head: output})`, else the main output alone, without running the heads;
    where the heads at its end are its outputs, `{head: output}` in both modes.
    `graph` is the whole graph, whose output is that of training.
    """

    def __init__(self, whole: fx.GraphModule, main: fx.GraphModule, meta: Mapping[str, Any]) -> None:
        super().__init__()
        for name, module in whole.named_children():
            self.add_module(name, module)
        self.graph = whole.graph
        self.meta = dict(meta)
        self._whole: Forward = type(whole).forward
        self._main: Forward = type(main).forward

    def forward(self, x: Tensor, *conditions: Any) -> Any:
        return self._whole(self, x, *conditions) if self.training else self._main(self, x, *conditions)
