"""What was passed on must mean what came in."""

from __future__ import annotations

from benchmarks.fuzzing.readings import Reading

__all__ = ["NOT_PASSED_ON", "BrokenError", "hold_same", "hold_trailers"]

NOT_PASSED_ON = frozenset(
    b"connection keep-alive proxy-connection te transfer-encoding upgrade expect proxy-authorization "
    b"proxy-authenticate content-length host via x-forwarded-for x-forwarded-proto x-forwarded-host "
    b"max-forwards date".split()
)


class BrokenError(Exception):
    """The invariant does not hold for an input."""


def hold_same(meant: Reading, got: Reading) -> None:
    """Raise `BrokenError` unless the request `got` is `meant`, or its begin."""
    method, target = meant.start
    if target.lower().startswith(("http://", "https://")):
        path = target.split("/", 3)[3:]
        target = "/" + (path[0] if path else "")
        target = "/?" + meant.start[1].split("?", 1)[1] if "?" in meant.start[1].split("/", 3)[2] else target
    if (method, target.removesuffix("?")) != (got.start[0], got.start[1].removesuffix("?")):
        raise BrokenError(f"forwarded as {got.start}, meant as {meant.start}")
    if not meant.body.startswith(got.body) or (
        got.complete and (not meant.complete or meant.body != got.body)
    ):
        raise BrokenError(f"forwarded with the body {got.body!r}, meant with {meant.body!r}")
    if _passed_on(meant) != _passed_on(got):
        raise BrokenError(f"forwarded with {got.headers}, meant with {meant.headers}")
    hold_trailers(meant, got)


def hold_trailers(meant: Reading, got: Reading) -> None:
    """Raise `BrokenError` for trailers that were made up, were reordered, or were for one hop."""
    if meant.trailers is None or got.trailers is None:
        return
    left = iter(meant.trailers)
    if any(pair not in left or pair[0] in NOT_PASSED_ON for pair in got.trailers):
        raise BrokenError(f"passed on with the trailers {got.trailers}, meant with {meant.trailers}")


def _passed_on(reading: Reading) -> list[tuple[bytes, bytes]]:
    named: set[bytes] = set()
    for name, value in reading.headers:
        if name == b"connection":
            named |= {each.strip().lower() for each in value.split(b",")}
    return [pair for pair in reading.headers if pair[0] not in named | NOT_PASSED_ON]
