"""Frozen parts and parts with learning rates of their own."""

import copy

import pytest
import torch
from torch import nn

from netdsl import compile as compile_net
from netdsl.compiler import compile_network
from netdsl.data import Normalization
from netdsl.diagnostics import DiagnosticsError
from netdsl.modules.synced_norm import SyncedBatchNorm, synchronize_norms
from netdsl.recipes.inits import He
from netdsl.recipes.method import Method
from netdsl.recipes.optimizers import Adam, Sgd
from netdsl.recipes.schedules import Constant
from netdsl.tasks.learning.initialize import initialize
from netdsl.tasks.learning.optimizer import optimizer_for, set_lr
from netdsl.tasks.learning.parts import Frozen, check_parts
from netdsl.tasks.training.training import Training

NET = "net n { input 1x6x6  (C3-4 B R D.2) @one  (C3-5 B R) @two  G F2 }"


def trained(data, **method):
    """The module as it begins, and after two epochs."""
    module = compile_net(NET)
    torch.manual_seed(0)
    initialize(module, He())
    before = copy.deepcopy(module.state_dict())
    used = Method(**{"epochs": 2, "batch": 16, "optimizer": Sgd(0.05), **method})
    rows = list(Training(module, data, Normalization.of(data.train_images), used).epochs())
    return before, module.state_dict(), rows


def changed(before, after):
    return {name for name in before if not torch.equal(before[name], after[name])}


@pytest.mark.parametrize("more", [{}, {"ema": 0.5}, {"optimizer": Adam(0.01), "clip_gradient": 0.1}])
def test_what_is_frozen_stays_to_the_bit(bright_or_dark, more):
    before, after, _ = trained(bright_or_dark, freeze="@one", **more)
    kept = {name for name in before if name.startswith("one.")}
    assert {"one.conv1.weight", "one.batch_norm1.running_mean", "one.batch_norm1.num_batches_tracked"} <= kept
    assert changed(before, after) == before.keys() - kept


def test_without_it_everything_moves(bright_or_dark):
    before, after, _ = trained(bright_or_dark)
    assert changed(before, after) == before.keys()


def test_a_frozen_norm_uses_its_statistics_while_training():
    module = compile_net(NET)
    frozen = Frozen(module, "one.batch_norm1")
    module.train()
    frozen.hold()
    norms = {name: layer.training for name, layer in module.named_modules() if isinstance(layer, nn.BatchNorm2d)}
    assert norms == {"one.batch_norm1": False, "two.batch_norm1": True}
    assert module.get_submodule("one.dropout1").training
    assert {n for n, p in module.named_parameters() if not p.requires_grad} == {
        n for n, _ in module.named_parameters() if n.startswith(("one.conv1", "one.batch_norm1"))
    }


def test_norms_over_several_processes_stay_as_well():
    """They take the places of the others after the part was frozen."""
    module = compile_net(NET)
    frozen = Frozen(module, "@one")
    synchronize_norms(module)
    module.train()
    frozen.hold()
    norms = {name: layer.training for name, layer in module.named_modules() if isinstance(layer, SyncedBatchNorm)}
    assert norms == {"one.batch_norm1": False, "two.batch_norm1": True}


def test_rates_by_part_are_those_of_torchs_groups(bright_or_dark):
    """The same steps with groups made by hand, weight decay for matrices only."""
    method = Method(
        Sgd(0.1, 0.9, True),
        weight_decay=0.01,
        decay_norms=False,
        lr_scale=(("@two", 0.5), ("two.conv1", 0.1), ("linear1", 3)),
    )
    ours, theirs = compile_net(NET), compile_net(NET)
    theirs.load_state_dict(ours.state_dict())
    rates = {"two.batch_norm1": 0.5, "two.conv1": 0.1, "linear1": 3}
    groups = [
        {
            "params": [p],
            "lr": 0.02 * rates.get(name.rpartition(".")[0], 1),
            "weight_decay": 0.01 if p.dim() > 1 else 0,
        }
        for name, p in theirs.named_parameters()
    ]
    by_hand = torch.optim.SGD(groups, momentum=0.9, nesterov=True)
    optimizer = optimizer_for(ours, method)
    x = Normalization.of(bright_or_dark.train_images)(bright_or_dark.train_images[:20])
    for _ in range(3):
        set_lr(optimizer, 0.02)
        for module, one in ((ours, optimizer), (theirs, by_hand)):
            one.zero_grad()
            torch.manual_seed(0)
            nn.functional.cross_entropy(module(x), bright_or_dark.train_labels[:20]).backward()
            one.step()
    for p, q in zip(ours.parameters(), theirs.parameters(), strict=True):
        assert torch.equal(p, q)


def test_the_epochs_rate_is_the_common_one(bright_or_dark):
    _, _, rows = trained(bright_or_dark, lr_scale=(("@one", 0.1),), epochs=1, schedule=Constant())
    assert rows[0].lr == 0.05


def test_everything_frozen():
    network = compile_network(NET)
    with pytest.raises(DiagnosticsError) as caught:
        check_parts(network, Method(freeze="linear1"))
    assert [d.code for d in caught.value.diagnostics] == ["NET543"]
    check_parts(network, Method(freeze="@two"))


@pytest.mark.parametrize("method", [Method(freeze="@three"), Method(lr_scale=(("@three", 0.1),))])
def test_a_part_that_is_not_there(method):
    with pytest.raises(DiagnosticsError) as caught:
        check_parts(compile_network(NET), method)
    assert [d.code for d in caught.value.diagnostics] == ["NET209"]


def test_parts_of_a_module_that_has_no_names():
    with pytest.raises(TypeError, match="compiled"):
        Frozen(nn.Linear(2, 2), "@one")
