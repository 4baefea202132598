"""The summary as a table, and the lines below it."""

from collections.abc import Iterator, Mapping
from fractions import Fraction

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from netdsl.compiler import Compilation
from netdsl.diagnostics import Span
from netdsl.ir.network import Field, Network
from netdsl.ir.sizes import OpenSizes, together
from netdsl.summary.memory import activation_bytes, saved_bytes, training_memory
from netdsl.summary.rows import Row, rule_text, summary_rows, with_open_sizes
from netdsl.summary.shares import shares

from . import output

WIDE = 96
WIDEST = 100
LONGEST_CODE = 19  # columns, where the names of the layers need the rest
GLUE = "\ue000"  # a space at which no line is broken
LABEL = 12  # columns in front of a line below the table
MARKS = "\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079"
TIMES = "\u00d7"  # the multiplication sign


def show_summary(compilation: Compilation, network: Network, batch: int | None, depth: int | None) -> None:
    console = output.out
    rows = summary_rows(network, depth)
    turns: Mapping[str, str] = {}
    if network.open_sizes is not None:
        rows, turns = with_open_sizes(network, rows)
    wide = console.width >= WIDE
    settings = ", ".join(f"{name}={_setting(value)}" for name, value in network.settings.items())
    file = "" if compilation.source.name.startswith("<") else f"  {compilation.source.name}"
    title = f"[bold]{network.name}[/bold]{f'({settings})' if settings else ''}"
    together = len(title + file) - len("[bold][/bold]") <= min(console.width, WIDEST)
    for part in [title + file] if together else [*_wrapped(console, title), file.strip()]:
        console.print(part, soft_wrap=True)
    table = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False, show_edge=False)
    head = ["layer", "code", "output", "params", "MACs", "field", *(["jump"] if wide else [])]
    rules = list(dict.fromkeys(row.rule for row in rows if row.rule is not None))
    lines = [_cells(row, wide, rules) for row in rows]
    layers, codes, *rest = (max(map(len, column)) for column in zip(head, *lines, strict=True))
    left = min(console.width, WIDEST) - sum(rest) - 2 * len(head) + 1  # for layers and codes
    code_room = max(LONGEST_CODE, left - layers)
    room = max(12, left - min(codes, code_room))
    table.add_column(head[0], no_wrap=True)
    table.add_column(head[1], no_wrap=True)
    for name in head[2:]:
        table.add_column(name, justify="right", no_wrap=True)
    for cells in lines:
        table.add_row(output.shortened(cells[0], room), output.shortened(cells[1], code_room), *cells[2:])
    console.print(table, width=min(console.width, WIDEST))
    for line in _totals(network, batch, turns):
        for part in _wrapped(console, line):
            console.print(part, soft_wrap=True)
    for note in _notes(compilation, rows, rules):
        console.print(note, soft_wrap=True, markup=False)


def _notes(compilation: Compilation, rows: list[Row], rules: list[Span]) -> Iterator[str]:
    """What the marks in the table mean, and what the paper prints."""
    if any(row.filled_in for row in rows):
        yield "* the text leaves the numbers out: 3x3, 64 filters, doubled for each pool before, or a `default`"
    for number, rule in enumerate(rules):
        place = rule.source.name if rule.source.name.startswith("-") else f"{rule.source.name}:{rule.line}"
        yield f"{_mark(number)} made by the rule `{rule_text(rule)}`, {place}"
    for claim in compilation.claims:
        if claim.printed:
            of = f" of @{claim.tag}" if claim.tag else ""
            yield f"printed     {claim.metric}{of} {claim.claimed}; counted {claim.found}"


def _cells(row: Row, wide: bool, rules: list[Span]) -> list[str]:
    code = row.code + ("*" if row.filled_in else "")
    if row.rule is not None:
        code += f" {_mark(rules.index(row.rule))}"
    macs = _count(row.macs) if wide else _short(row.macs)
    jump = [_jump(row.field)] if wide else []
    return [_name(row), code, row.output, _count(row.params), macs, _axes(row.field.size), *jump]


def _mark(number: int) -> str:
    """A raised number, for a note below the table."""
    return "".join(MARKS[int(digit)] for digit in str(number + 1))


def _name(row: Row) -> str:
    name = "  " * row.indent + row.name
    return name if row.repeats == 1 else f"{name} … {row.last_name}  {TIMES}{row.repeats}"


def _wrapped(console: Console, line: str) -> list[Text]:
    """A line in the width of the table; what follows a label stands under it."""
    text = Text.from_markup(line)
    label = LABEL if line[:LABEL].strip().isalpha() else 0
    lines = list(text[label:].wrap(console, min(console.width, WIDEST) - label))
    for part in lines:
        part.rstrip()
        part.plain = part.plain.replace(GLUE, " ")
    return [text[:label] + lines[0] if label else lines[0], *(Text(" " * label) + more for more in lines[1:])]


def _totals(network: Network, batch: int | None, turns: Mapping[str, str]) -> list[str]:
    lines = [
        f"[bold]{_count(network.params)}[/bold] parameters"
        + (f" (and {_count(network.buffers)} in buffers)" if network.buffers else "")
        + f", [bold]{_count(network.macs)}[/bold] MACs, depth [bold]{network.depth}[/bold]",
        f"activations {_bytes(activation_bytes(network))} an image; training keeps {_bytes(saved_bytes(network))} of "
        "inputs, outputs and masks for backward",
    ]
    if network.open_sizes is not None:
        lines.extend(_open_sizes(network, network.open_sizes, turns))
    parts = ", ".join(_glued(f"{s.part} {s.params:.1%} / {s.activations:.1%}") for s in shares(network) if _matters(s))
    lines.append(f"shares      of parameters / of activations: {parts}")
    for name, head in network.heads.items():
        counts, output = network.head_counts(name), network.nodes[head.node].output
        final = name in network.final_heads
        macs = f"{_count(counts.macs)} of the MACs" if final else f"{_count(counts.macs)} MACs more"
        lines.append(
            f"head        {name}{'' if final else ', while training'}: output {output}, {_count(counts.params)} of the "
            f"parameters, {macs}, {head.loss}{'' if head.target == 'label' else f' of the {head.target}'} with weight "
            f"{head.weight:g}"
        )
    if network.dropped_biases:
        layers = "1 layer" if len(network.dropped_biases) == 1 else f"{len(network.dropped_biases)} layers"
        lines.append(f"bias        none in {layers}, which a norm follows (`b` keeps it)")
    if batch is not None:
        memory = training_memory(network, batch)
        from netdsl.planning.form import plain  # milliseconds that a table without a batch can do without
        from netdsl.planning.peak import peak_bytes

        lines.append(
            f"memory      {_bytes(memory.total)} for a training step on {batch} images: parameters "
            f"{_bytes(memory.parameters)}, gradients {_bytes(memory.gradients)}, momentum {_bytes(memory.optimizer)}, "
            f"activations {_bytes(memory.activations)}; at most {_bytes(peak_bytes(plain(network), batch))} at once"
        )
    return lines


def _open_sizes(network: Network, sizes: OpenSizes, turns: Mapping[str, str]) -> list[str]:
    at = "x".join(map(str, network.input.shape))
    shapes = together(turns)
    lines = [
        f"sizes       {sizes.conditions or 'any'}; the counts above are those at {at}"
        + (f", the shapes those for {shapes}" if shapes else "")
    ]
    if any(isinstance(size, str) for size in sizes.output):
        line = f"output      {sizes.output[0]} channels of {' by '.join(map(str, sizes.output[1:]))}"
        same = together({letter: text for letter, text in sizes.same_size.items() if text != "any"})
        lines.append(line + (f": the size of the input for {same}" if same else ""))
    if sizes.macs_per_pixel is not None:
        whole = sizes.macs_per_pixel.denominator == 1
        per_pixel = _count(sizes.macs_per_pixel.numerator) if whole else f"{float(sizes.macs_per_pixel):,.1f}"
        lines.append(f"MACs        {per_pixel} for each further pixel")
    return lines


def _glued(text: str) -> str:
    return text.replace(" ", GLUE)


def _matters(share: object) -> bool:
    return max(share.params, share.activations) >= 0.01  # type: ignore[attr-defined]


def _setting(value: object) -> str:
    if isinstance(value, Fraction) and Fraction(repr(float(value))) == value:
        return str(float(value))  # 0.5 rather than 1/2
    return str(value).lower() if isinstance(value, bool) else str(value)


def _count(number: int) -> str:
    return f"{number:,}"


def _short(number: int) -> str:
    """1,849,688,064 as 1.85G, for narrow terminals."""
    for unit, scale in (("T", 10**12), ("G", 10**9), ("M", 10**6), ("K", 10**3)):
        if number >= scale:
            return f"{number / scale:.3g}{unit}" if number < 999.5 * scale else f"{number / scale:.0f}{unit}"
    return str(number)


def shown_bytes(number: int) -> str:
    """In MB or GB, for a line of its own."""
    return _bytes(number).replace(GLUE, " ")


def _bytes(number: int) -> str:
    for unit, scale, digits in (("GB", 1e9, 2), ("MB", 1e6, 1)):
        if number >= scale:
            return _glued(f"{number / scale:.{digits}f} {unit}")
    return _glued(f"{number / 1e3:.1f} KB")


def _axes(size: tuple[int, ...]) -> str:
    return str(size[0]) if size and len(set(size)) == 1 else "x".join(map(str, size)) or "-"


def _jump(field: Field) -> str:
    if field.jump is None or not field.jump:
        return "-"
    return str(field.jump[0]) if len(set(field.jump)) == 1 else "x".join(map(str, field.jump))
