"""The training loop on data small enough for a second."""

import pytest
import torch
from torch import nn
from torch.nn.functional import cross_entropy

from netdsl.data import Batch, Normalization
from netdsl.diagnostics import DiagnosticsError
from netdsl.recipes.augmentations import Cutout, Mixup, PadCrop
from netdsl.recipes.inits import He
from netdsl.recipes.method import Method
from netdsl.recipes.optimizers import Sgd
from netdsl.recipes.schedules import Constant, Step
from netdsl.tasks.learning.augment import Augmenter
from netdsl.tasks.learning.initialize import initialize
from netdsl.tasks.learning.measure import measure
from netdsl.tasks.learning.objective import Objective
from netdsl.tasks.training.training import Training


def net():
    return nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(64, 2))


def run(data, module=None, watch=None, **method):
    module = module or net()
    normalization = Normalization.of(data.train_images)
    return module, list(
        Training(module, data, normalization, Method(**{"epochs": 3, "batch": 16, **method}), watch).epochs()
    )


def test_the_loss_falls(bright_or_dark):
    _, rows = run(bright_or_dark)
    assert [row.epoch for row in rows] == [1, 2, 3]
    assert rows[-1].train_loss < rows[0].train_loss / 2
    assert rows[-1].test_error == 0


def test_equal_seeds_equal_weights(bright_or_dark):
    (one, rows), (two, again), (other, _) = (run(bright_or_dark, seed=seed) for seed in (3, 3, 4))
    assert all(torch.equal(a, b) for a, b in zip(one.parameters(), two.parameters(), strict=True))
    assert [row.test_loss for row in rows] == [row.test_loss for row in again]
    assert not torch.equal(one[0].weight, other[0].weight)


class Seen(nn.Linear):
    """Keeps what comes in, while training and while testing."""

    def __init__(self):
        super().__init__(36, 2)
        self.inputs = {True: [], False: []}

    def forward(self, x):
        self.inputs[self.training].append(x.detach().clone())
        return super().forward(x.flatten(1))


def test_only_training_images_are_augmented(bright_or_dark):
    """In the order in which the same run without augmentation has them."""
    steps = (PadCrop(1), Cutout(2))
    (plain, _), (augmented, _) = (run(bright_or_dark, Seen(), seed=5, epochs=2, augment=s) for s in ((), steps))
    for one, two in zip(plain.inputs[False], augmented.inputs[False], strict=True):
        assert torch.equal(one, two)
    normalization = Normalization.of(bright_or_dark.train_images)
    augment = Augmenter(steps, normalization.zero, seed=5)
    back = torch.tensor(normalization.std).view(1, 1, 1, 1), torch.tensor(normalization.mean).view(1, 1, 1, 1)
    for one, two in zip(plain.inputs[True], augmented.inputs[True], strict=True):
        images = (one * back[0] + back[1]).round().byte()
        assert torch.equal(normalization(augment(images)), two)


def test_equal_seeds_equal_weights_with_augmentation(bright_or_dark):
    one, two, other = (run(bright_or_dark, seed=3, augment=steps)[0] for steps in ((PadCrop(2),), (PadCrop(2),), ()))
    assert torch.equal(one[0].weight, two[0].weight)
    assert not torch.equal(one[0].weight, other[0].weight)


def test_deterministic_is_put_back(bright_or_dark):
    run(bright_or_dark, deterministic=True)
    assert not torch.are_deterministic_algorithms_enabled()


def test_the_rate_of_each_epoch(bright_or_dark):
    _, rows = run(bright_or_dark, epochs=4, optimizer=Sgd(0.08), schedule=Step((0.5, 0.75), (0.5, 0.1)))
    assert [row.lr for row in rows] == pytest.approx([0.08, 0.08, 0.04, 0.004])


def test_one_step_is_nesterovs(bright_or_dark):
    """One batch of everything: two steps by hand, torch's form of Nesterov momentum, decay on every parameter."""
    lr, momentum, decay = 0.05, 0.9, 0.01
    module, rows = run(
        bright_or_dark,
        epochs=2,
        batch=150,
        optimizer=Sgd(lr, momentum, True),
        weight_decay=decay,
        schedule=Constant(),
    )
    by_hand = net()
    torch.manual_seed(0)
    initialize(by_hand, He())
    x = Normalization.of(bright_or_dark.train_images)(bright_or_dark.train_images)
    velocity = [torch.zeros_like(p) for p in by_hand.parameters()]
    for _ in range(2):
        loss = cross_entropy(by_hand(x), bright_or_dark.train_labels)
        gradients = torch.autograd.grad(loss, list(by_hand.parameters()))
        with torch.no_grad():
            for p, v, g in zip(by_hand.parameters(), velocity, gradients, strict=True):
                g = g + decay * p
                v.mul_(momentum).add_(g)
                p.sub_(lr * (g + momentum * v))
    assert rows[1].train_loss == pytest.approx(loss.item(), rel=1e-5)
    for p, q in zip(module.parameters(), by_hand.parameters(), strict=True):
        assert torch.allclose(p, q, atol=1e-6)


def test_the_figures_of_an_epoch_are_means_over_images(bright_or_dark):
    """A rate of almost nothing: the epoch's running figures are those of the untrained net."""
    module, rows = run(bright_or_dark, epochs=1, batch=40, optimizer=Sgd(1e-12, 0.0, False), weight_decay=0.0)
    normalization = Normalization.of(bright_or_dark.train_images)
    score = measure(module, bright_or_dark.train_images, bright_or_dark.train_labels, normalization)
    assert rows[0].train_loss == pytest.approx(score.loss, rel=1e-5)
    assert rows[0].train_error == pytest.approx(score.wrong / 150)


def test_a_watch_is_told(bright_or_dark):
    seen = set()

    class Watch:
        def step(self, epoch, images, loss, error):
            seen.add((epoch, images))

    run(bright_or_dark, watch=Watch())
    assert seen >= {(1, 150), (2, 150), (3, 150)}


@pytest.mark.parametrize("lr", [1e30, 1e9])
def test_a_loss_that_is_no_number_stops(bright_or_dark, lr):
    with pytest.raises(DiagnosticsError) as caught:
        run(bright_or_dark, optimizer=Sgd(lr), epochs=20)
    assert caught.value.diagnostics[0].code == "NET540"
    assert "--lr" in str(caught.value)


def test_batch_norm_and_a_single_image(bright_or_dark):
    normed = nn.Sequential(nn.Conv2d(1, 4, 6), nn.BatchNorm2d(4), nn.Flatten(), nn.Linear(4, 2))
    with pytest.raises(DiagnosticsError) as caught:
        run(bright_or_dark, normed, batch=1)
    assert caught.value.diagnostics[0].code == "NET541"
    run(bright_or_dark.first(33), normed, batch=16)  # the rest of one image is left out


def test_nothing_to_train(bright_or_dark):
    with pytest.raises(DiagnosticsError) as caught:
        run(bright_or_dark, nn.Sequential(nn.AvgPool2d(3), nn.Flatten()))
    assert caught.value.diagnostics[0].code == "NET543"


@pytest.mark.parametrize("error", [RuntimeError("[enforce fail] can't allocate memory: you tried"), MemoryError()])
def test_full_memory(bright_or_dark, error):
    class Hungry(nn.Linear):
        def forward(self, x):
            raise error

    with pytest.raises(DiagnosticsError) as caught:
        run(bright_or_dark, nn.Sequential(nn.Flatten(), Hungry(36, 2)))
    assert caught.value.diagnostics[0].code == "NET542"


def test_other_errors_are_not_hidden(bright_or_dark):
    with pytest.raises(RuntimeError, match="shapes"):
        run(bright_or_dark, nn.Sequential(nn.Flatten(), nn.Linear(35, 2)))


def test_mixed_images_have_the_mixed_loss_of_both_labels(bright_or_dark):
    """By hand: with a share s of the own label, s * loss + (1 - s) * loss of the partner's."""
    scores = torch.randn(6, 2, generator=torch.Generator().manual_seed(0))
    labels, partners = torch.tensor([0, 1, 0, 1, 0, 1]), torch.tensor([1, 1, 0, 0, 1, 0])
    batch = Batch(torch.zeros(6, 1, 6, 6).byte(), labels, partners=partners, share=torch.tensor(0.3))
    loss = Objective(net(), Method())(scores, torch.zeros(6, 1, 6, 6), batch)
    logs = scores.log_softmax(1)
    expected = -sum(0.3 * logs[i, labels[i]] + 0.7 * logs[i, partners[i]] for i in range(6)) / 6
    assert loss.item() == pytest.approx(expected.item(), rel=1e-6)


def test_training_with_mixup_learns(bright_or_dark):
    _, rows = run(bright_or_dark, augment=(Mixup(0.2),), epochs=4)
    assert rows[-1].test_error == 0
    assert rows[-1].train_loss > rows[-1].test_loss, "mixed targets cannot be met"
