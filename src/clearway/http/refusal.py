"""The answer to a request that never became one."""

from __future__ import annotations

from clearway.http.encode import status_line
from clearway.plug import RequestError
from clearway.plug.problem import CONTENT_TYPE, problem_body

__all__ = ["refusal_bytes"]


def refusal_bytes(refusal: RequestError) -> bytes:
    """Return a whole response, which is the connection's last; no plug has seen the request."""
    body = problem_body(refusal.status, str(refusal))
    return b"%bcontent-type: %b\r\ncontent-length: %d\r\nconnection: close\r\n\r\n%b" % (
        status_line(refusal.status),
        CONTENT_TYPE.encode(),
        len(body),
        body,
    )
