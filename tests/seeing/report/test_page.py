"""The page as text: every section, everything escaped, nothing from elsewhere."""

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
import yaml

from netdsl.seeing.report.contents import Contents, collect
from netdsl.seeing.report.page import html
from netdsl.tasks.evaluation.score import answers
from netdsl.tasks.setup.watch import Silent

EVIL = '<script>alert("x")</script>&"\''
VOID = {"meta", "link", "img", "br"}


class Checker(HTMLParser):
    """Collects tags and texts; fails at a tag that is closed in the wrong place."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""

    def handle_starttag(self, tag, attrs) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data) -> None:
        if self.open and self.open[-1] != "style":
            self.text += data


def checked(text: str) -> Checker:
    checker = Checker()
    checker.feed(text)
    checker.close()
    assert checker.open == []
    return checker


@pytest.fixture
def contents(run) -> Contents:
    return collect(run, Silent())


def test_every_section_is_there_and_linked(contents) -> None:
    page = checked(html(contents))
    ids = [attrs["id"] for tag, attrs in page.tags if tag == "section"]
    assert ids == ["architecture", "training", "result", "maps", "mistakes"]
    links = [attrs["href"] for tag, attrs in page.tags if tag == "a"]
    assert links == [f"#{name}" for name in ids]
    assert "tiny" in page.text
    assert f"{contents.result.error:.2%}" in page.text


def test_nothing_is_loaded_and_nothing_runs(contents) -> None:
    page = checked(html(contents))
    assert not {tag for tag, _ in page.tags} & {"script", "iframe", "object", "embed", "base", "form"}
    for _, attrs in page.tags:
        assert not any(name.startswith("on") for name in attrs)
        for name in ("src", "href"):
            assert name not in attrs or attrs[name].startswith(("data:", "#"))
    assert "url(" not in html(contents)
    assert "@import" not in html(contents)


def test_every_picture_says_what_it_shows(contents) -> None:
    page = checked(html(contents))
    images = [attrs for tag, attrs in page.tags if tag == "img"]
    drawings = [attrs for tag, attrs in page.tags if tag == "svg"]
    assert len(images) >= 2 * len(contents.gallery.sights) + 3 * len(contents.gallery.mistaken.seen)
    assert all(attrs["alt"] for attrs in images)
    assert all(attrs.get("aria-label") or attrs.get("aria-hidden") for attrs in drawings)


def test_names_cannot_be_markup(contents, run) -> None:
    classes = tuple(replace(each, name=EVIL, taken_for=EVIL) for each in contents.result.answers.classes)
    result = replace(contents.result, answers=replace(contents.result.answers, classes=classes))
    sights = tuple(replace(sight, name=EVIL) for sight in contents.gallery.sights)
    seen = [
        replace(s, mistake=replace(s.mistake, true=EVIL, predicted=EVIL, probabilities={EVIL: 1.0}))
        for s in contents.gallery.mistaken.seen
    ]
    gallery = replace(contents.gallery, sights=sights, at=EVIL, mistaken=replace(contents.gallery.mistaken, seen=seen))
    config = {**contents.config, "data": {"name": EVIL, EVIL: EVIL}, EVIL: [EVIL]}
    evil = replace(contents, result=result, gallery=gallery, config=config, missing={"cam": EVIL}, run=run / EVIL)
    page = checked(html(evil))
    assert not any(tag == "script" for tag, _ in page.tags)
    assert "<script>" not in html(evil)
    assert page.text.count("alert(") > 20


def test_the_numbers_of_the_matrix_are_those_of_the_answers(contents) -> None:
    text = html(contents)
    body = text[text.index('<table class="confusion">') :]
    cells = re.findall(r"<td[^>]*>(\d*)</td>", body[body.index("<tbody>") : body.index("</tbody>")])
    assert [int(cell or 0) for cell in cells] == [n for row in contents.result.answers.confusion for n in row]


def test_many_classes_are_a_picture_and_the_worst_in_a_table(contents) -> None:
    import torch

    labels = torch.arange(80) % 40
    logs = torch.eye(40)[(labels + (labels < 3)) % 40].log_softmax(1)
    found = answers(logs, labels, [f"class {n}" for n in range(40)])
    text = html(replace(contents, result=replace(contents.result, answers=found)))
    assert '<img class="confusion-picture" src="data:image/png;base64,' in text
    assert "The 20 worst of 40 classes." in text
    assert "not among the five most probable" in text
    checked(text)


def test_sections_that_cannot_be_had_say_why(run) -> None:
    text = html(collect(run, Silent(), with_data=False))
    page = checked(text)
    assert page.text.count("The data was not asked for (--no-data).") == 3
    assert "Worst mistakes" in page.text


def test_a_run_without_an_epoch(run) -> None:
    (run / "metrics.csv").write_text((run / "metrics.csv").read_text().splitlines()[0] + "\n")
    for name in ("model.safetensors", "best.safetensors", "result.json"):
        (run / name).unlink()
    page = checked(html(collect(run, Silent())))
    assert "the run has no complete epoch" in page.text
    assert "An unfinished run: 0 of 2 epochs" in page.text


def test_a_net_without_maps_says_how_they_were_made(flat_run) -> None:
    page = checked(html(collect(flat_run, Silent())))
    assert "made by gradients (grad-cam)" in page.text
    assert "NET604" in page.text


def test_no_mistakes(contents) -> None:
    mistaken = replace(contents.gallery.mistaken, seen=[], wrong=0)
    page = checked(html(replace(contents, gallery=replace(contents.gallery, mistaken=mistaken, sights=()))))
    assert "There are none: all 100 images are answered rightly." in page.text
    assert "none is answered rightly" in page.text


def test_the_recipe_is_the_configuration(contents, run) -> None:
    config = yaml.safe_load((run / "config.yaml").read_text())
    page = checked(html(contents))
    assert f"lr: {config['optimizer']['sgd']['lr']}" in page.text
