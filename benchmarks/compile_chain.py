"""CPU seconds of compiling a chain of C3-8 R pairs in a process that has compiled before. Prints the least of 5."""

import sys
import time

from netdsl.compiler import Pipeline
from netdsl.geometry import FeatureMap

INPUT = FeatureMap(3, (32, 32))


def seconds(text: str) -> float:
    start = time.process_time()
    assert Pipeline.of(text).compile(given=INPUT).network is not None
    return time.process_time() - start


if __name__ == "__main__":
    net = f"(C3-8 R)*{int(sys.argv[1]) // 2} G F10"
    seconds("(C3-8 R)*2 G F10")
    print(min(seconds(net) for _ in range(5)))
