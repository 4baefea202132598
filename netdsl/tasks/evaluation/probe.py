"""`netdsl probe`: how far a linear classifier comes on the features of a trained net, which stays as it is."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from netdsl.data import Dataset, Normalization
from netdsl.diagnostics import fail
from netdsl.geometry import FeatureMap
from netdsl.ir.network import Network
from netdsl.ir.parts import tensor_at
from netdsl.lowering import Compiled, feature_maps
from netdsl.tasks.engine.engine import Engine
from netdsl.tasks.evaluation.trained import Trained, open_run
from netdsl.tasks.setup.choice import Choice
from netdsl.tasks.setup.config import TrainConfig
from netdsl.tasks.setup.watch import Silent, Watch

BATCH = 250  # images; what fits the caches of a small machine
MOST = 2**28  # numbers: 2 GiB in the precision of the fit
DECAY = 1e-4
STEPS = 1000
TOLERANCE = 1e-7  # of each number of the gradient


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """A probe at one place. Errors are fractions; `loss` is the mean cross-entropy on the training images."""

    run: str
    net: str
    data: str
    at: str
    features: int
    train_images: int
    test_images: int
    train_error: float
    test_error: float
    loss: float
    steps: int
    """Of L-BFGS."""


def probe(
    run: Path,
    at: Sequence[str] = (),
    data: str | None = None,
    data_dir: Path | None = None,
    flatten: bool = False,
    decay: float = DECAY,
    subset: int | None = None,
    watch: Watch | None = None,
) -> list[ProbeResult]:
    """A probe at each place, at all tags if none is named; on the run's own data, or on other images of its size.

    The features are the means of each channel over all positions, or, with `flatten`, every number of the map.
    Errors: NET209 an unknown place, NET525 images of another size, NET573 too many features
    """
    watch = watch or Silent()
    trained = open_run(run)
    names = _places(trained.network, at)
    images = _images(trained, data, data_dir, subset, watch)
    sizes = {name: trained.network.nodes[tensor_at(trained.network, name)].output for name in names}
    for name, output in sizes.items():
        _check_size(name, output, flatten, len(images.train_images))
    tapped = feature_maps(cast(Compiled, trained.module), names)
    results = []
    for name in names:
        watch.say(f"probing @{name}, {sizes[name]}")
        train, test = (
            features(tapped, name, split, trained.normalization, flatten, trained.engine)
            for split in (images.train_images, images.test_images)
        )
        results.append(_probed(trained, images, name, train, test, decay))
    return results


def features(
    module: nn.Module,
    name: str,
    images: Tensor,
    normalization: Normalization,
    flatten: bool,
    engine: Engine | None = None,
) -> Tensor:
    """float64, images x features, of a module that gives feature maps by name."""
    engine = engine or Engine()
    module = engine.place(module).eval()
    rows = []
    with torch.inference_mode(), engine.precision():
        for start in range(0, len(images), BATCH):
            x = normalization(images[start : start + BATCH].to(engine.device))
            y = module(engine.images(x))[name].double()
            rows.append(y.flatten(1) if flatten or y.dim() < 3 else y.flatten(2).mean(2))
    return torch.cat(rows)


def fit_linear(x: Tensor, labels: Tensor, classes: int, decay: float) -> tuple[Tensor, Tensor, float, int]:
    """Multinomial logistic regression: weight, bias, mean cross-entropy, steps.

    The least mean cross-entropy plus decay / 2 times the squares of the weights, which is one point (the bias up to a
    common shift): whole batches and L-BFGS come to it from anywhere, so from zero.
    x: float64, images x features; labels: int64
    """
    weight = torch.zeros(classes, x.shape[1], dtype=x.dtype, device=x.device, requires_grad=True)
    bias = torch.zeros(classes, dtype=x.dtype, device=x.device, requires_grad=True)
    optimizer = torch.optim.LBFGS(
        [weight, bias],
        max_iter=STEPS,
        tolerance_grad=TOLERANCE,
        tolerance_change=0,
        history_size=20,
        line_search_fn="strong_wolfe",
    )

    def loss() -> Tensor:
        optimizer.zero_grad()
        value = cross_entropy(x @ weight.T + bias, labels) + decay / 2 * weight.square().sum()
        value.backward()  # type: ignore[no-untyped-call]
        return value

    optimizer.step(loss)  # type: ignore[no-untyped-call]
    with torch.no_grad():
        final = cross_entropy(x @ weight.T + bias, labels).item()
    steps: int = optimizer.state[weight]["n_iter"]
    return weight.detach(), bias.detach(), final, steps


def _probed(trained: Trained, data: Dataset, name: str, train: Tensor, test: Tensor, decay: float) -> ProbeResult:
    """Features are centred and scaled by those of the training images, so that the decay means the same at each."""
    mean, deviation = train.mean(0), train.std(0, correction=0)
    deviation[deviation == 0] = 1
    train, test = (train - mean) / deviation, (test - mean) / deviation
    labels = data.train_labels.to(train.device), data.test_labels.to(train.device)
    weight, bias, loss, steps = fit_linear(train, labels[0], data.classes, decay)
    errors = [
        ((x @ weight.T + bias).argmax(1) != y).double().mean().item()
        for x, y in zip((train, test), labels, strict=True)
    ]
    return ProbeResult(
        str(trained.run),
        trained.network.name,
        data.name,
        name,
        train.shape[1],
        len(train),
        len(test),
        errors[0],
        errors[1],
        loss,
        steps,
    )


def _places(network: Network, at: Sequence[str]) -> list[str]:
    names = [name.removeprefix("@") for name in at] or list(network.tags)
    if not names:
        fail(
            "NET209",
            f"`{network.name}` has no tags",
            expected="a layer's name as in the summary, with --at",
            found="no --at",
        )
    for name in names:
        tensor_at(network, name)
    return list(dict.fromkeys(names))


def _images(trained: Trained, name: str | None, data_dir: Path | None, subset: int | None, watch: Watch) -> Dataset:
    chosen = trained.choice if name is None else Choice.asked(TrainConfig(data=name))
    name, image = chosen.data, chosen.image
    if image != trained.network.input:
        fail(
            "NET525",
            f"the images of {name} do not fit the net `{trained.network.name}`",
            expected=f"{trained.network.input}, the net's input (channels x height x width)",
            found=f"{image}, the images of {name}",
        )
    return replace(chosen, subset=subset or chosen.subset).load(data_dir, watch)


def _check_size(name: str, output: FeatureMap, flatten: bool, images: int) -> None:
    each = output.numel if flatten else output.channels
    if each * images > MOST:
        fail(
            "NET573",
            f"a probe at `{name}` has too many features",
            expected=f"at most {MOST:,} numbers, {MOST // images:,} an image",
            found=f"{each:,} of each of {images:,} images",
            note="leave out --flatten, or take fewer images, with --subset",
        )
