"""How the time grows with the length of a net: 1,000 layers, 10,000, and the most that a layout may have."""

from statistics import median

from measure import NETDSL, Figure, alone, ratio, run, script, show, side_by_side

MOST = 12
LIMIT = 100_000


def figures() -> list[Figure]:
    shorter, longer = script("compile_chain.py", "1000"), script("compile_chain.py", "10000")
    pairs = [tuple(float(run(command).output) for command in (shorter, longer)) for _ in range(5)]
    short, long = (median(column) for column in zip(*pairs, strict=True))
    growth = median(b / a for a, b in pairs)
    whole = side_by_side({"short": _summarize(1_000), "long": _summarize(10_000)}, rounds=5)
    process_growth = ratio(whole["long"], whole["short"])
    most = LIMIT - 4  # in pairs; the input, G and F make it 99,999 nodes
    largest = alone(_summarize(most), rounds=5)
    assert f"{224 + 584 * (most // 2 - 1) + 90:,} parameters" in largest.output, "not all of it was laid out"
    run(_summarize(LIMIT), expected_status=1)
    return [
        Figure(
            "compile a chain of 10,000 layers against one of 1,000, CPU in one process",
            f"at most {MOST} times",
            f"{growth:.1f} times: {1000 * long:.0f} ms against {1000 * short:.1f} ms",
            growth <= MOST,
        ),
        Figure(
            "the same with `summarize`, whole processes",
            f"at most {MOST} times",
            f"{process_growth:.1f} times: {whole['long'].cpu:.2f} s against {whole['short'].cpu:.2f} s",
            process_growth <= MOST,
        ),
        Figure(
            "`summarize` of the largest layout, 99,999 nodes (100,002 are refused)",
            "finishes",
            f"{largest.cpu:.2f} s, {largest.peak:.0f} MiB",
            True,
        ),
    ]


def _summarize(layers: int) -> list[str]:
    return [NETDSL, "summarize", f"(C3-8 R)*{layers // 2} G F10", "--input", "3x32x32"]


if __name__ == "__main__":
    show(figures)
