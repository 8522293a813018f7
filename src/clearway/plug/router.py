# The router: which plug answers.
#
# Rule: the first route, in the order written, that fits method, host, path and headers is taken. A property
# test holds this against a linear scan.
#
# Theory of operation
# -------------------
# Routes hang in a tree of segments. A request walks down it, at a fork (a literal that fits, beside a param)
# both ways, and meets the routes whose literals fit; those are tried in the order they were written. So a
# request pays for the routes that look like its path, not for all.
"""The router: a plug that picks the plug that answers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from clearway.plug.conn import Conn
from clearway.plug.errors import PlugOptionError
from clearway.plug.pattern import Pattern
from clearway.plug.pipeline import Pipeline, Plug, Result, then
from clearway.plug.problem import problem

__all__ = ["Route", "Router", "forward", "get", "post", "route"]

_BELOW = "_below"  # the glob that makes a forward fit everything below its path; no param of the route
_METHOD = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")  # a token, RFC 9110 section 9.1


@dataclass(frozen=True, slots=True)
class Route:
    """One row of a router; made by `route`, `get`, `post` or `forward`.

    Attributes:
        pattern: What the path must look like.
        plug: What answers.
        methods: Methods that fit; empty for any. GET also takes HEAD.
        host: The host that fits, without port; `*.example.org` takes any subdomain; None for any.
        headers: Header values that must be equal; a value of None asks for the header's absence.
        label: What metrics and logs call the route; by default the path as written, below the paths of the
            forwards around it.
        named: Whether `label` was given, and so stands alone.
        mount: Number of leading segments to hide from `plug` (`forward`).
    """

    pattern: Pattern
    plug: Plug
    methods: frozenset[str]
    host: str | None
    headers: Mapping[str, str | None]
    label: str
    named: bool
    mount: int | None = None

    def takes(self, conn: Conn) -> bool:
        """Tell whether host and headers fit."""
        if self.host is not None and not _host_fits(self.host, conn.host):
            return False
        return not self.headers or all(conn.headers.get(k) == v for k, v in self.headers.items())


def route(
    methods: Iterable[str] | str,
    path: str,
    *plugs: Plug,
    host: str | None = None,
    headers: Mapping[str, str | None] | None = None,
    name: str | None = None,
) -> Route:
    """Return a route for `methods` (a method, several, or "*" for any) and the pattern `path`.

        route(["PUT", "PATCH"], "/orders/:id", require_auth, update_order)

    The route's params are in `conn.params`, its template in `conn.route`.
    """
    if not plugs:
        raise PlugOptionError(f"route {path!r} has nothing to call")
    return Route(
        Pattern.compile(path),
        Pipeline(*plugs),  # of one plug, too: it keeps the conn with route and params for when the plug fails
        _method_set(methods, path),
        host and host.lower(),
        headers or {},
        name or path,
        name is not None,
    )


def _method_set(methods: Iterable[str] | str, path: str) -> frozenset[str]:
    wanted = [methods] if isinstance(methods, str) else list(methods)
    for method in wanted:
        if not _METHOD.fullmatch(method):
            raise PlugOptionError(f"route {path!r}: {method!r} is not a method", hint='as in ["GET", "POST"]')
    if not wanted:
        raise PlugOptionError(f"route {path!r} fits no method", hint='"*" fits any')
    if "*" in wanted:
        return frozenset()
    allowed = frozenset(method.upper() for method in wanted)
    return allowed | {"HEAD"} if "GET" in allowed else allowed


def get(path: str, *plugs: Plug, host: str | None = None, name: str | None = None) -> Route:
    """Return a route for GET and HEAD."""
    return route("GET", path, *plugs, host=host, name=name)


def post(path: str, *plugs: Plug, host: str | None = None, name: str | None = None) -> Route:
    """Return a route for POST."""
    return route("POST", path, *plugs, host=host, name=name)


def forward(path: str, *plugs: Plug, host: str | None = None, name: str | None = None) -> Route:
    """Return a route that hands everything below `path` to `plugs`, which see only the rest of the path.

        forward("/admin", admin_pipeline)     # admin sees /users for /admin/users

    The consumed segments are in `conn.script_name`; both are restored on the way back.
    """
    pattern = Pattern.compile(path)
    if pattern.glob is not None:
        raise PlugOptionError(
            f"forward {path!r}: write the path without a glob; everything below it is meant"
        )
    below = route("*", f"{path.rstrip('/')}/*{_BELOW}", *plugs, host=host)
    return replace(below, label=name or path, named=name is not None, mount=len(pattern.segments))


@dataclass(slots=True)
class _Node:
    literals: dict[str, _Node] = field(default_factory=dict)
    param: _Node | None = None
    ends: list[int] = field(default_factory=list)
    globs: list[int] = field(default_factory=list)


class Router:
    """Pick the first route that fits, in the order written; itself a plug.

        router = Router(
            get("/orders/:id", show_order),
            forward("/admin", require_auth, admin),
            otherwise=not_found,
        )

    Without a fitting route it calls `otherwise`, by default a 404 that halts; where only the method differs,
    it answers 405 with `allow` (RFC 9110 section 15.5.6).
    Paths are matched decoded and with empty segments dropped; see `split_path` for what is refused.
    """

    def __init__(self, *routes: Route, otherwise: Plug | None = None) -> None:
        self.routes = routes
        self._otherwise: Plug = otherwise or _not_found
        self._root = _Node()
        for order, each in enumerate(routes):
            self._insert(order, each.pattern)

    def _insert(self, order: int, pattern: Pattern) -> None:
        node = self._root
        for segment in pattern.segments:
            if isinstance(segment, str):
                node = node.literals.setdefault(segment, _Node())
            else:
                node.param = node = node.param or _Node()
        (node.ends if pattern.glob is None else node.globs).append(order)

    def __call__(self, conn: Conn) -> Result:
        segments, method = conn.path_info, conn.method
        refused: tuple[Route, ...] = ()
        for order in _candidates(self._root, segments):
            found = self.routes[order]
            if (found.host is not None or found.headers) and not found.takes(conn):
                continue
            params = found.pattern.params(segments)
            if params is None:
                continue
            if not found.methods or method in found.methods:
                return _dispatch(found, conn, segments, params)
            refused = (*refused, found)
        if refused:
            return _method_not_allowed(conn, refused)
        return self._otherwise(conn)

    def __repr__(self) -> str:
        return f"<Router {len(self.routes)} routes>"


def _candidates(node: _Node, segments: Sequence[str]) -> list[int]:
    """Return the orders of the routes below `node` whose literals and length fit `segments`, ascending."""
    found: list[int] = []
    for at, segment in enumerate(segments):
        if node.globs:
            found += node.globs
        literal, param = node.literals.get(segment), node.param
        if literal is not None and param is not None:
            rest = segments[at + 1 :]
            return sorted([*found, *_candidates(literal, rest), *_candidates(param, rest)])
        below = literal or param
        if below is None:
            break
        node = below
    else:
        found += node.globs
        found += node.ends
    if len(found) > 1:
        found.sort()
    return found


def _dispatch(found: Route, conn: Conn, segments: tuple[str, ...], params: Mapping[str, str]) -> Result:
    label, outer = found.label, conn.script_name
    if outer and not found.named and conn.route is not None:
        label = conn.route.rstrip("/") + label
    if conn.params:
        params = {**conn.params, **params}
    if found.mount is None:
        return found.plug(conn.put_route(label, params))
    kept = {key: value for key, value in params.items() if key != _BELOW}
    result = found.plug(conn.put_route(label, kept, outer + segments[: found.mount]))
    return then(result, lambda done: done.put_script_name(outer))


def _host_fits(want: str, host: str) -> bool:
    have = host.lower().removesuffix(".")  # a trailing dot names the same host (RFC 3986 section 3.2.2)
    if want.startswith("*."):
        return have.endswith(want[1:]) and len(have) > len(want) - 1
    return have == want


def _not_found(conn: Conn) -> Conn:
    return problem(conn, 404, "no route matches this path").halt()


def _method_not_allowed(conn: Conn, refused: Iterable[Route]) -> Conn:
    allowed = sorted({method for each in refused for method in each.methods})
    detail = f"{conn.method} is not allowed here"
    return problem(conn.put_resp_header("allow", ", ".join(allowed)), 405, detail).halt()
