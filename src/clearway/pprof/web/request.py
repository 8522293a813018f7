"""A request as it stands on the wire: a pure reader, and a pure writer of the response."""

from __future__ import annotations

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import NamedTuple

from clearway.pprof.web.answer import Answer, refusal

__all__ = ["HEAD_BYTES", "Head", "read_head", "response"]

HEAD_BYTES = 16 * 1024
BODY_BYTES = 64 * 1024  # `symbol` is sent addresses, which we have none of
_REQUEST_LINE = re.compile(r"([A-Z]{1,16}) (/[!-\"$->@-~]*)(?:\?([!-\"$-~]*))? HTTP/1\.[0-9]")
_FIELD = re.compile(r"([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*(.*?)[ \t]*")


class Head(NamedTuple):
    """A request without its body."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    length: int


def read_head(data: bytes) -> Head | Answer:
    """Return the request that `data` is the head of, or the answer to what is none.

    A field that is there twice, a folded line, or a body of unknown length is refused.
    """
    lines = data.decode("latin-1").split("\r\n")
    line = _REQUEST_LINE.fullmatch(lines[0])
    if line is None:
        return refusal(400, "this is no HTTP/1.1 request")
    headers: dict[str, str] = {}
    for each in lines[1:]:
        field = _FIELD.fullmatch(each)
        if field is None or "\n" in each:
            return refusal(400, "a header line is broken")
        name = field[1].lower()
        if name in headers and name in ("host", "authorization", "content-length"):
            return refusal(400, f"{name} is there twice")
        headers[name] = field[2]
    if "transfer-encoding" in headers:
        return refusal(411, "say the length of the body")
    length = headers.get("content-length", "0")
    if not (length.isascii() and length.isdigit() and len(length) < 10):
        return refusal(400, "content-length is no number")
    if int(length) > BODY_BYTES:
        return refusal(413, f"the body is longer than {BODY_BYTES} bytes")
    return Head(line[1], line[2], line[3] or "", headers, int(length))


def response(answer: Answer, *, without_body: bool = False) -> bytes:
    """Return `answer` as it is sent; the connection is closed after it."""
    lines = [f"HTTP/1.1 {answer.status} {_phrase(answer.status)}"]
    lines += [f"{name}: {value}" for name, value in answer.headers]
    if not without_body:
        lines.append(f"content-length: {len(answer.body)}")
    lines += ["connection: close", "", ""]
    return "\r\n".join(lines).encode("latin-1", "replace") + (b"" if without_body else answer.body)


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"
