"""Random programs that lay out: layers with the oracle's arguments, joins, blocks, tags, heads, shares, conditions."""

from hypothesis import strategies as st

from netdsl.compiler import Pipeline
from netdsl.ir.network import Network
from netdsl.layers.base import number_text

from .strategies import KINDS, STRATEGIES, TAGGED, feature_maps

LAYERS = sorted(name for name in STRATEGIES if not KINDS[name].is_join and name not in TAGGED)
FORMS = """
C R | C3-{c} B R | C3-{c}/{s} R | T3-{c}/{s} R | (C3-{c} R)*2 | C3w R | C1-{c} I R | F{c} R | G | C3-{c}g{ch} R
residual {{ C3-{c}/{s} B R C3-{c} B }} R | residual(shortcut = pad) {{ C3-{c}/{s} R }} | residual {{ C3-{ch} R }}
residual(project = @t{n}, scale = .5) {{ B R @t{n} C3-{c}/{s} }} | dense {{ B R C3-{c} }}*2
residual(shortcut = none, drop_path = .1) {{ C3-{c} }} | concat {{ C1-{c} R | C3-{d} | id }}
add {{ C3-{c} | C1-{c} }} | mean {{ C3-{c} | mean {{ C1-{c} | C3-{c} }} }} | max {{ C3-{c} | C1-{c} }}
mul {{ id | G F{ch} sigmoid }} | gate {{ C3-{ch} sigmoid | C3-{ch} R | id }} | split {{ id | C3-{c} }}
head h{n}(weight = .3) {{ G F{c} }} | C3-{c} @t{n} R tied(@t{n}) | P2 @t{n} R unpool(@t{n})
C3-{c} @t{n} P2 U2 crop(@t{n})
share w{n} {{ C3-{ch} R }} w{n} R w{n} | condition style{n}({c}) I{{style{n}}}
R @t{n} C3-{c} R concat {{ id | from @t{n} }}
for i in [1, 2] {{ C1-{{{c}*i}} B R }} | if here.channels > {c} {{ C1-{c} R }} else {{ C3-{d} }} | default C3-{c} C R
"""


def _forms() -> list[str]:
    """The forms above, split where a ` | ` stands outside of braces."""
    found, depth, form = [], 0, ""
    for word in FORMS.replace("\n", " | ").split(" "):
        depth += word.count("{{") - word.count("}}")
        if word == "|" and not depth:
            found.append(form.strip())
            form = ""
        else:
            form += f" {word}"
    return [form for form in [*found, form.strip()] if form]


SHAPES = _forms()


@st.composite
def programs(draw: st.DrawFn) -> Network:
    """A network of up to eight pieces; a piece that does not fit where it was drawn is left out."""
    text = f"input {draw(feature_maps(min_axes=1))} "
    network = laid_out(text + "R")
    assert network is not None
    for number in range(draw(st.integers(1, 8))):
        x = network.nodes[network.output_node].output
        if draw(st.booleans()):
            name = draw(st.sampled_from(LAYERS))
            if not x.size and not KINDS[name].takes_vector:
                continue
            given = draw(STRATEGIES[name](x))
            piece = f"{name}({', '.join(f'{key} = {number_text(value)}' for key, value in given.items())})"
        else:
            counts = st.sampled_from((1, 2, 3, 4, 6))
            numbers = {"c": draw(counts), "d": draw(counts), "s": draw(st.integers(1, 3))}
            piece = draw(st.sampled_from(SHAPES)).format(n=number, ch=x.channels, **numbers)
        longer = laid_out(f"{text} {piece}")
        if longer is not None and max(node.output.numel for node in longer.nodes) < 10**6:
            network, text = longer, f"{text} {piece}"
    return network


def laid_out(text: str) -> Network | None:
    return Pipeline.of(f"net toy {{ {text} }}").compile().network
