"""What every command takes that looks at a profile, and what it makes of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import click

from clearway.cli.group import USAGE, fail

if TYPE_CHECKING:
    from clearway.pprof import Profile

__all__ = [
    "View",
    "count_option",
    "look",
    "narrowed",
    "seconds_need_an_address",
    "source_options",
    "view_options",
]

Command = TypeVar("Command", bound=Callable[..., Any])


@dataclass(frozen=True)
class View:
    """A profile, which of its numbers is looked at, and the whole that shares are told of."""

    profile: Profile
    index: int
    whole: int

    @property
    def unit(self) -> str:
        """The unit of the numbers."""
        return self.profile.sample_types[self.index].unit

    @property
    def type(self) -> str:
        """What the numbers count."""
        return self.profile.sample_types[self.index].type


class Pair(click.ParamType[tuple[str, str]]):
    """Two texts with a sign between them."""

    def __init__(self, sign: str, name: str) -> None:
        self.name = name
        self._sign = sign

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, str]:
        """Return both texts."""
        if isinstance(value, tuple):
            return value
        key, sign, text = str(value).partition(self._sign)
        if not key or not sign:
            self.fail(f"{value!r} is not {self.name}", param, ctx)
        return key.strip(), text.strip()


def source_options(command: Command) -> Command:
    """Add what a source may need: time, and headers."""
    seconds = click.option(
        "--seconds",
        type=click.FloatRange(min=0, min_open=True),
        metavar="N",
        help="Let the service record, or compare, for so long; for URLs.",
    )
    header = click.option(
        "--header",
        "headers",
        type=Pair(":", "NAME:VALUE"),
        metavar="NAME:VALUE",
        multiple=True,
        help="Send this header too; may be repeated.",
    )
    return seconds(header(command))


def view_options(command: Command) -> Command:
    """Add what chooses the numbers and the samples to look at."""
    sample_index = click.option(
        "--sample-index",
        metavar="NAME",
        help="Look at these numbers, as in inuse_objects, instead of those that the profile names.",
    )
    focus = click.option(
        "--focus", metavar="REGEX", help="Only stacks with a function or file that it is found in."
    )
    tag = click.option(
        "--tag",
        "tags",
        type=Pair("=", "KEY=VALUE"),
        metavar="KEY=VALUE",
        multiple=True,
        help="Only samples with this label; of two for one key either will do.",
    )
    return sample_index(focus(tag(source_options(command))))


def count_option(what: str) -> Callable[[Command], Command]:
    """Return an option for how much is shown."""
    return click.option(
        "-n",
        "--count",
        type=click.IntRange(min=1),
        default=20,
        show_default=True,
        metavar="N",
        help=f"Show so many {what}.",
    )


def look(
    source: str,
    *,
    sample_index: str | None,
    focus: str | None,
    tags: Sequence[tuple[str, str]],
    seconds: float | None,
    headers: Sequence[tuple[str, str]],
) -> View:
    """Return what the options show of a source."""
    from clearway.cli.pprof.source import load

    seconds_need_an_address(seconds, source)
    return narrowed(load(source, seconds, headers), sample_index=sample_index, focus=focus, tags=tags)


def seconds_need_an_address(seconds: float | None, *sources: str) -> None:
    """Fail if seconds are asked of files alone."""
    from clearway.pprof.fetch import is_address

    if seconds is not None and not any(map(is_address, sources)):
        raise click.UsageError("--seconds needs a URL: a file was recorded long ago")


def narrowed(
    profile: Profile, *, sample_index: str | None, focus: str | None, tags: Sequence[tuple[str, str]]
) -> View:
    """Return the part of a profile that the options show; the whole stays that of all."""
    from clearway.pprof import BadParameterError
    from clearway.pprof.filters import focused, labelled
    from clearway.pprof.totals import total

    index = index_of(profile, sample_index)
    whole = total(profile, index)
    try:
        profile = focused(profile, focus) if focus else profile
    except BadParameterError as error:
        fail(f"--focus: {error}", code=USAGE)
    return View(labelled(profile, tags), index, whole)


def index_of(profile: Profile, name: str | None) -> int:
    """Return the place of the numbers that `name` names, or else of those that the profile shows first."""
    from clearway.pprof.totals import shown_first

    if name is None:
        return shown_first(profile)
    try:
        return profile.index(name)
    except KeyError:
        known = ", ".join(each.type for each in profile.sample_types)
        fail(f"the profile has no numbers called {name!r}", f"one of {known}", code=USAGE)
