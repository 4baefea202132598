"""The five methods, against torch's gradients, closed forms of linear nets, and the papers' own propositions."""

import pytest
import torch

from netdsl.lowering import network_of
from netdsl.seeing.gradients import scores
from netdsl.seeing.gradients.saliency import METHODS, Settings, attributions, over_colours
from netdsl.seeing.outputs import class_output

CHAIN = "input 3x12x12  C3-8 R P2 C3-8 B R G F5"
LINEAR = "input 3x12x12  C3-4 A2 F5"


def score_node(network):
    return network.nodes[class_output(network).node].name


def explained(module, images, channels, method, **settings):
    at = score_node(network_of(module))
    return attributions(module, at, images, channels, scores.mean, method, settings=Settings(**settings))


def gradient_of(module, images, channels):
    given = images.clone().requires_grad_()
    y = module(given)[torch.arange(len(images)), torch.tensor(channels)]
    return torch.autograd.grad(y.sum(), given)[0], y


def test_gradient_and_scores_are_torchs(net, images) -> None:
    module = net(CHAIN)
    found = explained(module, images, [0, 3, 4], "gradient")
    expected, y = gradient_of(module, images, [0, 3, 4])
    torch.testing.assert_close(found.values, expected)
    torch.testing.assert_close(found.scores, y)
    assert not images.requires_grad and not any(p.grad is not None for p in module.parameters())


@pytest.mark.parametrize("method", METHODS)
def test_what_a_linear_net_gives(net, images, method) -> None:
    """All methods are the gradient, save integrated gradients, which are the gradient times the image."""
    module = net(LINEAR)
    found = explained(module, images, [1, 1, 2], method, samples=4, steps=3)
    expected, _ = gradient_of(module, images, [1, 1, 2])
    torch.testing.assert_close(found.values, expected * images if method == "integrated" else expected)


def test_integrated_gradients_are_complete(net, images) -> None:
    """Proposition 1: they sum up to the difference of the scores, the better the more steps there are."""
    module = net(CHAIN)
    errors = []
    for steps in (4, 32, 256):
        found = explained(module, images, [0, 1, 2], "integrated", steps=steps)
        difference = found.scores - found.baseline_scores
        torch.testing.assert_close(difference, (module(images) - module(0 * images)).diagonal()[:3])
        errors.append(((found.values.flatten(1).sum(1) - difference).abs() / difference.abs()).max())
    assert errors[0] > errors[2] and errors[2] < 1e-3


def test_a_square_is_integrated_exactly(net, images) -> None:
    """The middles of the steps integrate a linear gradient exactly: x * x by a product of two branches."""
    module = net("input 3x12x12  mul { id | id } G")
    found = explained(module, images, [0, 1, 2], "integrated", steps=1)
    expected = torch.zeros_like(images)
    for image in range(3):
        expected[image, image] = images[image, image] ** 2 / 144
    torch.testing.assert_close(found.values, expected)


def test_a_baseline_of_its_own(net, images) -> None:
    module = net(CHAIN)
    at = score_node(network_of(module))
    black = torch.full((3, 1, 1), -1.5, dtype=torch.float64)
    found = attributions(module, at, images, [2] * 3, scores.mean, "integrated", black, Settings(steps=600))
    difference = module(images)[:, 2] - module(torch.full_like(images, -1.5))[:, 2]
    torch.testing.assert_close(found.scores - found.baseline_scores, difference)
    torch.testing.assert_close(found.values.flatten(1).sum(1), difference, rtol=1e-2, atol=1e-5)
    at_it = attributions(module, at, black.expand(1, 3, 12, 12), [2], scores.mean, "integrated", black)
    assert not at_it.values.any()


def test_smoothgrad_is_the_mean_of_noisy_gradients(net, images) -> None:
    module = net(CHAIN)
    found = explained(module, images, [0, 1, 2], "smoothgrad", samples=3, noise=0.2, seed=7)
    chance = torch.Generator().manual_seed(7)
    spans = images.flatten(1).amax(1) - images.flatten(1).amin(1)
    expected = torch.zeros_like(images)
    for _ in range(3):
        noise = torch.randn(images.shape, generator=chance).double()
        noisy = images + 0.2 * spans.view(3, 1, 1, 1) * noise
        expected += gradient_of(module, noisy, [0, 1, 2])[0] / 3
    torch.testing.assert_close(found.values, expected)
    quiet = explained(module, images, [0, 1, 2], "smoothgrad", samples=2, noise=0)
    torch.testing.assert_close(quiet.values, gradient_of(module, images, [0, 1, 2])[0])
    again = explained(module, images, [0, 1, 2], "smoothgrad", samples=3, noise=0.2, seed=7)
    assert torch.equal(again.values, found.values)


def test_many_images_go_through_in_parts(net) -> None:
    """The same as one by one; each has its own class."""
    module = net(CHAIN)
    many = torch.randn(35, 3, 12, 12, dtype=torch.float64, generator=torch.Generator().manual_seed(2))
    channels = [n % 5 for n in range(35)]
    seen = []
    at = score_node(network_of(module))
    found = attributions(module, at, many, channels, scores.mean, "guided", watch=lambda *done: seen.append(done))
    for image in (0, 17, 34):
        alone = explained(module, many[image : image + 1], [channels[image]], "guided")
        torch.testing.assert_close(found.values[image], alone.values[0])
    assert seen == [(16, 35), (32, 35), (35, 35)]


def test_the_largest_over_the_colours() -> None:
    values = torch.tensor([[[[1.0, -2]], [[-3, 1]], [[2, 0]]]])
    assert torch.equal(over_colours(values), torch.tensor([[[3.0, 2]]]))


def test_scores_of_maps() -> None:
    maps = torch.arange(2 * 3 * 2 * 3.0).reshape(2, 3, 2, 3)
    maps[1, 2, 0, 1] = 99
    assert scores.mean([0, 1])(maps).tolist() == [2.5, 26.5]
    assert scores.strongest([1, 2])(maps).tolist() == [11, 99]
    assert scores.centre([0, 1])(maps).tolist() == [maps[0, 0, 1, 1], maps[1, 1, 1, 1]]
    assert scores.mean([1, 0])(torch.tensor([[1.0, 2], [3, 4]])).tolist() == [2, 3]  # a vector


def test_a_tie_is_given_to_one_place() -> None:
    maps = torch.ones(1, 1, 2, 2, requires_grad=True)
    scores.strongest([0])(maps).sum().backward()
    assert maps.grad.flatten().tolist() == [1, 0, 0, 0]


def test_the_score_stands_in_front_of_a_softmax(net, images) -> None:
    without, with_softmax = net(CHAIN), net(CHAIN + " S")
    assert score_node(network_of(with_softmax)) == score_node(network_of(without)) == "linear1"
    found = explained(with_softmax, images, [0, 1, 2], "gradient")
    torch.testing.assert_close(found.values, gradient_of(without, images, [0, 1, 2])[0])


def test_a_feature_at_its_strongest_place(net, images) -> None:
    """Only pixels that the unit sees have a gradient, and it is that unit's own."""
    from netdsl.ir.seen import seen

    module = net("input 3x12x12  C3-8 R C3-4 R @end P2 F5")
    network = network_of(module)
    index = network.tags["end"].node
    found = attributions(module, "end", images, [3] * 3, scores.strongest, "gradient")
    maps = module.get_submodule("conv2")(module.get_submodule("conv1")(images).relu()).relu()
    for image, gradient in enumerate(found.values):
        row, column = divmod(int(maps[image, 3].argmax()), 12)
        torch.testing.assert_close(found.scores[image], maps[image, 3, row, column])
        (top, bottom), (left, right) = seen(network, index, (row, column))
        inside = torch.zeros_like(gradient)
        inside[:, max(top, 0) : bottom + 1, max(left, 0) : right + 1] = 1
        assert gradient.any() and not (gradient * (1 - inside)).any()
