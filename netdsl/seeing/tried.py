"""The images that a trained net is tried on: those of its run, or of other data with the same classes."""

from dataclasses import dataclass, replace
from pathlib import Path

from netdsl import data as datasets
from netdsl.data import Dataset
from netdsl.diagnostics import fail
from netdsl.seeing.subject import Subject, open_subject
from netdsl.tasks.runs.run_folder import read_config
from netdsl.tasks.setup.choice import Choice
from netdsl.tasks.setup.watch import Watch

BATCH = 250
"""Images at once: what fits the caches of a small machine."""


@dataclass(frozen=True, slots=True)
class Tried:
    """Which run is tried on which images. Without `data` on those that it was trained and tested on.

    `best` takes the weights of the best epoch in place of the last one's.
    """

    run: Path
    data: str | None = None
    data_dir: Path | None = None
    split: str = "test"
    best: bool = False

    def open(self, boxes: bool = False) -> tuple[Subject, Choice]:
        """The net, and which images they are; no data is read. `boxes`: images without boxes are no use.

        Errors: those of `open_subject`; NET613 for data with other classes or images than the run's, NET614 for data
        without boxes; NET510 for a name that there is not
        """
        read_config(self.run)  # so that what is no run is said to be none
        subject = open_subject(str(self.run), best=self.best)
        own = Choice.kept(read_config(self.run), subject.network)
        choice = own if self.data is None else _of_other_data(subject, own, self.data)
        choice = replace(choice, data=datasets.plain(choice.data))
        if boxes and not datasets.has_boxes(choice.data):
            fail(
                "NET614",
                f"{choice.data} does not say where the objects are",
                expected="data with a box for each image: shapes",
                found=choice.data,
            )
        return subject, choice

    def load(self, choice: Choice, watch: Watch) -> Dataset:
        """Errors: those of reading the data"""
        return choice.load(self.data_dir, watch)


def _of_other_data(subject: Subject, own: Choice, data: str) -> Choice:
    if datasets.plain(data) == datasets.plain(own.data):
        return own
    names = datasets.class_names(data)
    image = subject.image if datasets.any_size(data) else datasets.known(data)[0]
    if not set(own.class_names) <= set(names) or image != subject.image:
        shown = ", ".join(names[:10]) + (", ..." if len(names) > 10 else "")
        fail(
            "NET613",
            f"the net of `{subject.run}` cannot be tried on {data}",
            expected=f"images of {subject.image} with the classes {', '.join(own.class_names)}, as in {own.data}",
            found=f"images of {image} with the classes {shown}",
        )
    cut = (own.cut or datasets.Cut(subject.image)) if datasets.any_size(data) else None
    return Choice(data, own.class_names, cut=cut)
