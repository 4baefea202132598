"""The static estimate: by hand, against what torch allocates, and against whole processes."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from torch.nn.functional import cross_entropy
from torch.profiler import profile

from netdsl.compiler import compile_network
from netdsl.geometry import FeatureMap
from netdsl.lowering import to_torch
from netdsl.lowering.training_form import training_form
from netdsl.planning.budget import within
from netdsl.planning.form import plain
from netdsl.planning.peak import passes_bytes, peak_bytes

ROOT = Path(__file__).parents[2]


def test_a_small_net_by_hand():
    """Backward of the ReLU, which writes over the convolution's output: that and two gradients of its size."""
    network = compile_network("net a { input 1x8x8 C3-4 R G F2 }")
    image, maps, scores = (4 * numbers for numbers in (64, 4 * 64, 2))
    linear = 4 * 10
    assert passes_bytes(plain(network), 1) == image + maps + 2 * maps + scores + linear
    assert passes_bytes(plain(network), 100) == 100 * (image + maps + 2 * maps + scores) + linear


def test_the_optimizers_numbers_count():
    network = compile_network("resnet")
    peaks = [peak_bytes(plain(network), 4, numbers) for numbers in (0, 1, 2)]
    assert peaks[1] - peaks[0] == peaks[2] - peaks[1] == 4 * network.params


def allocated(network, images, form):
    """The most that torch has allocated in a step, over what there was before it; on the CPU, channels last."""
    torch.set_num_threads(1)
    module = to_torch(network).train().to(memory_format=torch.channels_last)
    run = training_form(module, form)
    x = torch.randn(images, *network.input.shape).contiguous(memory_format=torch.channels_last)
    labels = torch.zeros(images, dtype=torch.long)

    def step():
        cross_entropy(run(x), labels).backward()
        for parameter in module.parameters():
            parameter.grad = None

    step()
    with profile(profile_memory=True) as profiled:
        step()
    found = profiled.profiler.kineto_results.events()
    events = sorted((event.start_ns(), event.nbytes()) for event in found if event.name() == "[memory]")
    total = peak = 0
    for _, size in events:
        total += size
        peak = max(peak, total)
    return peak + x.nbytes


@pytest.mark.parametrize("again", [False, True])
@pytest.mark.parametrize(
    ("net", "parameters", "size"),
    [
        ("resnet", {}, (3, 32, 32)),
        ("densenet", {"depth": 22, "bottleneck": True, "theta": 0.5}, (3, 32, 32)),
        ("densenet", {"depth": 13, "drop": 0.2}, (3, 32, 32)),
        ("nin", {}, (3, 32, 32)),
        ("googlenet.net:googlenet_plain", {}, (3, 64, 64)),
        ("mobilenet_v2", {}, (3, 64, 64)),
    ],
)
def test_what_torch_allocates(net, parameters, size, again):
    """As it is, and with all computed again that can be."""
    network, images = compile_network(net, parameters, FeatureMap(size[0], size[1:])), 24
    form = plain(network)
    if again:
        lowest = within(network, 1000, 0)
        assert isinstance(lowest, int)
        form = within(network, 1000, lowest)
    assert passes_bytes(form, images) == pytest.approx(allocated(network, images, form), rel=0.15 if again else 0.05)


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="only Linux tells a process's largest size")
@pytest.mark.parametrize("name", ["ResNet-20", "DenseNet-BC-(100,12)", "VGG-16 (32x32)", "NiN", "GoogLeNet (64x64)"])
def test_what_a_process_grows_by(name):
    """Two steps in a fresh process. The aim is 15 %; the slack is for other machines' libraries."""
    command = [sys.executable, str(ROOT / "benchmarks" / "training_memory.py"), "--child", name, "1", "2"]
    environment = {**os.environ, "MALLOC_MMAP_THRESHOLD_": str(2**17)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    assert found["estimate"] == pytest.approx(found["growth"], rel=0.25)
