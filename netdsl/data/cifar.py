"""CIFAR-10 and CIFAR-100: 60,000 colour images of 32x32 pixels each, from the binary versions of the archives.

Source: Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009; a record is one byte for the label
(CIFAR-100: one for the group of classes, one for the class) and 3,072 for the pixels: red, green, blue, each row by
row.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from netdsl.data.archive import read_archive
from netdsl.data.dataset import Dataset
from netdsl.data.files import Meter, Remote, Say
from netdsl.data.store import Bytes, Source, members
from netdsl.diagnostics import fail

PIXELS = 3 * 32 * 32  # bytes
URL = "https://www.cs.toronto.edu/~kriz/"
FINE_NAMES = (
    "apple aquarium_fish baby bear beaver bed bee beetle bicycle bottle bowl boy bridge bus butterfly camel can "
    "castle caterpillar cattle chair chimpanzee clock cloud cockroach couch crab crocodile cup dinosaur dolphin "
    "elephant flatfish forest fox girl hamster house kangaroo keyboard lamp lawn_mower leopard lion lizard "
    "lobster man maple_tree motorcycle mountain mouse mushroom oak_tree orange orchid otter palm_tree pear "
    "pickup_truck pine_tree plain plate poppy porcupine possum rabbit raccoon ray road rocket rose sea seal shark "
    "shrew skunk skyscraper snail snake spider squirrel streetcar sunflower sweet_pepper table tank telephone "
    "television tiger tractor train trout tulip turtle wardrobe whale willow_tree wolf woman worm"
)


@dataclass(frozen=True, slots=True)
class Form:
    """What an archive of the family holds, and how it is known to be the official one."""

    name: str
    archive: str
    folder: str
    sha256: str
    """Of the .tar.gz as its author gives it."""
    train: tuple[str, ...]
    test: str
    members: Mapping[str, str]
    """sha256 of each member."""
    class_names: tuple[str, ...]
    label_bytes: int
    """In front of a record's pixels; the last of them is the class."""
    limit: int
    """Bytes that the archive may unpack to; the official ones have 184 and 185 million."""

    @property
    def record(self) -> int:
        """Bytes."""
        return self.label_bytes + PIXELS


CIFAR10 = Form(
    "cifar10",
    "cifar-10-binary",
    "cifar-10-batches-bin/",
    "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
    tuple(f"data_batch_{number}.bin" for number in range(1, 6)),
    "test_batch.bin",
    {
        "data_batch_1.bin": "cee916563c9f80d84e3cc88e17fdc0941787f1244f00a67874d45b261883ada5",
        "data_batch_2.bin": "a591ca11fa1708a91ee40f54b3da4784ccd871ecf2137de63f51ada8b3fa57ed",
        "data_batch_3.bin": "bbe8596564c0f86427f876058170b84dac6670ddf06d79402899d93ceea26f67",
        "data_batch_4.bin": "014e562d6e23c72197cc727519169a60359f5eccd8945ad5a09d710285ff4e48",
        "data_batch_5.bin": "755304fc0b379caeae8c14f0dac912fbc7d6cd469eb67a1029a08a39453a9add",
        "test_batch.bin": "8e2eb146ae340b09e24670f29cabc6326dba54da8789dab6768acf480273f65b",
    },
    ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"),
    label_bytes=1,
    limit=256 << 20,
)
CIFAR100 = Form(
    "cifar100",
    "cifar-100-binary",
    "cifar-100-binary/",
    "58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec",
    ("train.bin",),
    "test.bin",
    {
        "train.bin": "f31298fc616915fa142368359df1c4ca2ae984d6915ca468b998a5ec6aeebf29",
        "test.bin": "d8b1e6b7b3bee4020055f0699b111f60b1af1e262aeb93a0b659061746f8224a",
    },
    tuple(FINE_NAMES.split()),
    label_bytes=2,
    limit=256 << 20,
)
FORMS = {form.name: form for form in (CIFAR10, CIFAR100)}


def load(name: str, data_dir: Path | None, say: Say, meter: Meter | None = None) -> Dataset:
    """`cifar10`, or `cifar100` with its 100 classes (not the 20 groups of them)."""
    form = FORMS[name]
    data = members(source(form), data_dir, say, meter)
    train = [read_batch(data[member], member, form) for member in form.train]
    test_labels, test_images = read_batch(data[form.test], form.test, form)
    return Dataset(
        name,
        train_images=_tensor([images for _, images in train]),
        train_labels=_tensor([labels for labels, _ in train]).long(),
        test_images=_tensor([test_images]),
        test_labels=_tensor([test_labels]).long(),
        class_names=form.class_names,
    )


def source(form: Form) -> Source:
    file = f"{form.archive}.tar.gz"
    remote = Remote(file, (file, f"{form.archive}.tar.*"), (URL + file,), form.sha256)

    def unpack(files: Sequence[Path]) -> Iterator[tuple[str, Path, Bytes]]:
        return _unpack(form, files[0])

    return Source(form.name, (remote,), form.members, unpack)


def read_batch(data: Bytes, name: str, form: Form = CIFAR10) -> tuple[Bytes, Bytes]:
    """A batch file's labels, n, and images, n x 3 x 32 x 32."""
    if not data.size or data.size % form.record:
        fail(
            "NET515",
            f"`{name}` is not a batch of {form.name}",
            expected=f"a whole number of records of {form.record:,} bytes",
            found=f"{data.size:,} bytes",
        )
    records = data.reshape(-1, form.record)
    labels = records[:, form.label_bytes - 1]
    classes = len(form.class_names)
    if labels.max() >= classes:
        place = int((labels >= classes).argmax())
        fail(
            "NET516",
            f"`{name}` has a label that is no class",
            expected=f"labels from 0 to {classes - 1}",
            found=f"{labels[place]} in record {place:,}, counted from 0",
            note="the file was changed; delete it and get the official one",
        )
    return labels, records[:, form.label_bytes :].reshape(-1, 3, 32, 32)


def _unpack(form: Form, archive: Path) -> Iterator[tuple[str, Path, Bytes]]:
    missing = set(form.members)
    for name, data in read_archive(archive, form.folder, form.members, form.limit):
        read_batch(data, f"{name} in {archive}", form)
        missing.discard(name)
        yield name, archive, data
    if missing:
        fail(
            "NET517",
            f"`{archive}` lacks members of the binary version of {form.name}",
            expected=", ".join(form.folder + name for name in form.members),
            found=f"no {', no '.join(form.folder + name for name in sorted(missing))}",
            note=f"get {form.archive}.tar.gz; the python and matlab versions are other files",
        )


def _tensor(parts: Sequence[Bytes]) -> Tensor:
    return torch.from_numpy(np.concatenate(parts))
