"""All that a training is between two batches, taken out of it and put back: the same numbers come of it, to the bit."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

import torch
from torch import Tensor

from netdsl.diagnostics import fail
from netdsl.tasks.runs.metrics import Epoch
from netdsl.tasks.runs.state_file import State
from netdsl.tasks.training.training import Training

FORM = 1  # of the state file; another number is another arrangement


def state_of(training: Training) -> State:
    """Weights, statistics, the optimizer, mean weights, every random generator, the place in the data's order.

    Processes that train together ask for it at the same time; each gets that of all.
    """
    stepper, means = training.stepper, training.stepper.means
    tensors = {f"module.{name}": tensor for name, tensor in training.module.state_dict().items()}
    numbers: dict[str, Any] = {}
    for name, value in _optimizer(stepper.optimizer):
        (tensors if isinstance(value, Tensor) else numbers)[f"optimizer.{name}"] = value
    if means is not None:
        tensors |= {f"means.{name}": tensor for name, tensor in means.state_dict().items()}
    tensors |= {f"augment.{name}": tensor for name, tensor in training.augment.state_dict().items()}
    world = training.world
    tensors |= {"order": training.order_before, "totals": world.sum(training.totals.clone())}
    tensors |= {f"random.cpu.{rank}": state for rank, state in enumerate(world.gather(torch.get_rng_state()))}
    if training.engine.device.type == "cuda":
        states = world.gather(torch.cuda.get_rng_state(training.engine.device))
        tensors |= {f"random.cuda.{rank}": state for rank, state in enumerate(states)}
    facts = {
        "form": FORM,
        "epochs": [asdict(epoch) for epoch in training.history],
        "batch": training.batch,
        "spent": training.spent,
        "ended": training.ended,
        "steps": stepper.done,
        "lr": stepper.lr,
        "means": None if means is None else {"steps": means.steps, "inside": means.inside},
        "optimizer": numbers,
    }
    return tensors, facts


def restore(training: Training, state: State) -> None:
    """Errors: NET558 for a state that is not of this net, method or version; nothing is put back in part."""
    tensors, facts = state
    have, _ = state_of(training)
    fixed = {name for name in have if not name.startswith("optimizer.")}
    kept = {name for name in tensors if not name.startswith("optimizer.")}
    unlike = sorted(fixed ^ kept) or sorted(name for name in fixed if have[name].shape != tensors[name].shape)
    unlike = [name for name in unlike if not name.startswith("random.")]  # other devices, or another number of them
    if facts.get("form") != FORM or unlike:
        fail(
            "NET558",
            "the state of the run is not that of this net and method",
            expected=f"form {FORM}, with the tensors of the net",
            found=f"form {facts.get('form')}" + (f", differing in {unlike[0]} and others" if unlike else ""),
            note="it was written by another version, or config.yaml has been changed since",
        )
    stepper, means = training.stepper, training.stepper.means
    training.module.load_state_dict(_part(tensors, "module"))
    _restore_optimizer(stepper.optimizer, {**_part(tensors, "optimizer"), **_part(facts["optimizer"], "optimizer")})
    if means is not None:
        means.load_state_dict(_part(tensors, "means"), **facts["means"])
    training.augment.load_state_dict(_part(tensors, "augment"))
    training.order.set_state(tensors["order"])
    training.order_before = tensors["order"]
    if training.world.first:
        training.totals.copy_(tensors["totals"])
    training.history = [Epoch(**row) for row in facts["epochs"]]
    training.batch, training.spent, training.ended = facts["batch"], facts["spent"], facts["ended"]
    stepper.done, stepper.lr = facts["steps"], facts["lr"]
    stepper.losses = [epoch.train_loss for epoch in training.history]
    own = f"random.{{}}.{training.world.rank}"
    if own.format("cpu") in tensors:
        torch.set_rng_state(tensors[own.format("cpu")])
    if training.engine.device.type == "cuda" and own.format("cuda") in tensors:
        torch.cuda.set_rng_state(tensors[own.format("cuda")], training.engine.device)


def _optimizer(optimizer: torch.optim.Optimizer) -> Iterator[tuple[str, Any]]:
    """What it keeps of each weight, as `number of the weight.name`."""
    for number, kept in optimizer.state_dict()["state"].items():
        for name, value in kept.items():
            if value is not None:
                yield f"{number}.{name}", value


def _restore_optimizer(optimizer: torch.optim.Optimizer, values: Mapping[str, Any]) -> None:
    state: dict[int, dict[str, Any]] = {}
    weights = [weight for group in optimizer.param_groups for weight in group["params"]]
    for key, value in values.items():
        number, name = key.split(".", 1)
        weight = weights[int(number)]
        if isinstance(value, Tensor) and value.shape == weight.shape:
            value = torch.empty_like(weight).copy_(value)  # in the weight's layout
        state.setdefault(int(number), {})[name] = value
    optimizer.load_state_dict({"state": state, "param_groups": optimizer.state_dict()["param_groups"]})


def _part(values: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {key.removeprefix(f"{name}."): value for key, value in values.items() if key.startswith(f"{name}.")}
