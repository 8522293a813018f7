"""Error answers that programs can read (RFC 9457)."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any

from clearway.plug.conn import Conn

__all__ = ["problem", "problem_body"]

CONTENT_TYPE = "application/problem+json"


def problem(conn: Conn, status: int, detail: str = "", **members: Any) -> Conn:
    """Send an `application/problem+json` answer; it names the request id, so that a log line can be found.

        return problem(conn, 404, "no route for /nope").halt()

    `members` are added to the object.
    The detail reaches the client: no secrets, no stack traces.
    """
    return conn.send_resp(status, problem_body(status, detail, conn.request_id, **members), CONTENT_TYPE)


def problem_body(status: int, detail: str = "", request_id: str | None = None, **members: Any) -> bytes:
    """Return the JSON of a problem, for answers that are written without a conn."""
    value: dict[str, Any] = {"type": "about:blank", "title": _title(status), "status": status}
    if detail:
        value["detail"] = detail
    if request_id is not None:
        value["request_id"] = request_id
    return json.dumps({**value, **members}).encode()


def _title(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Error"
