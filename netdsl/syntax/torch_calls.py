"""Calls as torch and Keras write them, `nn.Conv2d(3, 64, 5, padding=2)`, said as codes."""

import re
from collections.abc import Callable, Mapping

Numbers = Mapping[str, str]


def call_as_code(word: str, arguments: str) -> str | None:
    """The code that says what a call says, or None where that takes more than numbers."""
    form = _FORMS.get(re.sub(r"[123][dD]$", "", word).lower())
    if form is None:
        return None
    names, code = form
    if word.endswith("D") and word[0] == "C" and len(word) > 2:  # Keras gives no input channels
        names = names[1:]
    parts = [part.strip() for part in arguments.split(",") if part.strip()]
    numbers: dict[str, str] = {}
    for position, part in enumerate(parts):
        name, _, value = part.rpartition("=")
        name = name.strip() or (names[position] if position < len(names) else "")
        numbers[name] = value.strip()
    try:
        return code(numbers)
    except (KeyError, ValueError):
        return None


def _whole(numbers: Numbers, name: str, default: str | None = None) -> int:
    return int(numbers[name] if default is None else numbers.get(name, default))


def _conv(numbers: Numbers) -> str:
    kernel, filters = _whole(numbers, "kernel_size"), _whole(numbers, "out_channels")
    padding, stride = numbers.get("padding", "0").strip("'\""), _whole(numbers, "stride", "1")
    code = f"C{kernel}-{filters}" + (f"/{stride}" if stride > 1 else "")
    if padding == "same" or (padding.isdigit() and 2 * int(padding) == kernel - 1):
        return code
    return code + ("v" if padding in ("0", "valid") else f"p{int(padding)}")


def _pool(letter: str) -> Callable[[Numbers], str]:
    def code(numbers: Numbers) -> str:
        kernel = _whole(numbers, "kernel_size", "2")
        stride, padding = _whole(numbers, "stride", str(kernel)), _whole(numbers, "padding", "0")
        slow = f"/{stride}" if stride != kernel else ""
        return f"{letter}{kernel}{slow}" + (f"p{padding}" if padding else "")

    return code


def _dropout(numbers: Numbers) -> str:
    return "D" + str(float(numbers.get("p", "0.5"))).removeprefix("0")


_OURS = ("kernel_size", "out_channels", "stride")
_CONV = (("in_channels", "out_channels", "kernel_size", "stride", "padding"), _conv)
_POOL = ("kernel_size", "stride", "padding")
_FORMS: Mapping[str, tuple[tuple[str, ...], Callable[[Numbers], str]]] = {
    "c": (_OURS, lambda n: _conv({"padding": "same", **n})),
    "conv": _CONV,
    "p": (_POOL, _pool("P")),
    "m": (_POOL, _pool("P")),
    "maxpool": (_POOL, _pool("P")),
    "maxpooling": (_POOL, _pool("P")),
    "a": (_POOL, _pool("A")),
    "avgpool": (_POOL, _pool("A")),
    "averagepooling": (_POOL, _pool("A")),
    "f": (("out_features",), lambda n: f"F{_whole(n, 'out_features')}"),
    "fc": (("out_features",), lambda n: f"F{_whole(n, 'out_features')}"),
    "linear": (("in_features", "out_features"), lambda n: f"F{_whole(n, 'out_features')}"),
    "dense": (("out_features",), lambda n: f"F{_whole(n, 'out_features')}"),
    "d": (("p",), _dropout),
    "dropout": (("p",), _dropout),
    "batchnorm": ((), lambda n: "B"),
    "batchnormalization": ((), lambda n: "B"),
    "b": ((), lambda n: "B"),
    "relu": ((), lambda n: "R"),
    "r": ((), lambda n: "R"),
    "softmax": ((), lambda n: "S"),
    "s": ((), lambda n: "S"),
    "g": ((), lambda n: "G"),
}
