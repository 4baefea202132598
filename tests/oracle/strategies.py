"""What hypothesis draws: feature maps, and for each kind of layer the arguments as a text would give them."""

from collections.abc import Callable, Mapping
from typing import Any

from hypothesis import strategies as st

from netdsl.geometry import FeatureMap
from netdsl.layers import CODES, NAMES, Layer
from netdsl.layers.attributes import Place

Given = dict[str, Any]
Arguments = Callable[[FeatureMap], st.SearchStrategy[Given]]

KINDS: dict[str, type[Layer]] = {e.layer.name: e.layer for e in [*NAMES.values(), *CODES.values()]}


def feature_maps(min_axes: int = 0) -> st.SearchStrategy[FeatureMap]:
    sizes = st.integers(min_axes, 3).flatmap(lambda axes: st.lists(st.integers(1, 11), min_size=axes, max_size=axes))
    return st.builds(FeatureMap, st.sampled_from((1, 2, 3, 4, 6, 8, 12)), sizes.map(tuple))


def per_axis(numbers: st.SearchStrategy[int], x: FeatureMap) -> st.SearchStrategy[Any]:
    """One number for all axes or one for each, now and then for the wrong number of axes."""
    axes = len(x.size)
    each = st.tuples(*[numbers] * axes) if axes else numbers
    return st.one_of(numbers, numbers, each, each, st.tuples(*[numbers] * (axes % 3 + 1)))


def arguments(required: Mapping[str, Any], optional: Mapping[str, Any]) -> st.SearchStrategy[Given]:
    return st.fixed_dictionaries(dict(required), optional=dict(optional))


COUNTS = st.sampled_from((1, 2, 3, 4, 6, 8))
SLOPES = st.sampled_from((0.01, 0.1, 0.25, 1, 2, 1e-6, 150))
PADDING_WORDS = st.sampled_from(("same", "valid", "full"))


def windows(x: FeatureMap, **more: Any) -> dict[str, Any]:
    return {
        "stride": per_axis(st.integers(1, 4), x),
        "padding": st.one_of(PADDING_WORDS, per_axis(st.integers(0, 3), x)),
        **more,
    }


def filters(x: FeatureMap, **more: Any) -> st.SearchStrategy[Given]:
    return arguments(
        {"kernel_size": per_axis(st.integers(1, 5), x), "out_channels": COUNTS},
        windows(
            x,
            dilation=per_axis(st.integers(1, 3), x),
            groups=st.one_of(COUNTS, st.just("depthwise")),
            bias=st.booleans(),
            **more,
        ),
    )


def pools(x: FeatureMap, **more: Any) -> st.SearchStrategy[Given]:
    return arguments({}, windows(x, kernel_size=per_axis(st.integers(1, 5), x), ceil_mode=st.booleans(), **more))


def tables(x: FeatureMap) -> st.SearchStrategy[tuple[Any, ...]]:
    """Rows of input maps, now and then with one that is not there; a single row stands alone."""
    row = st.lists(st.integers(0, x.channels - 1), min_size=1, max_size=4, unique=True).map(tuple)
    table = st.lists(row, min_size=2, max_size=6).map(tuple)
    return st.one_of(row, table, table, table.map(lambda rows: (*rows, (0, x.channels))))


def nothing(x: FeatureMap) -> st.SearchStrategy[Given]:
    return st.just({})


def one(name: str, values: st.SearchStrategy[Any]) -> Arguments:
    return lambda x: arguments({name: values}, {})


def some(**values: st.SearchStrategy[Any]) -> Arguments:
    return lambda x: arguments({}, values)


EPS = st.sampled_from((1e-5, 1e-3))


def place(layer: Layer | None, x: FeatureMap | None, output: FeatureMap) -> Place:
    return Place("@there", 1, layer, x, output)


def sizes_like(x: FeatureMap) -> st.SearchStrategy[FeatureMap]:
    size = st.lists(st.integers(1, 24), min_size=len(x.size), max_size=len(x.size))
    return st.builds(FeatureMap, st.sampled_from((1, 2, 4, 6)), size.map(tuple))


def placed(name: str, x: FeatureMap, given: Given) -> Given:
    """A pool or convolution on x, as `unpool` and `tied` name it; one that fits in place of one that does not."""
    kind = KINDS["max_pool" if name == "unpool" else "conv"]
    usual: Given = {} if name == "unpool" else {"kernel_size": 1, "out_channels": 2}
    for arguments_ in (given, usual, {**usual, "kernel_size": 1}):
        if not list(kind.shape_problems(arguments_, x)):
            layer = kind.build(arguments_, x)
            if not list(layer.problems(x)):
                return {"pool" if name == "unpool" else "conv": place(layer, x, layer.output(x))}
    raise AssertionError("a kernel of one pixel fits everywhere")


TAGGED = ("crop", "unpool", "tied")  # whose argument is another place of the net
PROBABILITIES = st.sampled_from((0, 0.05, 0.2, 0.5, 0.95, 1e-7))

STRATEGIES: dict[str, Arguments] = {
    "conv": filters,
    "conv_transpose": lambda x: filters(x, output_padding=per_axis(st.integers(0, 3), x)),
    "local": lambda x: arguments(
        {"kernel_size": per_axis(st.integers(1, 4), x), "out_channels": COUNTS}, windows(x, bias=st.booleans())
    ),
    "conv_table": lambda x: arguments(
        {"kernel_size": per_axis(st.integers(1, 4), x), "connections": tables(x)}, windows(x, bias=st.booleans())
    ),
    "embedding": lambda x: arguments({"num_embeddings": COUNTS, "embedding_dim": COUNTS}, {}),
    "linear": lambda x: arguments({"out_features": COUNTS}, {"bias": st.booleans()}),
    "max_pool": lambda x: pools(x, dilation=per_axis(st.integers(1, 3), x)),
    "avg_pool": lambda x: pools(x, count_padding=st.booleans()),
    "upsample": lambda x: arguments(
        {"scale": per_axis(st.integers(1, 4), x)}, {"mode": st.sampled_from(("nearest", "bilinear"))}
    ),
    "pad": lambda x: arguments(
        {"padding": per_axis(st.integers(0, 3), x)}, {"mode": st.sampled_from(("zero", "reflect", "replicate"))}
    ),
    "subsample": lambda x: arguments({"out_channels": st.integers(1, 16)}, {"stride": per_axis(st.integers(1, 3), x)}),
    "batch_norm": some(eps=EPS, momentum=SLOPES, affine=st.booleans()),
    "instance_norm": some(eps=EPS, affine=st.booleans()),
    "layer_norm": some(eps=EPS, affine=st.booleans()),
    "group_norm": lambda x: arguments({"num_groups": COUNTS}, {"eps": EPS, "affine": st.booleans()}),
    "local_response_norm": some(size=st.integers(1, 6), alpha=SLOPES, beta=SLOPES, k=SLOPES),
    "relu": some(maximum=st.sampled_from((6, 1, 0.5))),
    "tanh": some(scale=SLOPES),
    "leaky_relu": some(negative_slope=SLOPES),
    "elu": some(alpha=SLOPES),
    "gelu": some(approximate=st.sampled_from(("none", "tanh"))),
    "prelu": some(init=SLOPES, per_channel=st.booleans()),
    "dropout": some(p=PROBABILITIES),
    "spatial_dropout": some(p=PROBABILITIES),
    "drop_path": one("p", PROBABILITIES),
    "shuffle": one("groups", COUNTS),
    "maxout": one("pieces", COUNTS),
    "times": one("factor", SLOPES),
    "scale": some(init=SLOPES, bias=st.booleans()),
    "crop": lambda x: feature_maps(1).map(lambda like: {"like": place(None, None, like)}),
    "unpool": lambda x: st.tuples(sizes_like(x), pools(x)).map(lambda drawn: placed("unpool", *drawn)),
    "tied": lambda x: st.tuples(sizes_like(x), filters(x)).map(lambda drawn: placed("tied", *drawn)),
    **dict.fromkeys(("global_avg_pool", "l2_norm", "flatten", "softmax"), nothing),
    **dict.fromkeys(("sigmoid", "silu", "hardswish", "hardsigmoid"), nothing),
    **dict.fromkeys(("add", "concat", "gate", "max", "mean", "mul", "split"), nothing),
}


@st.composite
def branches(draw: st.DrawFn) -> tuple[FeatureMap, ...]:
    """Inputs of a join: mostly alike, with other channels, one pixel or another size mixed in."""
    x = draw(feature_maps())
    other = draw(feature_maps())
    one_pixel = FeatureMap(x.channels, (1,) * len(x.size))
    like = st.sampled_from((x, x, x, FeatureMap(other.channels, x.size), FeatureMap(x.channels), one_pixel))
    return tuple(draw(st.lists(st.one_of(like, like, st.just(other)), min_size=2, max_size=4)))


@st.composite
def cases(draw: st.DrawFn, name: str) -> tuple[Given, Any]:
    """Arguments for a layer and what comes in: a feature map, or a tuple of them for a join."""
    kind = KINDS[name]
    if kind.is_join:
        return {}, draw(branches())
    x = draw(feature_maps(min_axes=0 if kind.takes_vector else 1))
    given = draw(STRATEGIES[name](x))
    if name in ("unpool", "tied") and draw(st.integers(0, 3)):  # mostly what fits
        x = next(iter(given.values())).output
    return given, x
