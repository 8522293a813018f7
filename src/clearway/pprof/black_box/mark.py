"""When the black box writes: a mark on the way to the limit. Pure: it is told where memory stands."""

from __future__ import annotations

import re

from clearway.pprof.errors import BadParameterError

__all__ = ["Mark", "parse_mark"]

_SHARE = re.compile(r"([0-9]{1,3}(?:\.[0-9]+)?) ?%")
_SIZE = re.compile(r"([0-9]+(?:\.[0-9]+)?) ?(B|[KMGT](?:i?B)?)")
_UNITS = {"B": 0, "K": 1, "M": 2, "G": 3, "T": 4}

FAR_S, NEAR_S = 0.1, 0.01  # between two looks; near the mark, a fast leak takes 10 MiB in 10 ms
NEAR = 0.85  # of the mark
STEP = 0.05  # of the limit, by which memory has to grow for another writing
FALL = 0.10  # of the limit, by which it has to fall below the mark for a new beginning


def parse_mark(at_rss: str | float) -> tuple[float, int | None]:
    """Return the share of the limit and, for an absolute mark, the size that stands for the limit.

        assert parse_mark("80%") == (0.8, None)
        assert parse_mark("512MiB") == (1.0, 512 << 20)

    A number is a share. Raises `BadParameterError` for anything else.
    """
    text = str(at_rss).strip()
    if found := _SHARE.fullmatch(text):
        share = float(found[1]) / 100
    elif found := _SIZE.fullmatch(text):
        unit = found[2]
        size = int(float(found[1]) * (1000 if unit[1:] == "B" else 1024) ** _UNITS[unit[0]])
        if size > 0:
            return 1.0, size
        share = 0.0
    else:
        share = float(at_rss) if isinstance(at_rss, int | float) else 0.0
    if not 0 < share < 1:
        raise BadParameterError(f"at_rss cannot be {at_rss!r}", hint='as in "80%" or "512MiB"')
    return share, None


class Mark:
    """Says when to write, and when to look again.

    Options:
        share: Of the limit, at which it writes.
    """

    def __init__(self, share: float) -> None:
        self.share = share
        self._next = share

    def is_reached(self, share: float) -> bool:
        """Tell whether to write now that memory stands at `share` of the limit.

        It is reached once, again after each further step, and anew after memory fell well below it.
        """
        if share >= self._next:
            self._next = share + STEP
            return True
        if share < self.share - FALL:
            self._next = self.share
        return False

    def wait_s(self, share: float) -> float:
        """Return for how long not to look."""
        return NEAR_S if NEAR * self.share <= share < self._next else FAR_S

    def __repr__(self) -> str:
        return f"<Mark at {self.share:.0%}, next at {self._next:.0%}>"
