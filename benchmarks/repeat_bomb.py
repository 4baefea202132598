"""A net of a trillion layers in one line is refused by the limit before any of it is laid out."""

from measure import NETDSL, Figure, alone, show

BOMB = "((((C3-8 R)*1000)*1000)*1000)*1000"
MOST_CPU, MOST_PEAK = 0.3, 50


def figures() -> list[Figure]:
    found = alone([NETDSL, "summarize", BOMB, "--input", "3x32x32"], expected_status=1)
    return [
        Figure(
            f"`summarize '{BOMB}'` is refused, CPU",
            f"under {MOST_CPU} s",
            f"{found.cpu:.3f} s",
            found.cpu < MOST_CPU,
        ),
        Figure("the same, peak memory", f"under {MOST_PEAK} MiB", f"{found.peak:.1f} MiB", found.peak < MOST_PEAK),
    ]


if __name__ == "__main__":
    show(figures)
