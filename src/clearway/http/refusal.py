"""The answer to a request that never became one."""

from __future__ import annotations

from clearway.http.encode import status_line
from clearway.plug import RequestError
from clearway.plug.problem import CONTENT_TYPE, problem_body

__all__ = ["refusal_bytes"]


def refusal_bytes(refusal: RequestError, *, to_head: bool = False) -> bytes:
    """Return a whole response, which is the connection's last; no plug has seen the request.

    `to_head` leaves the body out, as the answer to HEAD must (RFC 9110 section 9.3.2).
    """
    body = problem_body(refusal.status, str(refusal))
    return b"%bcontent-type: %b\r\ncontent-length: %d\r\nconnection: close\r\n\r\n%b" % (
        status_line(refusal.status),
        CONTENT_TYPE.encode(),
        len(body),
        b"" if to_head else body,
    )
