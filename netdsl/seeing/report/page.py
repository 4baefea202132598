"""The page: what a report says as HTML, everything from a run escaped."""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined

from netdsl.seeing.report.charts import HEIGHT, LEFT, WIDTH, charts
from netdsl.seeing.report.contents import Contents, Sight
from netdsl.seeing.report.diagram import Stage, stages
from netdsl.seeing.report.images import file_uri, image_uri, map_uri
from netdsl.summary.rows import summary_rows
from netdsl.tasks.evaluation.confusion import NUMBERS, save_confusion
from netdsl.tasks.evaluation.score import Answers, ClassScore

SECTIONS = (
    ("architecture", "Architecture"),
    ("training", "Training"),
    ("result", "Result"),
    ("maps", "What it looks at"),
    ("mistakes", "Worst mistakes"),
)
WORST = 20
"""Of more classes than have their numbers in the matrix, so many in the table."""
BAR = 6.0  # rem of the largest error
MOST_SHARES = 5
DEEPEST = 3


def html(contents: Contents) -> str:
    """The whole page, which needs nothing from elsewhere."""
    template = files("netdsl.seeing.report").joinpath("page.html").read_text("utf-8")
    environment = Environment(autoescape=True, undefined=StrictUndefined)
    return environment.from_string(template).render(**_values(contents)) + "\n"


def _values(contents: Contents) -> dict[str, Any]:
    network, config = contents.network, contents.config
    data = config.get("data")
    missing = {"result": "", "gallery": "", "cam": ""} | dict(contents.missing)
    values = {
        "title": f"{network.name} on {_data(data)}",
        "net": network.name,
        "data": _data(data),
        "state": _state(contents),
        "sections": SECTIONS,
        "facts": list(_facts(contents)),
        "boxes": [_box(stage) for stage in stages(network)],
        "tallest": max(_box(stage)["high"] for stage in stages(network)),
        "rows": [_row(row) for row in summary_rows(network)],
        "charts": charts(contents.epochs) if contents.epochs else [],
        "width": WIDTH,
        "height": HEIGHT,
        "left": LEFT,
        "settings": list(_settings(config)),
        "missing": missing,
        "run": str(contents.run),
        "version": version("netdsl"),
    }
    return values | _result(contents) | _looks(contents)


def _data(data: Any) -> str:
    return str(data.get("name", "?")) if isinstance(data, Mapping) else "?"


def _state(contents: Contents) -> str:
    done = len(contents.epochs)
    if contents.complete or done == contents.wanted:
        text = f"A complete run of {_epochs(done)}"
    elif contents.wanted is None:
        text = f"A run of {_epochs(done)} so far"
    else:
        text = f"An unfinished run: {done} of {_epochs(contents.wanted)}"
    return f"{text}, {_time(contents.seconds)} of training; the weights are the {_weights(contents)}."


def _weights(contents: Contents) -> str:
    return "best epoch's" if contents.best else "last epoch's"


def _epochs(count: int) -> str:
    return "1 epoch" if count == 1 else f"{count:,} epochs"


def _time(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s" if minutes else f"{rest} s"


def _facts(contents: Contents) -> Iterator[tuple[str, str]]:
    answers = None if contents.result is None else contents.result.answers
    if answers is not None:
        yield "test error", f"{answers.error:.2%}"
    elif contents.epochs and contents.epochs[-1].test_error is not None:
        yield "test error", f"{contents.epochs[-1].test_error:.2%}"
    yield "parameters", f"{contents.network.params:,}"
    yield "MACs an image", f"{contents.network.macs:,}"
    yield "depth", f"{contents.network.depth}"
    yield "input", str(contents.network.input)


def _box(stage: Stage) -> dict[str, Any]:
    """The three visible faces of a block, or the bar of a vector."""
    width, height, depth = stage.width, stage.height, stage.depth
    x, y = 1.0, 1.0 + depth
    right, bottom = x + width, y + height
    faces = [("front", [(x, y), (right, y), (right, bottom), (x, bottom)])]
    if depth:
        faces.append(
            ("side", [(right, y), (right + depth, y - depth), (right + depth, bottom - depth), (right, bottom)])
        )
        faces.append(("top", [(x, y), (x + depth, y - depth), (right + depth, y - depth), (right, y)]))
    drawn = [(kind, " ".join(f"{a:.1f},{b:.1f}" for a, b in points)) for kind, points in faces]
    return {"stage": stage, "wide": round(right + depth + 1, 1), "high": round(bottom + 1, 1), "faces": drawn}


def _row(row: Any) -> dict[str, Any]:
    times = f" to {row.last_name}" if row.repeats > 1 else ""
    return {
        "name": row.name + times,
        "code": row.code,
        "output": row.output,
        "params": f"{row.params:,}" if row.params else "",
        "macs": f"{row.macs:,}" if row.macs else "",
        "field": "x".join(map(str, dict.fromkeys(row.field.size))),
        "indent": min(row.indent, DEEPEST),
    }


def _settings(config: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Lines of config.yaml, what stands inside others on one line."""
    for name, value in config.items():
        if value is not None and value != [] and value != {}:
            yield str(name).replace("_", " "), _text(value)


def _text(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {_text(inside)}" for name, inside in value.items() if inside not in (None, {}, []))
    if isinstance(value, list):
        return "; ".join(map(_text, value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.6g}" if isinstance(value, float) else " ".join(str(value).split())


def _result(contents: Contents) -> dict[str, Any]:
    values: dict[str, Any] = {"verdict": "", "classes": [], "hidden": 0}
    values |= {"confusion_uri": "", "confusion": [], "names": []}
    result = contents.result
    if result is None:
        return values
    answers = result.answers
    if answers is None:
        return values | {
            "verdict": f"The loss over {result.images:,} images is {result.loss:.4f}; it gives no classes."
        }
    verdict = f"{answers.wrong:,} of {answers.images:,} images are answered wrongly, {answers.error:.2%}"
    if answers.top5_error is not None:
        verdict += f"; for {answers.top5_error:.2%} the class is not among the five most probable"
    many = len(answers.classes) > NUMBERS
    ordered = sorted(answers.classes, key=lambda each: -(each.error or 0)) if many else list(answers.classes)
    shown = ordered[:WORST] if many else ordered
    values |= {
        "verdict": f"{verdict}. The mean cross-entropy is {answers.loss:.4f}.",
        "classes": [_class(each, max(n.error or 0 for n in ordered)) for each in shown],
        "hidden": len(ordered) - WORST if many else 0,
        "names": [each.name for each in answers.classes],
    }
    return values | ({"confusion_uri": _picture(answers)} if many else {"confusion": _confusion(answers)})


def _class(score: ClassScore, most: float) -> dict[str, Any]:
    return {
        "name": score.name,
        "images": f"{score.images:,}",
        "wrong": f"{score.wrong:,}",
        "error": "" if score.error is None else f"{score.error:.2%}",
        "share": round(BAR * score.error / most, 2) if score.error else 0,
        "taken": f"{score.taken_for} ({score.taken:,})" if score.taken_for else "",
    }


def _confusion(answers: Answers) -> list[tuple[str, list[tuple[int, bool, float]]]]:
    """Rows of counts, each with how dark it is: mistakes by the most frequent, the diagonal pale."""
    rows = answers.confusion
    most = max(1, max(n for r, row in enumerate(rows) for c, n in enumerate(row) if r != c)) if len(rows) > 1 else 1
    return [
        (
            answers.classes[r].name,
            [(n, r == c, 0.18 if r == c else round(0.1 + 0.55 * (n / most) ** 0.5, 3)) for c, n in enumerate(row)],
        )
        for r, row in enumerate(rows)
    ]


def _picture(answers: Answers) -> str:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "confusion.png"
        save_confusion(answers, "", path)
        return file_uri(path.read_bytes())


def _looks(contents: Contents) -> dict[str, Any]:
    gallery = contents.gallery
    if gallery is None:
        return {"method": "", "at": "", "sights": [], "mistakes": [], "wrong_text": ""}
    mistaken = gallery.mistaken
    none = f"There are none: all {mistaken.images:,} images are answered rightly."
    some = f"Of {mistaken.images:,} images {mistaken.wrong:,} are answered wrongly; these are the {len(mistaken.seen)} "
    some += "whose true class the net held for the least probable."
    return {
        "method": gallery.method,
        "at": gallery.at,
        "sights": [_sight(sight) for sight in gallery.sights],
        "mistakes": [_mistake(each) for each in mistaken.seen],
        "wrong_text": some if mistaken.seen else none,
    }


def _sight(sight: Sight) -> Mapping[str, str]:
    return {
        "name": sight.name,
        "probability": f"{sight.probability:.1%}",
        "image": image_uri(sight.image),
        "map": map_uri(sight.image, sight.heat, float(sight.heat.max())),
    }


def _mistake(each: Any) -> Mapping[str, Any]:
    mistake = each.mistake
    most = max(float(each.predicted.max()), float(each.true.max()))
    return {
        "number": mistake.number,
        "true": mistake.true,
        "predicted": mistake.predicted,
        "image": image_uri(each.image),
        "predicted_map": map_uri(each.image, each.predicted, most),
        "true_map": map_uri(each.image, each.true, most),
        "shares": _shares(mistake.probabilities, mistake.true, mistake.predicted),
    }


def _shares(probabilities: Mapping[str, float], true: str, predicted: str) -> Sequence[Mapping[str, str]]:
    """The most probable classes, and the true one at the end where it is none of them."""
    names = list(probabilities)[:MOST_SHARES]
    if true not in names:
        names[-1] = true
    return [
        {
            "name": name,
            "kind": "true" if name == true else "taken" if name == predicted else "other",
            "percent": f"{100 * probabilities[name]:.1f}",
            "text": f"{probabilities[name]:.1%}",
        }
        for name in names
    ]
