"""`[[routes]]`: which requests go where."""

from __future__ import annotations

import re
from itertools import takewhile
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from clearway.gateway.config.plugs import PlugList
from clearway.gateway.config.section import HeaderName, HeaderValue, Section
from clearway.gateway.hosting.errors import AppImportError
from clearway.gateway.hosting.loading import check_name
from clearway.plug import PlugOptionError
from clearway.plug.pattern import Pattern

__all__ = ["RedirectConfig", "RespondConfig", "RouteConfig"]

_ENDPOINTS = ("upstream", "app", "respond", "redirect")
_METHOD = re.compile(r"[A-Z][A-Z-]*")
_HOST = re.compile(r"(?:\*\.)?[a-z0-9_-]+(?:\.[a-z0-9_-]+)*|\[[0-9a-f:.]+\]", re.IGNORECASE)
_PLACE = re.compile(r"\{([^{}]*)\}")


def _pattern(path: str) -> str:
    try:
        Pattern.compile(path)
    except PlugOptionError as error:
        raise ValueError(str(error).partition(f"{path!r}")[2].lstrip(": ") or str(error)) from error
    return path


def _method(name: str) -> str:
    if not _METHOD.fullmatch(name):
        raise ValueError("is not a method: methods are written in capitals")
    return name


def _host(name: str) -> str:
    if not _HOST.fullmatch(name):
        raise ValueError('is not a host: write it without a port, as in "api.example.org" or "*.example.org"')
    return name


def _target(to: str) -> str:
    if not to.startswith(("/", "http://", "https://")) or to.startswith("//"):
        raise ValueError("must begin with /, http:// or https://")
    return to


def _app(name: str) -> str:
    try:
        return check_name(name)
    except AppImportError as error:
        raise ValueError('does not name an app: write MODULE:ATTRIBUTE, as in "shop.main:app"') from error


class RespondConfig(Section):
    """A fixed answer."""

    status: Annotated[int, Field(ge=200, le=599)] = Field(200, description="The status.")
    body: str = Field("", description="The body.")
    content_type: HeaderValue = Field("text/plain; charset=utf-8", description="What the body is.")


class RedirectConfig(Section):
    """A redirect."""

    to: Annotated[HeaderValue, AfterValidator(_target)] = Field(
        description="Where to; `{name}` stands for a param of the route's path. The query goes along."
    )
    status: Literal[301, 302, 303, 307, 308] = Field(
        308, description="301 and 308 are remembered by clients, 307 and 308 keep the method."
    )

    def places(self) -> list[str]:
        """Return the names of the params that `to` takes."""
        return _PLACE.findall(self.to)


class RouteConfig(Section):
    """Requests that fit, the plugs that see them, and what answers."""

    path: Annotated[str, AfterValidator(_pattern)] = Field(
        description="Path pattern: `/orders/:id` takes one segment, `/static/*rest` all that follow."
    )
    host: Annotated[str, AfterValidator(_host)] | None = Field(
        None, description="Host that fits, without port; `*.example.org` takes any subdomain."
    )
    methods: list[Annotated[str, AfterValidator(_method)]] | None = Field(
        None, min_length=1, description="Methods that fit; any unless given. GET also takes HEAD."
    )
    headers: dict[HeaderName, str | Literal[False]] = Field(
        default_factory=dict,
        description="Header values that must be equal; `false` asks for the header's absence.",
    )
    name: str | None = Field(None, description="What logs and metrics call the route; its path unless given.")
    plugs: PlugList = Field(default_factory=list, description="Plugs for this route, after the global ones.")
    upstream: str | None = Field(None, description="Answer with what this upstream answers.")
    app: Annotated[str, AfterValidator(_app)] | None = Field(
        None,
        description="Answer with what this ASGI app answers: MODULE:ATTRIBUTE, imported from the folder of "
        "the configuration or from where Python looks. Routes that name the same app share it.",
    )
    respond: RespondConfig | None = Field(None, description="Answer with fixed content.")
    redirect: RedirectConfig | None = Field(None, description="Answer with a redirect.")
    strip_prefix: Literal[True] | str | None = Field(
        None,
        description="Leading part of the path that the upstream does not see: `true` for the part of `path` "
        'before its first param, or that part or less of it, as in `"/api"`. To an app it is the root path.',
    )

    @model_validator(mode="after")
    def _one_endpoint(self) -> RouteConfig:
        given = [name for name in _ENDPOINTS if getattr(self, name) is not None]
        if len(given) != 1:
            found = f"has {' and '.join(given)}" if given else "has nothing that answers"
            raise ValueError(f"{found}: give one of {', '.join(_ENDPOINTS)}")
        return self

    @model_validator(mode="after")
    def _prefix_of_path(self) -> RouteConfig:
        if self.strip_prefix is None:
            return self
        if self.upstream is None and self.app is None:
            raise ValueError("strip_prefix means nothing without upstream or app")
        if self.strip_prefix is True and not self.stripped_segments():
            raise ValueError(f"strip_prefix has nothing to strip: {self.path} begins with a param")
        if not self.stripped_segments():
            raise ValueError(f'strip_prefix "{self.strip_prefix}" is not how {self.path} begins')
        return self

    @model_validator(mode="after")
    def _known_places(self) -> RouteConfig:
        if self.redirect is not None:
            pattern = Pattern.compile(self.path)
            known = {pattern.glob, *(each.name for each in pattern.segments if not isinstance(each, str))}
            for place in self.redirect.places():
                if place not in known:
                    raise ValueError(f"redirect.to takes {{{place}}}, which is no param of {self.path}")
        return self

    def stripped_segments(self) -> int:
        """Return how many leading path segments the upstream does not see."""
        if self.strip_prefix is None:
            return 0
        segments = Pattern.compile(self.path).segments
        literal = list(takewhile(lambda segment: isinstance(segment, str), segments))
        if self.strip_prefix is True:
            return len(literal)
        wanted = [word for word in self.strip_prefix.split("/") if word]
        return len(wanted) if self.strip_prefix.startswith("/") and wanted == literal[: len(wanted)] else 0
