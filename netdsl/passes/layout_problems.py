"""What can be wrong where a net is laid out, each as the diagnostic it becomes."""

from collections.abc import Container, Mapping

from netdsl.diagnostics import Diagnostic, Edit, Label, Span
from netdsl.ir.network import Node, Tag
from netdsl.layers.attributes import nearest
from netdsl.passes.reports import trimmed
from netdsl.syntax import ast


def nothing_follows(node: Node) -> Diagnostic:
    span = node.span
    return Diagnostic(
        "NET215",
        "nothing follows `input`",
        span,
        expected="at least one op",
        found="the end of the net",
        help=f"write `{span.text} G F10`",
        edits=(Edit(span, f"{span.text} G F10"),),
    )


def left_behind(node: Node) -> Diagnostic:
    return Diagnostic(
        "NET216",
        f"what `{node.span.text}` gives is never used",
        node.span,
        expected="an op that takes it, or a tag that is used later",
        found=f"a tensor of {node.output} left behind",
    )


def unknown_tag(name: str, tags: Mapping[str, Tag], span: Span) -> Diagnostic:
    close = nearest(name, tags)
    return Diagnostic(
        "NET209",
        f"there is no tag `@{name}` before this",
        span,
        expected="one of: " + ", ".join(f"@{t}" for t in tags) if tags else "a tag in the same body",
        found=f"@{name}",
        help=f"write `@{close}`" if close else "",
        edits=(Edit(Span(span.source, span.start, span.end), f"@{close}"),) if close else (),
    )


def no_input(net: ast.Net, head: Span) -> Diagnostic:
    place = Span(net.body.span.source, net.body.span.start, net.body.span.start + 1)
    in_file = place.text == "{"
    instead = "input 3x224x224" if net.body.statements else "input 3x224x224 G F10"
    return Diagnostic(
        "NET214",
        f"the net `{net.name}` has no `input`" if in_file else "the size of the input is not given",
        head,
        expected="`input` and a shape, channels first",
        found="no input",
        help=f"write `{instead}` as its first line" if in_file else "",
        note="" if in_file else "on the command line: --input 3x224x224",
        edits=(Edit(place, f"{{ {instead} "),) if in_file else (),
    )


def no_op(op: ast.Op, value: str) -> Diagnostic:
    """A parameter or variable in the place of an op, whose value is no op's name."""
    return Diagnostic(
        "NET202",
        f"`{op.name}` stands for {value} here, which is no op",
        op.name_span,
        expected="the name of an op or block as its value",
        found=value,
    )


def takes_nothing(op: ast.Op) -> Diagnostic:
    return Diagnostic(
        "NET206",
        "`id` is the input itself and takes nothing" if op.name == "id" else f"`{op.name}` is shared and takes nothing",
        op.span,
        expected=op.name,
        found=op.span.text,
        help=f"write `{op.name}`",
        edits=(Edit(op.span, op.name),),
    )


def no_branches(op: ast.Op, name: str) -> Diagnostic:
    assert op.branches is not None
    braces = Span(op.span.source, op.span.start + op.span.text.index("{"), op.span.end)
    return Diagnostic(
        "NET206",
        f"`{name}` takes no braces",
        op.name_span,
        expected=f"`{name}` alone",
        found=f"`{name} {{ ... }}`",
        help="take the braces out",
        edits=(Edit(braces, ""),),
    )


def needs_branches(op: ast.Op, name: str) -> Diagnostic:
    if op.branches:
        body = op.branches[0].span
        return Diagnostic(
            "NET206",
            f"`{name}` joins one branch with nothing",
            op.name_span,
            expected="at least two branches with `|` between",
            found="one",
            help="write `| id` for the input itself",
            edits=(Edit(Span(body.source, body.end, body.end), " | id"),),
        )
    return Diagnostic(
        "NET205",
        f"`{name}` needs branches",
        op.name_span,
        expected=f"{name} {{ ... | ... }}",
        found=op.span.text,
        help=f"write `{name} {{ id | id }}` and put the branches in",
        edits=(Edit(op.span, f"{name} {{ id | id }}"),),
    )


def empty_branch(op: ast.Op, branch: ast.Body) -> Diagnostic:
    text = op.span.text
    gap = next(
        (i for i in range(text.index("{"), len(text)) if text[i] in "{|" and text[i + 1 :].lstrip()[:1] in "|}"), 0
    )
    place = Span(op.span.source, op.span.start + gap + 1, op.span.start + gap + 1)
    return Diagnostic(
        "NET205",
        f"a branch of `{op.name}` is empty",
        place,
        expected="an op, or `id` for the input itself",
        found="nothing",
        help="write `id`",
        edits=(Edit(place, " id "),),
    )


def tag_taken(tagged: ast.Tagged, name: str, first: Span | None, taken: Container[str]) -> Diagnostic:
    """A tag whose name is that of another tag, of an op, or of something that torch's modules have."""
    place = tagged.tag.span
    if first == place:
        return Diagnostic(
            "NET212",
            f"`@{name}` is given again each time round",
            place,
            expected="a name of its own for each",
            found=f"@{name} twice",
            note=f"in a loop, put its number in: `@{name}{{i}}`",
        )
    free = next(f"{name}_{k}" for k in range(2, 1000) if f"{name}_{k}" not in taken)
    whose = "another tag" if first else "an op" if name in taken else "something in Python or in torch's modules"
    return Diagnostic(
        "NET212",
        f"the name `@{name}` is that of {whose}",
        place,
        expected="a name that nothing beside it has",
        found=f"@{name}",
        help=f"write `@{free}`",
        related=(Label(first, "first given here"),) if first else (),
        edits=(Edit(place, f"@{free}"),),
    )


def misplaced_input(statement: ast.Input, in_net: bool) -> Diagnostic:
    return Diagnostic(
        "NET214",
        "a net has one `input`" if in_net else "`input` stands in the braces of a net only",
        statement.span,
        expected="one input" if in_net else "an op",
        found="another" if in_net else f"`{statement.span.text}` within other braces",
        help="take it out",
        edits=(Edit(statement.span, ""),),
    )


def open_channels(statement: ast.Input, letter: ast.OpenSize) -> Diagnostic:
    """The weights of the first layer hang on the channels, so these cannot stay open."""
    text = statement.dims.span.text
    instead = f"3x{text}" if text.count("x") < 2 else "3" + text[len(letter.letter) :]
    return Diagnostic(
        "NET214",
        "the channels of the input are left open",
        letter.span,
        expected="a number of channels, then sizes",
        found=statement.dims.span.text,
        help=f"write `{instead}`",
        edits=(Edit(statement.dims.span, instead),),
    )


def too_many_axes(statement: ast.Input, count: int) -> Diagnostic:
    return Diagnostic(
        "NET303",
        "an input has at most three spatial axes",
        statement.dims.span,
        expected="channels and one, two or three sizes",
        found=f"{count} numbers",
    )


def channels_last(statement: ast.Input, shape: list[int]) -> Diagnostic | None:
    """`input 224x224x3`: the channels come first here, as in torch."""
    if len(shape) != 3 or shape[0] <= 4 or shape[0] != shape[1] or shape[2] not in (1, 3, 4):
        return None
    instead = f"input {shape[2]}x{shape[0]}x{shape[1]}"
    return Diagnostic(
        "NET104",
        "the channels come first",
        statement.span,
        expected="channels x height x width",
        found=f"{shape[0]} channels of {shape[1]}x{shape[2]}",
        help=f"write `{instead}`",
        edits=(Edit(statement.span, instead),),
    )


def head_taken(head: ast.Head) -> Diagnostic:
    return Diagnostic(
        "NET212",
        f"the name `{head.name}` is taken here",
        head.name_span,
        expected="a name that no other head, tag or op in this body has, nor torch's modules",
        found=head.name,
        note="every head has a name of its own, by which its output is known",
    )


def before_input(net: ast.Net) -> Diagnostic | None:
    """What stands before `input` and would be left out of the net."""
    line = next((s for s in net.body.statements if isinstance(s, ast.Input)), None)
    first = net.body.statements[0] if net.body.statements else None
    for statement in net.body.statements:
        if line is None or isinstance(statement, ast.Input):
            return None
        if isinstance(statement, ast.Let | ast.Default | ast.Claims | ast.Broken):
            continue
        assert first is not None
        place = Span(first.span.source, first.span.start, first.span.start)
        return Diagnostic(
            "NET214",
            "this stands before the `input` of the net",
            trimmed(statement.span),
            expected="`input` before the first op",
            found=trimmed(statement.span).text,
            related=(Label(line.span, "the input"),),
            help=f"move `{line.span.text}` to the beginning",
            edits=(Edit(line.span, ""), Edit(place, f"{line.span.text} ")),
        )
    return None
