"""Invariant: the router picks what a scan of its routes, one by one in the order written, would pick."""

from __future__ import annotations

import re
from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from clearway.plug import Conn, Route, Router, forward, route
from clearway.testing import conn

WORDS = st.sampled_from(["a", "b", "v1", "v2", "a.json", "é"])
SEGMENTS = st.one_of(WORDS, st.sampled_from([":p", "v:p", ":p.json", ":q"]))
GLOBS = st.sampled_from(["", "/*rest"])
METHODS = st.sampled_from(["GET", "POST", "PUT", "HEAD"])
HOSTS = st.sampled_from(["a.test", "b.test", "sub.a.test"])
VERSIONS = st.sampled_from([None, "1", "2"])


@dataclass(frozen=True)
class Row:
    """A route as its user writes it."""

    path: str
    methods: tuple[str, ...]
    host: str | None
    headers: tuple[tuple[str, str | None], ...]
    is_forward: bool

    def is_writable(self) -> bool:
        names = re.findall(r"[:*](\w+)", self.path)
        return len(names) == len(set(names)) and not (self.is_forward and "*" in self.path)

    def build(self, order: int) -> Route:
        def mark(conn: Conn) -> Conn:
            return conn.assign("order", order).assign("inside", conn).halt()

        if self.is_forward:
            return forward(self.path, mark, host=self.host)
        return route(self.methods, self.path, mark, host=self.host, headers=dict(self.headers))


@dataclass(frozen=True)
class Asked:
    """A request."""

    method: str
    segments: tuple[str, ...]
    host: str
    version: str | None


paths = st.builds(
    lambda parts, glob: "/" + "/".join(parts) + glob if parts else glob or "/",
    st.lists(SEGMENTS, max_size=3),
    GLOBS,
)
rows = st.builds(
    Row,
    path=paths,
    methods=st.lists(METHODS, min_size=1, max_size=2).map(tuple) | st.just(("*",)),
    host=st.none() | HOSTS | st.just("*.a.test"),
    headers=st.just(()) | VERSIONS.map(lambda version: (("x-version", version),)),
    is_forward=st.booleans(),
).filter(Row.is_writable)
requests = st.builds(Asked, METHODS, st.lists(WORDS, max_size=4).map(tuple), HOSTS, VERSIONS)


# The oracle: templates become regular expressions, and the first row that says yes is taken.


def expression(row: Row) -> str:
    parts = []
    for word in [part for part in row.path.split("/") if part]:
        if word.startswith("*"):
            parts.append(f"(?P<{word[1:]}>(?:/[^/]+)*)")
        else:
            parts.append("/" + re.sub(r":([a-z]+)", r"(?P<\1>[^/]+)", word.replace(".", r"\.")))
    return "".join(parts) + ("(?:/[^/]+)*" if row.is_forward else "")


def fits_all_but_method(row: Row, asked: Asked) -> re.Match[str] | None:
    if row.host is not None and not (
        asked.host.endswith(row.host[1:]) if row.host.startswith("*") else asked.host == row.host
    ):
        return None
    if not row.is_forward and any(asked.version != value for _, value in row.headers):
        return None
    return re.fullmatch(expression(row), "".join(f"/{segment}" for segment in asked.segments))


def scan(table: list[Row], asked: Asked) -> tuple[object, object]:
    """Return the first row's number and params, or the status and the methods that are allowed."""
    allowed: set[str] = set()
    for order, row in enumerate(table):
        found = fits_all_but_method(row, asked)
        if found is None:
            continue
        methods = {*row.methods, "HEAD"} if "GET" in row.methods else set(row.methods)
        if row.is_forward or "*" in methods or asked.method in methods:
            return order, {name: value.removeprefix("/") for name, value in found.groupdict().items()}
        allowed |= methods
    return (405, ", ".join(sorted(allowed))) if allowed else (404, None)


def ask(table: list[Row], asked: Asked) -> Conn:
    target = "/" + "/".join(asked.segments).replace("é", "%C3%A9")
    headers = {} if asked.version is None else {"x-version": asked.version}
    router = Router(*[row.build(order) for order, row in enumerate(table)])
    done = router(conn(asked.method, target, host=asked.host, headers=headers))
    assert isinstance(done, Conn)
    return done


@given(st.lists(rows, max_size=8), requests)
def test_the_router_is_a_linear_scan(table: list[Row], asked: Asked) -> None:
    done = ask(table, asked)

    if (order := done.assigns.get("order")) is not None:
        assert (order, done.assigns["inside"].params) == scan(table, asked)
    else:
        assert (done.status, done.resp_headers.get("allow")) == scan(table, asked)


@given(st.lists(rows, min_size=1, max_size=4), requests)
def test_a_forward_hides_what_it_consumed_and_gives_it_back(table: list[Row], asked: Asked) -> None:
    done = ask(table, asked)

    inside = done.assigns.get("inside", done)
    assert inside.script_name + inside.path_info == asked.segments
    assert (done.script_name, done.path_info) == ((), asked.segments)
