"""What stands under `/debug/pprof/`: from a request to its answer, or to the collection that makes it."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Sequence
from typing import NamedTuple
from urllib.parse import unquote

from clearway.clock import Clock, monotonic
from clearway.pprof.collector import Collector
from clearway.pprof.errors import BadParameterError
from clearway.pprof.profile import Profile
from clearway.pprof.registry import lookup, names
from clearway.pprof.web.answer import HTML, Answer, failure, refusal
from clearway.pprof.web.collection import Collection, Encode, Slots
from clearway.pprof.web.parameters import read_parameters
from clearway.pprof.web.unpatched import unpatched

__all__ = ["PREFIX", "Pages", "Request", "base_at"]

_select = unpatched("select", "select")

PREFIX = "/debug/pprof"
# Pyroscope and Parca fetch about six profiles of a process at once, each over some seconds; and one person.
MOST_COLLECTIONS = 16
TURN_S, REST_S = 0.002, 0.0002  # a rest need only be long enough for another thread to wake up
_NEAR = {"/": f"{PREFIX}/", PREFIX: "pprof/"}  # the second is relative: it holds below any mount
_HOST = re.compile(r"[A-Za-z0-9.\[\]:_-]+")
_PLAIN = re.compile(r"[A-Za-z0-9_.-]+")  # a name that may stand in a header


class Request(NamedTuple):
    """A request, as far as it matters here.

    Attributes:
        method: As in HTTP.
        path: As received, without the query.
        query: As received.
        body: What was sent along.
        base: Where the client sees the pages, for the commands on the index page.
    """

    method: str
    path: str
    query: str = ""
    body: bytes = b""
    base: str = ""


def base_at(host: str, otherwise: str, scheme: str = "http") -> str:
    """Return where a client sees the pages, from its Host header if that is one: it stands in commands."""
    return f"{scheme}://{host if _HOST.fullmatch(host) else otherwise}"


def _encode(profile: Profile) -> bytes:
    from clearway.pprof.proto import encode

    return encode(profile, give_way=Turns().give_way)


def _rest() -> None:
    _select((), (), (), REST_S)


class Turns:
    """Lets the service run while a profile is encoded, which holds the GIL.

    Whoever gives the GIL up to a busy thread has it back after a switch interval, 5 ms; so this one keeps it
    for 2 ms at a time: a profile takes a few times as long, and the service stands still for 2 ms at most.
    """

    def __init__(self, clock: Clock = monotonic, rest: Callable[[], object] = _rest) -> None:
        self._clock, self._rest = clock, rest
        self._since = clock()

    def give_way(self) -> None:
        """Let others run, if it is their turn."""
        if self._clock() - self._since >= TURN_S:
            self._rest()
            self._since = self._clock()


class Pages:
    """Answer what stands under `/debug/pprof/`, without a socket.

        found = Pages().ask(Request("GET", "/debug/pprof/heap"))

    Options:
        lookup: Finds a profile by name.
        names: The names for the index page.
        encode: Writes profile.proto.
        most_collections: How many profiles may be collected at once; a further one is refused.

    It has no credentials: whoever serves it asks for them first.
    """

    def __init__(
        self,
        *,
        lookup: Callable[[str], Collector] = lookup,
        names: Callable[[], Sequence[str]] = names,
        encode: Encode = _encode,
        most_collections: int = MOST_COLLECTIONS,
    ) -> None:
        self.slots = Slots(most_collections)
        self._lookup, self._names, self._encode = lookup, names, encode

    def ask(self, request: Request) -> Answer | Collection:
        """Return the answer, or what has to be collected for it."""
        path = unquote(request.path)
        if path in _NEAR:
            return refusal(301, f"see {PREFIX}/", ("location", _NEAR[path]))
        if not path.startswith(f"{PREFIX}/"):
            return refusal(404, f"there is nothing here; see {PREFIX}/")
        name = path.removeprefix(f"{PREFIX}/")
        methods = ("GET", "HEAD", "POST") if name == "symbol" else ("GET", "HEAD")
        if request.method not in methods:
            return refusal(405, f"{request.method} is not allowed here", ("allow", ", ".join(methods)))
        if name == "":
            return self._index(request)
        if name == "cmdline":
            return Answer(200, "\0".join(sys.orig_argv).encode(errors="surrogateescape"))
        if name == "symbol":
            return Answer(200, b"num_symbols: 1\n")
        return self._profile(name, request)

    def _profile(self, name: str, request: Request) -> Answer | Collection:
        try:
            collector = self._lookup(name)
        except BadParameterError:
            return refusal(404, f"Unknown profile\n\nthere is {', '.join(self._names())}")
        except ImportError as error:
            return refusal(503, f"{name} is not to be had in this process: {error}")
        if not _PLAIN.fullmatch(name):
            name = "profile"
        try:
            parameters = read_parameters(request.query, collector)
        except BadParameterError as error:
            return failure(error)
        collection = Collection(name, collector, parameters, self._encode, self.slots)
        return collection.head() if request.method == "HEAD" else collection

    def _index(self, request: Request) -> Answer:
        from clearway.pprof.web.index import index_page  # for people alone, so loaded when one comes

        body = index_page(self._lookup, self._names(), request.base)
        return Answer(
            200, body.encode(), HTML, (("content-security-policy", CSP), ("x-frame-options", "DENY"))
        )

    def __repr__(self) -> str:
        return f"<Pages {self.slots!r}>"


# The index page has its style in itself, and fetches nothing.
CSP = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
