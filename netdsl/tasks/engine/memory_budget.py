"""`--memory-budget`: the form of a net whose training step fits, or a message with the numbers."""

from netdsl.diagnostics import fail
from netdsl.ir.network import Network
from netdsl.planning.budget import within
from netdsl.planning.form import Form, plain
from netdsl.planning.peak import peak_bytes
from netdsl.recipes.method import Method
from netdsl.recipes.optimizers import Adadelta, Adam, AdamW, RmsProp, Sgd

UNITS = {"GiB": 2**30, "MiB": 2**20, "KiB": 2**10}


def form_within(network: Network, images: int, budget: int, numbers_per_weight: int) -> Form:
    """Errors: DiagnosticsError with NET582 when no form is small enough."""
    found = within(network, images, budget, numbers_per_weight)
    if isinstance(found, int):
        whole = peak_bytes(plain(network), images, numbers_per_weight)
        fail(
            "NET582",
            "a training step does not fit into the memory budget",
            expected=f"at most {text(budget)} for {images:,} images at once",
            found=f"{text(found)} with all that can be computed again, {text(whole)} without",
            note="take a smaller batch, or compute it in parts with --accumulate",
        )
    return found


def numbers_per_weight(method: Method) -> int:
    """What the optimizer and the mean weights keep of each weight, beside the weight and its gradient."""
    kind = method.optimizer
    match kind:
        case Sgd():
            kept = int(kind.momentum > 0)
        case Adam() | AdamW() | Adadelta():
            kept = 2
        case RmsProp():
            kept = 1 + (kind.momentum > 0)
        case _:
            kept = 1
    return kept + (method.ema is not None)


def at_once(method: Method, images: int, processes: int) -> int:
    """Images that go through the net together in a process, of so many in all."""
    return -(-min(method.batch, images) // (method.accumulate * processes))


def text(size: int) -> str:
    """`1.5GiB`, three digits."""
    unit = next((name for name in ("GiB", "MiB") if size >= UNITS[name]), "KiB")
    return f"{size / UNITS[unit]:.3g}{unit}"
