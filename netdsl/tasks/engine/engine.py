"""Where and how a module runs: its device, the layout of its tensors, the precision of its arithmetic."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch
from torch import Tensor, nn

from netdsl.diagnostics import fail
from netdsl.lowering import network_of
from netdsl.lowering.training_form import training_form
from netdsl.planning.form import plain
from netdsl.planning.layout import channels_last
from netdsl.tasks.engine.compiling import compiled
from netdsl.tasks.engine.memory_budget import form_within

Forward = Callable[..., Any]

PRECISIONS = ("fp32", "bf16")


class Engine:
    """One of them for a run: training, tests and evaluation go through it.

    It keeps nothing that changes from batch to batch. `precision`: `auto` is bf16 on a GPU that has it, else fp32; in
    bf16 the forward pass is torch's autocast, weights, gradients and the optimizer's state stay float32.
    """

    def __init__(
        self,
        device: torch.device | None = None,
        precision: str = "auto",
        compile: bool = False,  # noqa: A002
        memory_budget: int | None = None,
    ) -> None:
        self.device = device or device_of(None)
        self.dtype = torch.bfloat16 if precision_on(self.device, precision) == "bf16" else torch.float32
        self.compile = compile
        self.memory_budget = memory_budget
        """Bytes that a training step may take; what does not fit is computed again in backward."""
        self.memory_format = torch.contiguous_format

    def place(self, module: nn.Module) -> nn.Module:
        """The module itself, moved to where it will run, in the layout that its net runs fastest in."""
        network = _network(module)
        self.memory_format = (
            torch.channels_last if network is not None and channels_last(network) else torch.contiguous_format
        )
        placed: nn.Module = module.to(self.device).to(memory_format=self.memory_format)  # type: ignore[call-overload]
        return placed

    def trained(
        self,
        module: nn.Module,
        around: Callable[[nn.Module], nn.Module] | None = None,
        images: int = 1,
        numbers_per_weight: int = 1,
    ) -> Forward:
        """What to call for a placed module while it trains: the module's outputs, computed the fast way.

        `around` is put around the module that computes them.
        With a budget that is the fastest way that fits, for as many `images` at once; the optimizer keeps so many
        numbers of each weight. Errors: DiagnosticsError with NET582 where none fits.
        """
        network = _network(module)
        form: nn.Module = module
        if network is not None:
            found = plain(network)
            if self.memory_budget is not None:
                found = form_within(network, images, self.memory_budget, numbers_per_weight)
            form = training_form(module, found)  # type: ignore[arg-type]
        form = form if around is None else around(form)
        run = compiled(form, self.device) if self.compile else form

        def forward(x: Tensor, *conditions: Tensor) -> Any:
            with self.precision():
                outputs = run(x, *conditions)
            return _float(outputs)

        return forward

    def as_settings(self) -> dict[str, Any]:
        """For config.yaml."""
        name = torch.cuda.get_device_name(self.device) if self.device.type == "cuda" else self.device.type
        precision = "bf16" if self.dtype == torch.bfloat16 else "fp32"
        return {
            "device": name,
            "precision": precision,
            "compile": self.compile,
            "memory_budget": self.memory_budget,
        }

    def images(self, x: Tensor) -> Tensor:
        """Normalized images in the layout that the module wants."""
        return x.contiguous(memory_format=self.memory_format) if x.dim() == 4 else x

    def precision(self) -> AbstractContextManager[object]:
        """In it the forward pass is computed; losses are in float32, outside of it."""
        if self.dtype == torch.float32:
            return nullcontext()
        return torch.autocast(self.device.type, self.dtype)


def device_of(name: str | None) -> torch.device:
    """The device of a name such as `cuda:1`; without one the first of cuda, mps and cpu that is there.

    Errors: DiagnosticsError with NET580 for a device that is not there.
    """
    there = ["cpu"]
    if torch.backends.mps.is_available():
        there.insert(0, "mps")
    if torch.cuda.is_available():
        there = ["cuda", *(f"cuda:{i}" for i in range(torch.cuda.device_count())), *there]
    if name is not None and name not in there:
        fail(
            "NET580",
            f"there is no device `{name}` here",
            expected=", ".join(there),
            found=name,
            note="without --device the fastest one that is there is taken",
        )
    return torch.device(name or there[0])


def precision_on(device: torch.device, precision: str) -> str:
    """`fp32` or `bf16`, with what `auto` means on the device."""
    if precision == "auto":
        fast = device.type == "cuda" and torch.cuda.is_bf16_supported(including_emulation=False)
        return "bf16" if fast else "fp32"
    if precision not in PRECISIONS:
        fail("NET527", "`precision` is unknown", expected="auto, fp32 or bf16", found=precision)
    return precision


def _network(module: nn.Module) -> Any:
    """The network of a compiled net; None for another module."""
    meta = getattr(module, "meta", {})
    return network_of(module) if "network" in meta else None  # type: ignore[arg-type]


def _float(value: Any) -> Any:
    """Outputs in float32, whatever the net gives."""
    if isinstance(value, dict):
        return {name: _float(part) for name, part in value.items()}
    return tuple(map(_float, value)) if isinstance(value, tuple) else value.float()
