"""Random syntax trees: every form of the language, as parsing would give it."""

from fractions import Fraction

from hypothesis import strategies as st

from netdsl.diagnostics import Source, Span
from netdsl.syntax import ast
from netdsl.syntax.build_rules import KEYWORDS
from netdsl.syntax.unparse_expressions import expression_text

NOWHERE = Span(Source("<random>", ""), 0, 0)

names = st.from_regex(r"[a-z_][a-z0-9_]{0,6}", fullmatch=True).filter(lambda name: name not in KEYWORDS)
digits = st.integers(0, 2**64 - 1) | st.integers(0, 300)
decimals = st.builds(lambda n, places: Fraction(n, 10**places), st.integers(1, 10**6), st.integers(1, 6))
whole_numbers = st.builds(ast.Number, st.just(NOWHERE), digits)
numbers = whole_numbers | st.builds(
    ast.Number, st.just(NOWHERE), decimals.map(lambda d: d.numerator if d.denominator == 1 else d)
)
texts = st.text(st.characters(codec="utf-8", exclude_characters='"\n{}', exclude_categories=["Cs"]), max_size=8)
plain_names = st.builds(ast.Name, st.just(NOWHERE), names)


def made(kind, *parts):
    return st.builds(kind, st.just(NOWHERE), *parts)


def several(strategy, least=0, most=3):
    return st.lists(strategy, min_size=least, max_size=most).map(tuple)


# Within braces no other braces can stand, so there the leaves are plain.
_plain_leaves = numbers | plain_names | made(ast.Attribute, plain_names, names) | made(ast.String, texts)


def _compound(inner):
    arguments = several(made(ast.Argument, st.none() | names, inner))
    sums = made(ast.Operation, inner, several(st.tuples(st.sampled_from("+-"), inner), 1))
    products = made(ast.Operation, inner, several(st.tuples(st.sampled_from(["*", "/", "//"]), inner), 1))
    comparisons = made(ast.Comparison, inner, st.sampled_from(["==", "!=", "<", "<=", ">", ">="]), inner)
    logical = made(ast.Logical, st.sampled_from(["and", "or"]), several(inner, 2))
    lists = made(ast.ListExpression, several(several(inner, 1), 0))
    calls = made(ast.CallExpression, names, arguments)
    unary = made(ast.Negative, inner) | made(ast.Not, inner)
    return sums | products | comparisons | logical | lists | calls | unary


plain_expressions = st.recursive(_plain_leaves, _compound, max_leaves=8)
open_sizes = made(ast.OpenSize, st.sampled_from("HWD"))
dims = made(ast.Dims, several(whole_numbers | open_sizes | plain_expressions, 2, 4))

_words = st.from_regex(r"[A-Za-z0-9_]{1,4}", fullmatch=True)
tags = st.one_of(
    made(ast.TagName, st.tuples(_words)),
    made(ast.TagName, st.tuples(_words, plain_expressions)),
    made(ast.TagName, st.tuples(_words, plain_expressions, _words)),
    made(ast.TagName, st.tuples(plain_expressions)),
)
_leaves = _plain_leaves | dims | tags | made(ast.Attribute, tags, names)
expressions = st.recursive(_leaves, _compound, max_leaves=8)
arguments = several(made(ast.Argument, st.none() | names, expressions))

# Codes

_axes = whole_numbers | made(ast.Dims, several(whole_numbers | plain_expressions, 2, 3)) | plain_expressions
_modifiers = made(ast.Modifier, st.sampled_from("svfwcnb"), st.none()) | made(
    ast.Modifier, st.sampled_from("pdg"), _axes
)
_ONE_NUMBER = ["P", "M", "MP", "A", "AP", "F", "FC", "U", "D", "L", "LRN", "G", "B", "BN", "I", "R", "S", "GAP"]
_decimal = made(ast.Number, decimals.map(lambda d: d if d.denominator > 1 else d + Fraction(1, 2)))
codes = st.one_of(
    made(ast.Code, st.sampled_from(["C", "T"]), several(_axes, 0, 2), st.none() | _axes, several(_modifiers)),
    made(ast.Code, st.sampled_from(_ONE_NUMBER), several(_axes, 0, 1), st.none() | _axes, several(_modifiers)),
    made(ast.Code, st.just("D"), st.tuples(_decimal), st.none(), st.just(())),
)

# Statements

_claims = st.builds(
    lambda metric, tag, approximate, value: ast.Claim(NOWHERE, metric, tag, approximate, value, expression_text(value)),
    names,
    st.none() | tags,
    st.booleans(),
    expressions,
) | st.builds(
    lambda metric, text: ast.Claim(NOWHERE, metric, None, True, ast.String(NOWHERE, text), text),
    names,
    st.sampled_from(["1.7M", "128K", "1072Ki", "15.3M", ".5G", "1_000K"]),
)
claims = made(ast.Claims, st.just(False), st.none() | arguments, several(_claims, 1)) | made(
    ast.Claims, st.just(True), st.none(), several(_claims, 1)
)
_ops = st.builds(lambda name, given: ast.Op(NOWHERE, name, NOWHERE, given, None), names, arguments)
_simple = st.one_of(
    codes,
    _ops,
    st.just(ast.Op(NOWHERE, "id", NOWHERE, (), None)),
    made(ast.Input, dims | whole_numbers),
    made(ast.Let, names, expressions),
    made(ast.Default, codes),
    made(ast.From, tags),
    st.builds(lambda name, values: ast.Condition(NOWHERE, name, NOWHERE, values), names, expressions),
    claims,
)


def _bodies(statements):
    return made(ast.Body, several(statements))


def _nested(statements):
    body = _bodies(statements)
    items = codes | made(ast.Group, body)
    ops = st.builds(
        lambda name, given, branches: ast.Op(NOWHERE, name, NOWHERE, given, branches),
        names,
        arguments,
        several(body, 1),
    )
    return st.one_of(
        made(ast.Group, body),
        ops,
        made(ast.Repeat, items | ops, expressions.filter(_has_no_braces)),
        made(ast.Tagged, items | ops, tags),
        made(ast.Repeat, made(ast.Tagged, items, tags), whole_numbers | plain_names),
        made(ast.If, several(st.tuples(expressions, body), 1), st.none() | body),
        made(ast.For, several(names, 1), several(expressions, 1), body),
        st.builds(lambda name, inner: ast.Share(NOWHERE, name, NOWHERE, inner), names, body),
        st.builds(
            lambda name, given, source, inner: ast.Head(NOWHERE, name, NOWHERE, given, source, inner),
            names,
            arguments,
            st.none() | tags,
            body,
        ),
    )


def _has_no_braces(e: ast.Expression) -> bool:
    return "{" not in expression_text(e)


statements = st.recursive(_simple, _nested, max_leaves=12)
bodies = _bodies(statements)

# Files

_parameters = several(made(ast.Parameter, names, st.none() | expressions))
_references = made(ast.CallExpression, names, arguments)
_paths = names.map(lambda name: f"{name}.net") | st.sampled_from(["parts/units.net", "Other.net", "a b.net"])
_recipe_names = names | names.map(lambda name: f"{name}+")
_settings = several(made(ast.Setting, names, expressions))
_rules = several(
    st.one_of(
        made(ast.Rule, codes | _ops, bodies),
        made(ast.Rule, st.builds(lambda name: ast.Op(NOWHERE, name, NOWHERE, (), None), names), st.none()),
        made(ast.Rule, codes | made(ast.HeadName, st.none() | names), st.none()),
    )
)
definitions = st.one_of(
    made(ast.Import, _paths),
    made(ast.Block, names, _parameters, bodies),
    made(ast.Net, names, _parameters, bodies, _rules),
    made(ast.NetAlias, names, _parameters, _references, several(claims), _rules),
    made(ast.Recipe, _recipe_names, st.none() | _recipe_names, _settings, _settings),
)
files = made(ast.File, several(definitions))
