"""`--compile`: torch.compile, where the machine has what it takes."""

import os
import shutil
from typing import Any

import torch
from torch import nn

from netdsl.diagnostics import fail


def compiled(module: nn.Module, device: torch.device) -> Any:
    """A module as torch.compile makes it when it is first called, which takes seconds to minutes.

    Batches of another size, as the last of an epoch may be, are compiled by themselves.
    Errors: DiagnosticsError with NET581 on a CPU without a C++ compiler, which generates the code.
    """
    wanted = os.environ.get("CXX") or "g++"
    if device.type == "cpu" and shutil.which(wanted) is None:
        fail(
            "NET581",
            "`--compile` needs a C++ compiler",
            expected="g++, or another one named by $CXX",
            found=f"no `{wanted}`",
            note="leave --compile out: results are the same up to rounding",
        )
    return torch.compile(module, dynamic=False)
