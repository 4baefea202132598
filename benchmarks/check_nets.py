"""`netdsl check` of all bundled nets in one process."""

from measure import NETDSL, REPOSITORY, Figure, alone, show

MOST_CPU = 1.5  # seconds, for 50 files or more


def figures() -> list[Figure]:
    files = sorted(str(path.relative_to(REPOSITORY)) for path in (REPOSITORY / "nets").glob("*.net"))
    found = alone([NETDSL, "check", *files])
    name, measured = f"`check nets/*.net`, {len(files)} files, CPU", f"{found.cpu:.3f} s, {found.peak:.1f} MiB"
    return [Figure(name, f"under {MOST_CPU} s", measured, found.cpu < MOST_CPU)]


if __name__ == "__main__":
    show(figures)
