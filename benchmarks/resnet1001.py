"""The 1001-layer pre-activation ResNet as a whole process, against torch on the meta device and torchinfo."""

from measure import NETDSL, Figure, ratio, script, show, side_by_side

MOST_CPU, MOST_PEAK, MOST_LINES = 0.3, 60, 40
PARAMS = "10,327,706"


def figures() -> list[Figure]:
    ours_command = [NETDSL, "summarize", "nets/resnet.net", "--set", "n=111", "--set", "bottleneck=true"]
    found = side_by_side({"netdsl": ours_command, "torchinfo": script("torchinfo_resnet1001.py")}, rounds=5)
    ours, theirs = found["netdsl"], found["torchinfo"]
    assert PARAMS in ours.output
    assert PARAMS in theirs.output
    lines, their_lines = (len(m.output.rstrip().splitlines()) for m in (ours, theirs))
    return [
        Figure(
            "`summarize nets/resnet.net --set n=111 --set bottleneck=true` (1001 layers), CPU",
            f"under {MOST_CPU} s",
            f"{ours.cpu:.3f} s (torchinfo: {theirs.cpu:.2f} s, ratio {ratio(ours, theirs):.3f})",
            ours.cpu < MOST_CPU,
        ),
        Figure(
            "the same, peak memory",
            f"under {MOST_PEAK} MiB",
            f"{ours.peak:.1f} MiB (torchinfo: {theirs.peak:.0f} MiB)",
            ours.peak < MOST_PEAK,
        ),
        Figure(
            "the same, lines of output",
            f"under {MOST_LINES}",
            f"{lines} (torchinfo: {their_lines:,})",
            lines < MOST_LINES,
        ),
    ]


if __name__ == "__main__":
    show(figures)
