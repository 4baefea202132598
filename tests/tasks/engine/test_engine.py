"""Where and how a module runs."""

import pytest
import torch
from torch.nn.functional import cross_entropy

import netdsl
from netdsl.data import Batch, Normalization
from netdsl.diagnostics import DiagnosticsError
from netdsl.lowering import network_of
from netdsl.planning.budget import within
from netdsl.planning.form import plain
from netdsl.planning.peak import peak_bytes
from netdsl.recipes.method import Method
from netdsl.recipes.optimizers import Adadelta, Adagrad, Adam, RmsProp, Sgd
from netdsl.tasks.engine.engine import Engine, device_of, precision_on
from netdsl.tasks.engine.memory_budget import numbers_per_weight
from netdsl.tasks.learning.optimizer import optimizer_for
from netdsl.tasks.training.training import Training

CPU = torch.device("cpu")
NORMED = "net a { input 1x6x6 C3-4 B R C3-4 B R G F2 }"
PLAIN = "net a { input 1x6x6 C3-4 R C3-4 R F2 }"


def trained(text, data, engine=None, **method):
    module = netdsl.compile(text)
    given = {"epochs": 2, "batch": 50, **method}
    run = Training(module, data, Normalization.of(data.train_images), Method(**given), engine=engine or Engine(CPU))
    rows = list(run.epochs())
    return module, rows


def same(one, two):
    return all(torch.equal(a, b) for a, b in zip(one.state_dict().values(), two.state_dict().values(), strict=True))


def test_convolutions_over_two_axes_run_channels_last():
    engine = Engine(CPU)
    module = engine.place(netdsl.compile(NORMED))
    assert module.conv2.weight.is_contiguous(memory_format=torch.channels_last)
    x = engine.images(torch.randn(2, 1, 6, 6))
    assert x.is_contiguous(memory_format=torch.channels_last)
    seen = []
    module.conv2.register_forward_hook(lambda layer, given, y: seen.append(y))
    engine.trained(module)(x)
    assert seen[0].is_contiguous(memory_format=torch.channels_last)


def test_sequences_and_videos_stay_as_they_are():
    for text in ("net a { input 2x65 C3-4 R G F2 }", "net a { input 2x4x8x8 C3-4 R G F2 }"):
        engine = Engine(CPU)
        module = engine.place(netdsl.compile(text))
        assert module.conv1.weight.is_contiguous()
        x = torch.randn(2, *netdsl.lowering.network_of(module).input.shape)
        assert engine.trained(module)(engine.images(x)).shape == (2, 2)


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
@pytest.mark.parametrize("more", [{}, {"ema": 0.9}, {"accumulate": 3}])
def test_equal_seeds_equal_weights(bright_or_dark, precision, more):
    one, two = (trained(NORMED, bright_or_dark, Engine(CPU, precision), seed=1, **more)[0] for _ in range(2))
    assert same(one, two)


def test_bf16_learns_and_keeps_weights_in_float32(bright_or_dark):
    seen = []
    module = netdsl.compile(NORMED)
    module.conv2.register_forward_hook(lambda layer, given, y: seen.append(y.dtype))
    method = Method(epochs=4, batch=25)
    run = Training(
        module, bright_or_dark, Normalization.of(bright_or_dark.train_images), method, engine=Engine(CPU, "bf16")
    )
    rows = list(run.epochs())
    assert set(seen) == {torch.bfloat16}
    assert {p.dtype for p in module.parameters()} == {torch.float32}
    assert rows[-1].train_loss < rows[0].train_loss
    assert rows[-1].test_error == 0


def test_losses_are_in_float32():
    engine = Engine(CPU, "bf16")
    module = engine.place(netdsl.compile("googlenet", input=(3, 96, 96)).train())
    main, heads = engine.trained(module)(engine.images(torch.randn(2, 3, 96, 96)))
    assert {y.dtype for y in (main, *heads.values())} == {torch.float32}


def test_auto_is_full_precision_on_a_processor():
    assert precision_on(CPU, "auto") == "fp32"
    with pytest.raises(DiagnosticsError) as caught:
        precision_on(CPU, "fp8")
    assert caught.value.diagnostics[0].code == "NET527"


def test_a_device_that_is_not_there():
    assert device_of("cpu") == CPU
    with pytest.raises(DiagnosticsError) as caught:
        device_of("cuda:99")
    assert caught.value.diagnostics[0].code == "NET580"
    assert "cpu" in caught.value.diagnostics[0].expected


def test_no_compiler_for_compile(monkeypatch):
    monkeypatch.setenv("CXX", "no-such-compiler")
    with pytest.raises(DiagnosticsError) as caught:
        Engine(CPU, compile=True).trained(netdsl.compile(PLAIN))
    assert caught.value.diagnostics[0].code == "NET581"


@pytest.mark.slow
def test_compiled_gives_the_same_up_to_rounding():
    torch.manual_seed(0)
    module = netdsl.compile(NORMED).train()
    x = torch.randn(8, 1, 6, 6)
    engine = Engine(CPU, compile=True)
    plain, fast = Engine(CPU).trained(module)(x), engine.trained(engine.place(module))(engine.images(x))
    torch.testing.assert_close(plain, fast, rtol=1e-4, atol=1e-5)


@pytest.mark.slow
def test_compiled_within_a_budget():
    """What is computed again runs as it is between compiled parts: the same outputs and gradients.

    Compiled norms round in another way, which opens or closes a ReLU or two: a few thousandths of a gradient.
    """
    torch.manual_seed(0)
    module = netdsl.compile("net x { input 3x16x16 C3-16 residual { B R C3-16 B R C3-16 }*4 G F2 }").train()
    network, images = network_of(module), 16
    budget = int(0.8 * peak_bytes(plain(network), images))
    x = torch.randn(images, 3, 16, 16)
    found = []
    for engine in (Engine(CPU), Engine(CPU, compile=True, memory_budget=budget)):
        engine.place(module)
        y = engine.trained(module, images=images)(engine.images(x))
        found.append([y, *torch.autograd.grad(y.square().mean(), module.parameters())])
    for eager, compiled in zip(*found, strict=True):
        assert (eager - compiled).norm() < 0.02 * eager.norm()


@pytest.mark.parametrize("count", [1, 2, 3, 5, 7])
def test_parts_of_a_batch(count):
    batch = Batch(torch.arange(12).view(12, 1, 1, 1).byte(), torch.arange(12), torch.arange(48).view(12, 4))
    parts = list(batch.parts(count))
    assert len(parts) == min(count, 6)
    assert min(map(len, parts)) >= 2
    assert max(map(len, parts)) - min(map(len, parts)) <= 1
    assert torch.equal(torch.cat([part.images for part in parts]), batch.images)
    assert torch.equal(torch.cat([part.labels for part in parts]), batch.labels)
    assert torch.equal(torch.cat([part.boxes for part in parts]), batch.boxes)
    assert next(Batch(batch.images[:1], batch.labels[:1]).parts(4)).boxes is None


@pytest.mark.parametrize("count", [2, 3, 4])
def test_the_gradient_of_the_parts_is_that_of_the_batch(bright_or_dark, count):
    """Before the step, number by number; 50 images do not part into 3 or 4 equal ones."""

    def gradients(count):
        torch.manual_seed(0)
        method = Method(accumulate=count, batch=50, epochs=1, clip_gradient=1e9)
        module = netdsl.compile(PLAIN)
        run = Training(
            module, bright_or_dark, Normalization.of(bright_or_dark.train_images), method, engine=Engine(CPU)
        )
        seen = []
        run.stepper.update = lambda: seen.append([p.grad.clone() for p in module.parameters()])
        run.one_batch(Batch(bright_or_dark.train_images[:50], bright_or_dark.train_labels[:50]))
        return seen[0]

    for whole, parts in zip(gradients(1), gradients(count), strict=True):
        assert (whole - parts).abs().max() <= 1e-6 * max(1, whole.abs().max())


def test_accumulation_changes_nothing_but_rounding(bright_or_dark):
    one, rows = trained(PLAIN, bright_or_dark, optimizer=Sgd(0.01))
    two, again = trained(PLAIN, bright_or_dark, optimizer=Sgd(0.01), accumulate=4)
    for a, b in zip(one.parameters(), two.parameters(), strict=True):
        torch.testing.assert_close(a, b, rtol=1e-4, atol=1e-6)
    assert again[-1].train_loss == pytest.approx(rows[-1].train_loss, rel=1e-5)
    assert again[-1].train_error == rows[-1].train_error


def test_a_step_is_that_of_plain_torch(bright_or_dark):
    """The engine's form, layout and gradient against a loop by hand on the plain module."""
    fast, rows = trained(NORMED, bright_or_dark, epochs=1, batch=150, weight_decay=0.0, optimizer=Sgd(0.1, 0.0, False))
    torch.manual_seed(0)
    plain = netdsl.compile(NORMED)
    from netdsl.tasks.learning.initialize import initialize

    torch.manual_seed(0)
    initialize(plain, Method().init)
    x = Normalization.of(bright_or_dark.train_images)(bright_or_dark.train_images)
    loss = cross_entropy(plain.train()(x), bright_or_dark.train_labels)
    for p, g in zip(plain.parameters(), torch.autograd.grad(loss, list(plain.parameters())), strict=True):
        p.data -= 0.1 * g
    assert rows[0].train_loss == pytest.approx(loss.item(), rel=1e-5)
    for a, b in zip(fast.parameters(), plain.parameters(), strict=True):
        torch.testing.assert_close(a, b, rtol=1e-3, atol=1e-5)


def test_a_budget_changes_no_bit(bright_or_dark):
    """With dropout, batch norm and mean weights."""
    text = "net a { input 1x6x6 C3-4 residual { B R C3-4 D.5 B R C3-4 } residual { B R C3-4 B R C3-4 } G F2 }"
    network = netdsl.compile_network(text)
    lowest = within(network, 50, 0, 2)
    one, rows = trained(text, bright_or_dark, ema=0.9)
    two, again = trained(text, bright_or_dark, Engine(CPU, memory_budget=lowest), ema=0.9)
    assert within(network, 50, lowest, 2).segments
    assert same(one, two)
    assert [row.train_loss for row in rows] == [row.train_loss for row in again]


def test_a_budget_that_nothing_fits(bright_or_dark):
    with pytest.raises(DiagnosticsError) as caught:
        trained(NORMED, bright_or_dark, Engine(CPU, memory_budget=1000))
    found = caught.value.diagnostics[0]
    assert found.code == "NET582"
    assert "KiB" in found.found and "50 images" in found.expected


def test_what_the_optimizer_keeps_of_a_weight():
    for made in (Sgd(), Sgd(0.1, 0.0, False), Adam(), Adagrad(), Adadelta(), RmsProp(), RmsProp(momentum=0.9)):
        layer = torch.nn.Linear(20, 30, bias=False)
        method = Method(optimizer=made)
        optimizer = optimizer_for(layer, method)
        layer(torch.randn(2, 20)).sum().backward()
        optimizer.step()
        numbers = sum(t.numel() for t in optimizer.state[layer.weight].values() if torch.is_tensor(t) and t.dim())
        assert numbers == 600 * numbers_per_weight(method), made
    assert numbers_per_weight(Method(ema=0.9)) == 2
