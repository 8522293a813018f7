"""The root of every error that Clearway raises on purpose."""

from __future__ import annotations

__all__ = ["ClearwayError"]


class ClearwayError(Exception):
    """The root of Clearway's errors; its text says whose fault it is and what to do next.

    An error that ends a request carries the HTTP status to answer with.

        try:
            pipeline(conn)
        except ClearwayError as error:
            answer(error.status)

    Attributes:
        status: The HTTP status that an adapter answers with; 500 unless a subclass says otherwise.
        hint: What the reader can do about it, or an empty string.
    """

    status: int = 500
    hint: str = ""

    @property
    def public(self) -> str:
        """What the client of a request is told: the error's own text.

        A subclass whose text may name an inner address says something else.
        """
        return str(self)

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        if hint:
            self.hint = hint
