"""`netdsl check` of all bundled nets in one process."""

from measure import NETDSL, REPOSITORY, Figure, alone, show


def figures() -> list[Figure]:
    files = sorted(str(path.relative_to(REPOSITORY)) for path in (REPOSITORY / "nets").glob("*.net"))
    found = alone([NETDSL, "check", *files])
    return [Figure(f"`check nets/*.net`, {len(files)} files, CPU", "none", f"{found.cpu:.3f} s, {found.peak:.1f} MiB")]


if __name__ == "__main__":
    show(figures)
