"""What a client is answered, as a value."""

from __future__ import annotations

from typing import NamedTuple

from clearway.pprof.errors import PprofError

__all__ = ["BINARY", "HTML", "TEXT", "Answer", "failure", "refusal"]

BINARY = "application/octet-stream"
HTML = "text/html; charset=utf-8"
TEXT = "text/plain; charset=utf-8"


class Answer(NamedTuple):
    """A response, whichever server sends it.

    Attributes:
        status: As in HTTP.
        body: What is sent.
        content_type: What the body is.
        more: Headers beyond those that every answer has.
    """

    status: int
    body: bytes
    content_type: str = TEXT
    more: tuple[tuple[str, str], ...] = ()

    @property
    def headers(self) -> list[tuple[str, str]]:
        """The response's headers, without its length."""
        return [
            ("content-type", self.content_type),
            ("x-content-type-options", "nosniff"),
            ("cache-control", "no-store"),
            *self.more,
        ]


def refusal(status: int, text: str, *more: tuple[str, str]) -> Answer:
    """Return the answer to a request that gets no profile, in the form of Go's."""
    return Answer(status, f"{text}\n".encode(), TEXT, (("x-go-pprof", "1"), *more))


def failure(error: PprofError) -> Answer:
    """Return the answer that an error stands for."""
    return refusal(error.status, f"{error}\n\n{error.hint}" if error.hint else str(error))
