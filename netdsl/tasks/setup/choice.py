"""Which images of a data set a run is about: which classes, how many, what is held out, and how large they become."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from netdsl import data as datasets
from netdsl.data import Cut, Dataset, photos
from netdsl.diagnostics import fail
from netdsl.geometry import FeatureMap
from netdsl.ir.network import Network
from netdsl.layers.attributes import nearest
from netdsl.recipes.augmentations import Crop, ScaleJitter
from netdsl.recipes.method import Method
from netdsl.tasks.runs.net_source import NetSource
from netdsl.tasks.setup.config import TrainConfig
from netdsl.tasks.setup.watch import Watch

CHANNELS = (1, 3)  # of images in files


@dataclass(frozen=True, slots=True)
class Choice:
    """What a run's configuration says of its data. `cut` is for images of any size only."""

    data: str
    class_names: tuple[str, ...]
    valid_fraction: float | None = None
    subset: int | None = None
    cut: Cut | None = None
    drawn: tuple[int, ...] = ()
    """Numbers of the styles that are drawn for the images; then `class_names` are all styles."""

    @classmethod
    def asked(cls, config: TrainConfig) -> "Choice":
        """Errors: NET510 and NET522 unknown data, NET535 unknown classes."""
        assert config.data is not None
        if config.styles:
            count = len(config.styles)
            drawn = tuple(range(count - (config.new_styles or count), count))
            return cls(config.data, config.styles, config.valid_fraction, config.subset, drawn=drawn)
        names = chosen_classes(config.data, config.classes)
        return cls(config.data, names, config.valid_fraction, config.subset)

    @classmethod
    def kept(cls, config: Mapping[str, Any], network: Network) -> "Choice":
        """A run's, from its config.yaml: what it was trained, validated and tested on."""
        data = config["data"]
        name, names, fraction, subset = (
            data["name"],
            data.get("classes"),
            config.get("valid_fraction"),
            config.get("subset"),
        )
        resize, cut = config.get("resize"), None
        if datasets.any_size(name):
            cut = Cut(network.input, resize if type(resize) is int else None)
        return cls(
            name,
            chosen_classes(name, tuple(map(str, names)) if isinstance(names, list) else ()),
            fraction if isinstance(fraction, float | int) else None,
            subset if type(subset) is int else None,
            cut,
        )

    @property
    def classes(self) -> int:
        return len(self.class_names)

    @property
    def image(self) -> FeatureMap:
        """What the net sees."""
        if self.cut is not None:
            return self.cut.image
        return datasets.FOLDER_INPUT if self.drawn else datasets.known(self.data)[0]

    def load(self, data_dir: Path | None, watch: Watch) -> Dataset:
        if self.drawn:
            assert self.cut is not None
            data = photos.load(self.data, self.cut, self.class_names, self.drawn, watch.say, watch.meter)
        else:
            data = datasets.load(self.data, data_dir, watch.say, watch.meter, self.cut).only(self.class_names)
        if self.valid_fraction is not None:
            data = data.validated(self.valid_fraction)
        return data if self.subset is None else data.first(self.subset)


def chosen_classes(data: str, asked: Sequence[str]) -> tuple[str, ...]:
    """The names of the classes that are asked for by name or number, in that order; all of them, when none is."""
    known = datasets.class_names(data)
    names = []
    for word in asked:
        name = word if word in known else known[int(word)] if word.isdecimal() and int(word) < len(known) else None
        if name is None or name in names:
            close = nearest(word, known) if name is None else None
            fail(
                "NET535",
                f"{data} has no class `{word}`" if name is None else f"the class `{name}` is asked for twice",
                expected=f"one of: {', '.join(known)}; or numbers from 0 to {len(known) - 1}",
                found=word,
                note=f"did you mean `{close}`?" if close else "",
            )
        names.append(name)
    if len(names) == 1:
        fail("NET535", "one class leaves nothing to tell apart", expected="two classes or more", found=names[0])
    return tuple(names) or known


def with_cut(choice: Choice, source: NetSource, network: Network, method: Method) -> tuple[Choice, NetSource, Network]:
    """Images of a folder become as large as the net's input; a net that leaves it open is laid out for `crop`.

    Errors: NET525 for an input that no image file has, NET532 for sizes that do not go together
    """
    if not datasets.any_size(choice.data):
        for name, pixels in (("resize", method.resize), ("crop", method.crop)):
            if pixels is not None:
                _does_not_go(f"`{name}` is for images of a folder, and not for {choice.data}", "none", str(pixels))
        return choice, source, network
    side = method.crop or method.resize
    if source.image is not None and side is not None and source.image.size != (side, side):
        source = replace(source, image=FeatureMap(source.image.channels, (side, side)))
        network = source.compile()
    image = network.input
    if image.channels not in CHANNELS or len(image.size) != 2:
        fail(
            "NET525",
            f"the images of {choice.data} do not fit the net `{network.name}`",
            expected="an input of 1 (grey) or 3 channels, height and width",
            found=str(image),
        )
    if method.crop is not None and image.size != (method.crop, method.crop):
        _does_not_go("`crop` is not what the net sees", f"{image}, the net's input", f"crop = {method.crop}")
    if method.resize is not None and method.resize < max(image.size):
        _does_not_go("`resize` leaves less than the net sees", f"{max(image.size)} pixels or more", str(method.resize))
    larger = method.resize is not None and (method.resize, method.resize) != image.size
    whole = larger and any(isinstance(step, Crop | ScaleJitter) for step in method.augment)
    return replace(choice, cut=Cut(image, method.resize, whole)), source, network


def _does_not_go(message: str, expected: str, found: str) -> None:
    fail("NET532", message, expected=expected, found=found, note="say otherwise in the recipe, or with --set-recipe")
