"""What the pipeline itself costs: an empty plug, each verb of Conn, a routed request without I/O.

    python -m benchmarks.plugs

Each line is the fastest of several repetitions: what slows a pure computation down is never the computation.
"""

from __future__ import annotations

import argparse
import sys
import timeit
from collections.abc import Callable
from typing import Any

from benchmarks import rejected
from clearway.plug import Conn, Headers, Pipeline, Principal, Router, get
from clearway.testing import conn

PLUGS = 10
REPEATS = 7
REQUEST = conn("GET", "/items/7", headers={"accept": "application/json", "user-agent": "bench"})
ANSWER = REQUEST.put_resp_header("content-type", "application/json")
PRINCIPAL = Principal("bench", scheme="bearer", scopes=frozenset({"read"}), claims={})
PARAMS = {"id": "7"}


class Empty:
    """A plug that is an object, as configurable plugs are."""

    def __call__(self, conn: Conn) -> Conn:
        """Return the conn as it came."""
        return conn


def empty(conn: Conn) -> Conn:
    """Return the conn as it came."""
    return conn


def hello(conn: Conn) -> Conn:
    """Answer."""
    return conn.send_resp(200, b"hello")


VERBS: dict[str, Callable[[], object]] = {
    "Conn(...)": lambda: Conn("GET", "/items/7", headers=REQUEST.headers, host="example.org"),
    "assign": lambda: REQUEST.assign("user", 7),
    "put_private": lambda: REQUEST.put_private("user", 7),
    "put_principal": lambda: REQUEST.put_principal(PRINCIPAL),
    "put_route": lambda: REQUEST.put_route("/items/:id", PARAMS),
    "put_req_header": lambda: REQUEST.put_req_header("x-user", "bench"),
    "put_resp_header": lambda: ANSWER.put_resp_header("x-request-id", "0123456789abcdef"),
    "register_before_send": lambda: REQUEST.register_before_send(empty),
    "send_resp": lambda: REQUEST.send_resp(200, b"hello"),
    "halt": REQUEST.halt,
    "headers.get": lambda: REQUEST.headers.get("user-agent"),
    "Headers.of (3 fields)": lambda: Headers.of(("host", "h"), ("accept", "a"), ("user-agent", "u")),
}


def nanoseconds(call: Callable[[], object]) -> float:
    """Return how long one call takes at best."""
    timer = timeit.Timer(call)
    number = max(1000, timer.autorange()[0] // 10)
    return min(timer.repeat(REPEATS, number)) / number * 1e9


def per_plug(plug: Callable[[Conn], Conn], compose: Callable[..., Any] = Pipeline) -> float:
    """Return what one more plug adds to a row of plugs, in nanoseconds."""
    none, many = compose(), compose(*[plug] * PLUGS)
    return (nanoseconds(lambda: many(REQUEST)) - nanoseconds(lambda: none(REQUEST))) / PLUGS


def rows() -> list[tuple[str, float]]:
    """Measure everything."""
    nothing = Pipeline()
    router = Router(get("/health", hello), get("/items/:id", hello))
    measured = [
        ("one more plug: function", per_plug(empty)),
        ("one more plug: object", per_plug(Empty())),
        ("a pipeline without plugs", nanoseconds(lambda: nothing(REQUEST))),
        ("a router of 2 routes, then send_resp", nanoseconds(lambda: router(REQUEST))),
    ]
    measured += [(f"verb: {name}", nanoseconds(verb)) for name, verb in VERBS.items()]
    return [
        *measured,
        ("rejected: one more plug, nested closures", per_plug(empty, rejected.closures)),
        ("rejected: one more plug, generated source", per_plug(empty, rejected.generated)),
        ("rejected: a verb by dataclasses.replace", nanoseconds(rejected.replaced(REQUEST))),
    ]


def main() -> None:
    """Print the table."""
    argparse.ArgumentParser(prog="benchmarks.plugs", description=__doc__.partition("\n")[0]).parse_args()
    print(f"CPython {sys.version.split()[0]}\n\n| what | ns |\n| --- | ---: |")
    for name, cost in rows():
        print(f"| {name} | {cost:,.0f} |")


if __name__ == "__main__":
    main()
