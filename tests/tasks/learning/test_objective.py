"""Which losses of which outputs make up what a net is trained for."""

import pytest
import torch
from torch.nn.functional import cross_entropy, l1_loss, mse_loss, multi_margin_loss

from netdsl import compile_network
from netdsl.data import Batch, Normalization
from netdsl.recipes.losses import L1, CrossEntropy, Hinge, Mse, Nll
from netdsl.recipes.method import Method
from netdsl.tasks.learning.measure import measure
from netdsl.tasks.learning.objective import Objective
from netdsl.tasks.runs.net_source import build

IMAGES = torch.randint(0, 256, (12, 3, 8, 8), generator=torch.Generator().manual_seed(1)).byte()
LABELS = torch.arange(12) % 4
BOXES = torch.tensor([[0, 1, 4, 8]]).repeat(12, 1)
BATCH = Batch(IMAGES, LABELS, BOXES)
PLAIN = Normalization.none(3)
X = PLAIN(IMAGES)


def made(text, **method):
    torch.manual_seed(0)
    module = build(compile_network(f"net x {{ input 3x8x8 {text} }}"))
    return module, Objective(module, Method(**method))


def loss_of(module, objective):
    return objective(module(X), X, BATCH)


def test_a_classifier():
    module, objective = made("C3-4 R G F4", label_smoothing=0.2)
    scores = module(X)
    assert torch.equal(objective(scores, X, BATCH), cross_entropy(scores, LABELS, label_smoothing=0.2))
    assert torch.equal(objective.plain(scores, X, BATCH), cross_entropy(scores, LABELS))
    assert objective.wrong(scores, LABELS) == (scores.argmax(1) != LABELS).sum()
    assert (objective.classifies, objective.finds) == ("", None)


@pytest.mark.parametrize("loss", [Hinge(), Mse()])
def test_a_softmax_at_the_end_stands_before_losses_without_a_logarithm(loss):
    module, objective = made("C3-4 R G F4 S", loss=loss)
    probabilities = module(X).softmax(1)
    of_probabilities, _ = made("C3-4 R G F4", loss=loss)
    expected = Objective(of_probabilities, Method(loss=loss))(probabilities, X, BATCH)
    assert loss_of(module, objective).item() == pytest.approx(expected.item(), rel=1e-6)


@pytest.mark.parametrize("loss", [CrossEntropy(), Nll()])
def test_a_softmax_at_the_end_is_taken_once(loss):
    module, objective = made("C3-4 R G F4 S", loss=loss)
    with_softmax = module(X).softmax(1)
    expected = -with_softmax.log().gather(1, LABELS[:, None]).mean()
    assert loss_of(module, objective).item() == pytest.approx(expected.item(), rel=1e-5)


def test_an_autoencoder_is_compared_with_what_came_in():
    module, objective = made("C3-4 R C3-3", loss=L1(), target="input")
    assert torch.equal(loss_of(module, objective), l1_loss(module(X), X))
    assert objective.classifies is None
    score = measure(module, IMAGES, LABELS, PLAIN, objective=objective)
    assert (score.wrong, score.error, score.mean_iou) == (None, None, None)
    assert score.loss == pytest.approx(l1_loss(module(X), X).item(), rel=1e-6)


HEADED = """C3-4 R head low(weight = 0.3, loss = hinge) { G F4 S }
head box(weight = 2, loss = mse, target = box) { G F4 }
head back(weight = 0.5, loss = l1, target = input) { C3-3 } G F4"""


def test_each_head_by_its_weight_and_loss():
    module, objective = made(HEADED, label_smoothing=0.1)
    main, heads = module(X)
    expected = (
        cross_entropy(main, LABELS, label_smoothing=0.1)
        + 0.3 * multi_margin_loss(heads["low"].softmax(1), LABELS)
        + 2 * mse_loss(heads["box"], torch.tensor([0, 1 / 8, 0.5, 1]).expand(12, 4))
        + 0.5 * l1_loss(heads["back"], X)
    )
    assert loss_of(module, objective).item() == pytest.approx(expected.item(), rel=1e-6)
    score = measure(module, IMAGES, LABELS, PLAIN, objective=objective, boxes=BOXES)
    assert score.loss == pytest.approx(cross_entropy(main, LABELS).item(), rel=1e-6), "heads are on while training only"
    assert score.wrong == (main.argmax(1) != LABELS).sum()
    assert score.mean_iou is None


def test_a_net_that_ends_in_a_class_and_a_box():
    module, objective = made(
        "C3-4 R head box(weight = 3, loss = l1, target = box) { F4 sigmoid } head label { G F4 }", loss=Hinge()
    )
    given = module(X)
    boxes = torch.tensor([0, 1 / 8, 0.5, 1]).expand(12, 4)
    expected = 3 * l1_loss(given["box"], boxes) + cross_entropy(given["label"], LABELS)
    assert loss_of(module, objective).item() == pytest.approx(expected.item(), rel=1e-6)
    assert (objective.classifies, objective.finds) == ("label", "box")
    score = measure(module, IMAGES, LABELS, PLAIN, objective=objective, boxes=BOXES)
    assert score.wrong == (given["label"].argmax(1) != LABELS).sum()
    assert score.loss == pytest.approx(expected.item(), rel=1e-6)
    assert 0 <= score.mean_iou <= 1


def test_true_boxes_overlap_wholly():
    module, objective = made("head box(loss = mse, target = box) { F4 }")
    with torch.no_grad():
        module.get_submodule("box.linear1").weight.zero_()
        module.get_submodule("box.linear1").bias.copy_(torch.tensor([0, 1 / 8, 0.5, 1]))
    score = measure(module, IMAGES, LABELS, PLAIN, objective=objective, boxes=BOXES)
    assert (score.mean_iou, score.wrong) == (pytest.approx(1), None)
    assert score.loss == pytest.approx(0, abs=1e-9)
