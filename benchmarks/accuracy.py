"""Accuracies of finished runs, read from docs/results: nothing is trained here. `netdsl train` made them."""

import csv

from measure import REPOSITORY, Figure, show

TARGETS = {("baseline", "mnist", 3): 0.988, ("baseline", "mnist", 30): 0.993}
RESULTS = REPOSITORY / "docs" / "results"


def figures() -> list[Figure]:
    import yaml

    found = []
    for path in sorted(RESULTS.glob("*/metrics.csv")):
        config = yaml.safe_load((path.parent / "config.yaml").read_text("utf-8"))
        with path.open(newline="") as file:
            epochs = list(csv.DictReader(file))
        last = epochs[-1]
        net, data = config["net"]["name"], config["data"]["name"]
        accuracy = 1 - float(last["test_error"])
        target = TARGETS.get((net, data, int(last["epoch"])))
        minutes = sum(float(epoch["seconds"]) for epoch in epochs) / 60
        where = f"[{path.parent.name}](results/{path.parent.name}/metrics.csv)"
        found.append(
            Figure(
                f"accuracy of {net} on the test images of {data}, {len(epochs)} epochs ({where})",
                "none" if target is None else f"at least {target:.1%}",
                f"{accuracy:.2%} in {minutes:.1f} minutes, seed {config['seed']}",
                None if target is None else accuracy >= target,
            )
        )
    return found


if __name__ == "__main__":
    show(figures)
