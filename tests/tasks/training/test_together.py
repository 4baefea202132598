"""Two processes that train one net: the numbers of one process, and an end with a message when one is killed."""

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from netdsl.tasks.engine.world import World
from netdsl.tasks.runs.state_file import read_state

STEPS = """
import json, sys
import torch
import netdsl
from netdsl.data import Normalization, synthetic
from netdsl.recipes.method import Init, Method
from netdsl.recipes.optimizers import Sgd
from netdsl.recipes.augmentations import Flip, PadCrop
from netdsl.tasks.engine.engine import Engine
from netdsl.tasks.training.training import Training
from netdsl.tasks.engine.world import world_of

net, rate, double, out = sys.argv[1:]
losses = []

class Double(Engine):
    def images(self, x):
        return x.double()

class Watched(Training):
    def one_batch(self, batch):
        before = self.totals.clone()
        super().one_batch(batch)
        losses.append((self.world.sum(self.totals - before)[0] / len(batch)).item())

data = synthetic.shapes(20 * 16, 10)
method = Method(optimizer=Sgd(float(rate)), batch=16, epochs=1, seed=1, augment=(PadCrop(4), Flip()))
with world_of("cpu") as world:
    torch.manual_seed(0)
    module, engine = netdsl.compile(net), None
    if double == "double":
        module, engine = module.double(), Double()
    training = Watched(module, data, Normalization.of(data.train_images), method, engine=engine, world=world)
    (epoch,) = training.epochs()
    if world.first:
        open(out, "w").write(json.dumps([*losses, epoch.train_loss, epoch.train_error, epoch.test_loss]))
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("net", "rate", "double", "rounding"),
    [
        ("input 3x32x32 C3-8 R P C3-16 R P F32 R F10", "0.05", "single", 1e-5),
        ("resnet", "0.0005", "single", 1e-4),
        ("resnet", "0.05", "double", 1e-6),
    ],
    ids=["no norms", "ResNet-20, synchronized norms", "the same at a high rate, where roundings grow tenfold a step"],
)
def test_two_processes_have_the_losses_of_one(tmp_path, net, rate, double, rounding):
    (tmp_path / "steps.py").write_text(STEPS)
    if " " in net:
        (tmp_path / "x.net").write_text(f"net x {{ {net} }}")
        net = str(tmp_path / "x.net")
    found = []
    launcher = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    for words in ([], launcher):
        command = [sys.executable, *words, "steps.py", net, rate, double, "losses.json"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=600)
        assert done.returncode == 0, done.stderr
        found.append(json.loads((tmp_path / "losses.json").read_text()))
    alone, together = found
    assert len(alone) == 23
    assert max(abs(a - b) for a, b in zip(alone, together, strict=True)) <= rounding
    assert alone[0] != alone[19]


def member(rank, port, folder, *words):
    who = {"RANK": str(rank), "LOCAL_RANK": str(rank), "WORLD_SIZE": "2"}
    where = {"MASTER_ADDR": "localhost", "MASTER_PORT": str(port), "NETDSL_CACHE": str(folder / "cache")}
    return subprocess.Popen(
        [sys.executable, "-m", "netdsl", "train", *words],
        env=os.environ | who | where,
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def free_port():
    with socket.socket() as found:
        found.bind(("localhost", 0))
        return found.getsockname()[1]


def pair(folder, *words):
    port = free_port()
    return [member(rank, port, folder, *words) for rank in range(2)]


TRAIN = ["C3-8 B R D.3 P C3-8 R P F10", "--data", "shapes", "--subset", "320", "--batch", "32", "--out", "run"]


def until_an_epoch_is_over(process):
    for line in process.stderr:
        if line.startswith("epoch "):
            return
    raise AssertionError("the process ended before an epoch was over")


@pytest.mark.slow
@pytest.mark.parametrize("killed", [0, 1])
def test_when_one_is_killed_the_other_ends_with_a_message(tmp_path, killed):
    processes = pair(tmp_path, *TRAIN, "--epochs", "100000")
    until_an_epoch_is_over(processes[0])
    processes[killed].send_signal(signal.SIGKILL)
    _, said = processes[1 - killed].communicate(timeout=120)
    assert processes[1 - killed].returncode == 1
    assert "error[NET576]: another process of this run is gone" in said
    state, damaged = read_state(tmp_path / "run")
    assert state is not None and not damaged
    processes[killed].communicate()


@pytest.mark.slow
def test_stopped_together_and_resumed_to_the_same_numbers(tmp_path):
    """One of the two is asked to stop; both do. Dropout has another stream of chances in each."""
    ends = {}
    for name in ("whole", "parts"):
        folder = tmp_path / name
        folder.mkdir()
        words = [*TRAIN, "--epochs", "6", "--deterministic"]
        processes = pair(folder, *words)
        if name == "parts":
            until_an_epoch_is_over(processes[0])
            processes[1].send_signal(signal.SIGTERM)
            codes = [process.wait(timeout=120) for process in processes]
            assert codes == [143, 143]
            processes = pair(folder, "--resume", "run")
        for process in processes:
            _, said = process.communicate(timeout=300)
            assert process.returncode == 0, said
        rows = [line.split(",")[:6] for line in (folder / "run" / "metrics.csv").read_text().splitlines()]
        ends[name] = rows, (folder / "run" / "model.safetensors").read_bytes()
    assert len(ends["whole"][0]) == 7
    assert ends["whole"] == ends["parts"]


@pytest.mark.slow
def test_a_batch_in_parts_has_as_many_in_each_process(tmp_path):
    """39 images in batches of 16: the last 7 are 4 and 3, which by themselves would make two parts and one."""
    small = [word if word != "320" else "39" for word in TRAIN]
    processes = pair(tmp_path, *small, "--epochs", "2", "--batch", "16", "--accumulate", "4")
    for process in processes:
        _, said = process.communicate(timeout=300)
        assert process.returncode == 0, said


@pytest.mark.slow
def test_devices_starts_the_processes(tmp_path):
    words = [*TRAIN, "--epochs", "1", "--devices", "2"]
    done = subprocess.run(
        [sys.executable, "-m", "netdsl", "train", *words],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        env=os.environ | {"NETDSL_CACHE": str(tmp_path / "cache")},
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("test error") == 1 and done.stderr.count("epoch 1/1") == 1
    assert (tmp_path / "run" / "result.json").exists()
    again = subprocess.run(
        [sys.executable, "-m", "netdsl", "train", *words], cwd=tmp_path, capture_output=True, text=True, timeout=300
    )
    assert again.returncode == 1
    assert again.stderr.count("error[NET550]") == 1 and "Traceback" not in again.stderr


@pytest.mark.parametrize(("count", "size"), [(64, 2), (7, 3), (2, 4), (5, 5)])
def test_the_shares_are_the_batch_in_its_order(count, size):
    images = torch.arange(count)
    parts = [images[World(rank, size).share(count)] for rank in range(size)]
    assert torch.equal(torch.cat(parts), images)
    assert max(map(len, parts)) - min(map(len, parts)) <= 1


def test_one_process_is_a_world_too():
    alone = World()
    assert alone.any(0, 3, True) == [0, 3, 1]
    assert alone.told(Path("x")) == Path("x")
    assert torch.equal(alone.sum(torch.ones(2)), torch.ones(2))
    assert alone.share(9) == slice(0, 9)
