"""Upstreams: named sets of targets, and the choice among them."""

from __future__ import annotations

from collections.abc import Sequence

from clearway.http.deadlines import Deadlines
from clearway.http.limits import ClientLimits
from clearway.http.pool import Pool

__all__ = ["Upstream"]


class Upstream:
    """Targets that serve the same thing; requests go round among them.

        upstream = Upstream("orders", [("127.0.0.1", 9001), ("127.0.0.1", 9002)], ClientLimits(), deadlines)
        pool = upstream.pick()

    A target that cannot be connected to is not left out: the request that met it goes to the next one, and
    gets 502, or 504 if time ran out, once as many were tried as there are targets.
    """

    def __init__(
        self, name: str, targets: Sequence[tuple[str, int]], limits: ClientLimits, deadlines: Deadlines
    ) -> None:
        self.name = name
        self.pools = [Pool(host, port, limits, deadlines) for host, port in targets]
        self._turn = -1

    def pick(self) -> Pool:
        """Return the next target's pool (round robin)."""
        if len(self.pools) == 1:
            return self.pools[0]
        self._turn = (self._turn + 1) % len(self.pools)
        return self.pools[self._turn]

    def close(self) -> None:
        """Close idle connections."""
        for pool in self.pools:
            pool.close()

    def __repr__(self) -> str:
        return f"<Upstream {self.name}: {', '.join(map(str, self.pools))}>"
