"""What each built-in plug costs a request that it lets pass.

    python -m benchmarks.builtin_plugs

A request has eight header fields, and its credentials are remembered already.
Each line is the fastest of several repetitions, as in `benchmarks.plugs`.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from base64 import b64encode
from collections.abc import Callable
from concurrent.futures import Executor, Future

from benchmarks.plugs import nanoseconds
from clearway.plug import Conn, Principal, Sent
from clearway.plug.plugs import (
    AccessLog,
    BasicAuth,
    BodyLimit,
    Cors,
    EditHeaders,
    IpFilter,
    Metrics,
    RateLimit,
    RequestId,
    RequireAuth,
    Scopes,
)
from clearway.testing import conn

FIELDS = ("user-agent", "accept", "accept-encoding", "accept-language", "cookie", "referer")
LOGIN = "Basic " + b64encode(b"bench:open sesame").decode()
REQUEST = conn("GET", "/items/7", headers={**dict.fromkeys(FIELDS, "a value"), "authorization": LOGIN})
KNOWN = REQUEST.put_principal(Principal("bench", scheme="bearer", scopes=frozenset({"read"}))).put_route(
    "/items/:id", {}
)
STRANGER = KNOWN.put_principal(None).delete_req_header("authorization")
USERS = {"bench": "$2b$04$d42YwyPtdZOj2GovVhhYC.brRHqHGfsHvGNaqpr3PQ5lSKyAsoON2"}
ENDED = Sent(1234, 0.003, "complete")
PLENTY = {"rate": "900000/s", "burst": 10**7}


class Here(Executor):
    """Does the work in the caller's thread."""

    def submit(self, fn: Callable[..., object], /, *args: object, **kwargs: object) -> Future[object]:  # type: ignore[override]
        """Do it now."""
        future: Future[object] = Future()
        future.set_result(fn(*args, **kwargs))
        return future


class Nowhere:
    """Takes lines and keeps none."""

    def write(self, lines: bytes) -> None:
        """Take them."""

    def close(self) -> None:
        """Nothing was opened."""


def logged_in() -> BasicAuth:
    """Return a plug that remembers the credentials of REQUEST."""
    plug = BasicAuth(USERS, executor=Here())

    async def log_in() -> None:
        result = plug(REQUEST)
        if not isinstance(result, Conn):
            await result

    asyncio.run(log_in())
    return plug


def hooks(plug: Callable[[Conn], Conn]) -> Callable[[], object]:
    """Return a call of what `plug` does when the response has ended."""
    done = plug(KNOWN).send_resp(200, b"hello")
    [hook] = done.after_send
    return lambda: hook(done, ENDED)


def rows() -> dict[str, Callable[[], object]]:
    """Return what is measured, by name."""
    request_id, metrics, basic = RequestId(), Metrics(), logged_in()
    kept = REQUEST.put_req_header("x-request-id", "0123456789abcdef0123456789abcdef")
    per_ip, per_caller = RateLimit(**PLENTY), RateLimit(**PLENTY, key=["principal", "route"])  # type: ignore[arg-type]
    log = AccessLog(Nowhere(), start=lambda run: lambda: None, max_pending=10**8)
    require, scopes = RequireAuth(), Scopes("read")
    edit = EditHeaders(set_request={"x-user": "{principal}"}, remove_request=["authorization"])
    cors, addresses, limit = (
        Cors(["https://app.example.org"]),
        IpFilter(allow=["127.0.0.0/8"]),
        BodyLimit(1 << 20),
    )
    return {
        "request_id: a new id": lambda: request_id(REQUEST),
        "request_id: the client's id": lambda: request_id(kept),
        "basic_auth: remembered": lambda: basic(REQUEST),
        "basic_auth: no credentials": lambda: basic(STRANGER),
        "require_auth": lambda: require(KNOWN),
        "scopes": lambda: scopes(KNOWN),
        "rate_limit: by client_ip": lambda: per_ip(KNOWN),
        "rate_limit: by principal and route": lambda: per_caller(KNOWN),
        "metrics: the call": lambda: metrics(KNOWN),
        "metrics: recording": hooks(metrics),
        "access_log: the call": lambda: log(KNOWN),
        "access_log: queueing": hooks(log),
        "headers: one set, one removed": lambda: edit(KNOWN),
        "cors: no preflight": lambda: cors(KNOWN),
        "ip_filter": lambda: addresses(KNOWN),
        "body_limit": lambda: limit(KNOWN),
    }


def main() -> None:
    """Print the table."""
    argparse.ArgumentParser(
        prog="benchmarks.builtin_plugs", description=__doc__.partition("\n")[0]
    ).parse_args()
    print(f"CPython {sys.version.split()[0]}\n\n| plug | ns |\n| --- | ---: |")
    for name, call in rows().items():
        print(f"| {name} | {nanoseconds(call):,.0f} |")


if __name__ == "__main__":
    main()
