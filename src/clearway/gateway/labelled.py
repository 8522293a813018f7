# A context variable holds the labels, and a connection's callbacks share one context: what a request sets
# stays until the next one sets its own. So the first plug of all sets what is known then, and nobody works
# under the labels of a request that is over.
"""Label what a request causes, for every profile, task and log line."""

from __future__ import annotations

from clearway.plug import Conn
from clearway.pprof import Labels, set_labels, with_labels

__all__ = ["Labelled"]

_MOST = 4096  # sets kept by one plug: principals may be many


class Labelled:
    """Set the labels `method`, `route`, `principal`, `upstream` and `app`, as far as they are known.

        Pipeline(Labelled(), *plugs, Router(get("/orders", *auth, Labelled("orders"), Proxy(orders))))

    The route is its template, never the path; the principal is its name.
    Options:
        upstream: The name of where requests go from here; empty for none.
        app: The name of the app that answers here; empty for none.

    It stands first in a gateway, first in each route, and behind the route's own plugs, which may have found
    out who asks.
    """

    __slots__ = ("_app", "_made", "_upstream")

    def __init__(self, upstream: str = "", *, app: str = "") -> None:
        self._upstream, self._app = upstream, app
        self._made: dict[tuple[str, str | None, str | None], Labels] = {}

    def __call__(self, conn: Conn) -> Conn:
        """Set the labels; the conn goes on as it is."""
        principal = conn.principal
        key = (conn.method, conn.route, None if principal is None else principal.name)
        labels = self._made.get(key)
        set_labels(self._make(key) if labels is None else labels)
        return conn

    def _make(self, key: tuple[str, str | None, str | None]) -> Labels:
        if len(self._made) >= _MOST:
            self._made.clear()
        method, route, principal = key
        known = {
            "method": method,
            "route": route,
            "principal": principal,
            "upstream": self._upstream,
            "app": self._app,
        }
        # Text that is no Unicode, which no name should hold, has no place in a profile either.
        pairs = {name: text.encode("utf-8", "replace").decode() for name, text in known.items() if text}
        labels = self._made[key] = with_labels(_NONE, **pairs)
        return labels

    def __repr__(self) -> str:
        return f"Labelled({self._upstream or self._app!r})"


_NONE = Labels(())
