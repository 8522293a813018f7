# Labels live in one context variable, so tasks inherit them and each context has its own. The sampler reads
# that variable in C, inside the allocator and inside a signal handler (_native/labels.c).
"""Who and what the running code works for."""

from __future__ import annotations

from contextvars import Context, Token
from types import TracebackType

from clearway.pprof._sampler import CURRENT, Labels, current_labels, set_labels

__all__ = ["Labels", "current_labels", "labels", "labels_in", "set_labels", "with_labels"]


class labels:  # noqa: N801 (a statement: `with labels(...)`)
    """Label all that runs inside: samples, tasks and what they start.

        with pprof.labels(route="/orders", tenant="acme"):
            handle(order)

    Labels of an enclosing `with` go on; one of the same key is replaced for the time being.
    Values are text, or become it by `str`.

    The limit: a profile keeps 65,536 different sets; samples under further ones are counted and unlabelled.
    """

    __slots__ = ("_pairs", "_token")

    def __init__(self, **pairs: object) -> None:
        self._pairs = pairs
        self._token: Token[Labels] | None = None

    def __enter__(self) -> Labels:
        now = with_labels(current_labels(), **self._pairs)
        self._token = CURRENT.set(now)
        return now

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        token, self._token = self._token, None
        if token is not None:
            CURRENT.reset(token)


def with_labels(base: Labels, **pairs: object) -> Labels:
    """Return `base` with more labels; a server makes a set once and sets it for many requests."""
    merged = dict(base.pairs)
    merged.update((key, str(value)) for key, value in pairs.items())
    return Labels(sorted(merged.items()))


def labels_in(context: Context) -> tuple[tuple[str, str], ...]:
    """Return the labels of a context, for instance a task's."""
    return context[CURRENT].pairs if CURRENT in context else ()
