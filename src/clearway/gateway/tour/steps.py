"""The commands of the tour, and the status that each one shows."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["Step", "steps"]


class Step(NamedTuple):
    """One command to try.

    Attributes:
        title: What it shows.
        status: The status of its answer, of the last one if there are several.
        command: The command, to be pasted as it is.
    """

    title: str
    status: int
    command: str


def steps(address: str, admin: str, user: str, password: str, reader: str, writer: str) -> list[Step]:
    """Return the steps for a gateway at `address` with its admin listener at `admin`.

    Options:
        user: Who logs in with `password`.
        reader: A token that may read orders.
        writer: A token that may also delete them.
    """
    base = f"http://{address}"
    echo = f"curl -i -H 'X-User: admin' '{base}/echo?a=1' -d hello"
    return [
        Step("open to everybody", 200, f"curl -i {base}/health"),
        Step("no credentials", 401, f"curl -i {base}/orders"),
        Step("a user with a password", 200, f"curl -i -u {user}:{password} {base}/orders"),
        Step("a client with a token", 200, f"curl -i {_bearer(reader)} {base}/orders/1"),
        Step("its token lacks a scope", 403, f"curl -i {_bearer(reader)} -X DELETE {base}/orders/1"),
        Step("a token that has it", 200, f"curl -i {_bearer(writer)} -X DELETE {base}/orders/1"),
        Step("what the upstream sees: not this X-User", 200, echo),
        Step("a stream, passed on as it comes", 200, f"curl -iN {base}/events"),
        Step("too often: three a minute pass", 429, f"curl -i '{base}/limited?[1-4]'"),
        Step("metrics, on the admin listener", 200, f"curl -i http://{admin}/metrics"),
        Step("status of the process", 200, f"curl -i http://{admin}/status"),
    ]


def _bearer(token: str) -> str:
    return f"-H 'Authorization: Bearer {token}'"
