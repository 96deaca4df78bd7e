"""``derivgen serve`` beside ``derive`` in process, and under load: users who type at once."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from statistics import median, quantiles

from derivgen import derive
from derivgen.serve.examples import EXAMPLES
from tests.serve.served import NEURON, Served, served

ROUNDS = 40
USERS, EACH = 20, 15


def main() -> None:
    with served() as server:
        alone, asked = beside(server, ROUNDS)
        print(f"the neuron: derive {1000 * alone:.1f} ms, served {1000 * asked:.1f} ms, {asked / alone:.2f} times")
        times, errors = load(server, USERS, EACH)
    cuts = quantiles(times, n=100)
    print(
        f"{USERS} users at once, {len(times)} questions: median {1000 * cuts[49]:.0f} ms, p95 {1000 * cuts[94]:.0f} ms, "
        f"slowest {1000 * max(times):.0f} ms, {errors} errors"
    )


def beside(server: Served, rounds: int) -> tuple[float, float]:
    """The middle time of the neuron in process and asked of the server, in turns; no question is asked twice."""
    expression, options = NEURON
    found: list[tuple[float, float]] = []
    for k in range(-5, rounds):  # the first ones bring what is imported late
        question = f"{k + 1000}*{expression}"
        begun = time.perf_counter()
        derive(question, options["wrt"], options["where"])
        between = time.perf_counter()
        server.ask(question, options)
        found.append((between - begun, time.perf_counter() - between))
    one, other = zip(*found[5:], strict=True)
    return median(one), median(other)


def load(server: Served, users: int, each: int) -> tuple[list[float], int]:
    """The times of questions that so many users ask at once, each the next when the last is answered, and the errors."""

    def user(number: int) -> list[tuple[float, bool]]:
        told = []
        for k in range(each):
            _, expression, options = EXAMPLES[(number + k) % len(EXAMPLES)]
            begun = time.perf_counter()
            found = server.ask(f"{number * each + k + 2}*({expression})", options)
            told.append((time.perf_counter() - begun, found["verdict"] != "verified"))
        return told

    with ThreadPoolExecutor(users) as pool:
        found = [one for told in pool.map(user, range(users)) for one in told]
    return [seconds for seconds, _ in found], sum(wrong for _, wrong in found)


if __name__ == "__main__":
    main()
