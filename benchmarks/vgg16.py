"""`netdsl summarize nets/vgg16.net` as a whole process, against torch on the meta device and torchinfo."""

from measure import NETDSL, Figure, ratio, script, show, side_by_side

MOST, AIM, MOST_PEAK = 1 / 12, 1 / 15, 45


def figures() -> list[Figure]:
    found = side_by_side({"netdsl": [NETDSL, "summarize", "nets/vgg16.net"], "torchinfo": script("torchinfo_vgg16.py")})
    ours, theirs = found["netdsl"], found["torchinfo"]
    assert "138,357,544" in ours.output
    assert "138,357,544" in theirs.output
    share = ratio(ours, theirs)
    return [
        Figure(
            "`summarize nets/vgg16.net`, CPU against torchinfo",
            f"at most 1/12, aim {AIM:.3f} (1/15)",
            f"{share:.3f} (1/{1 / share:.1f}): {ours.cpu:.3f} s against {theirs.cpu:.2f} s",
            share <= MOST,
        ),
        Figure(
            "the same, peak memory",
            f"at most {MOST_PEAK} MiB",
            f"{ours.peak:.1f} MiB (torchinfo: {theirs.peak:.0f} MiB)",
            ours.peak <= MOST_PEAK,
        ),
    ]


if __name__ == "__main__":
    show(figures)
