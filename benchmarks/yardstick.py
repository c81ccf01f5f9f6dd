"""How fast the machine is at this moment: the same machine took twice as long for everything an hour later."""

import json
import time

_SOMETHING = {"a": [1, 2, 3] * 50, "b": {"c": "x" * 200}}


def yardstick() -> float:
    """CPU milliseconds of a fixed piece of Python, the least of five: by as much as it differs do two runs."""
    return round(min(_once() for _ in range(5)), 1)


def _once() -> float:
    began = time.process_time()
    for _ in range(3000):
        json.loads(json.dumps(_SOMETHING))
        sum(number * number for number in range(200))
    return (time.process_time() - began) * 1000
