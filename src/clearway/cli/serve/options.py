"""The options of `clearway serve`, under uvicorn's names where they mean the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

__all__ = ["HEADERS", "LIMITS", "PROCESSES", "THE_APP", "WATCHING", "WEBSOCKETS", "WHERE"]

_LEVELS = ("critical", "error", "warning", "info", "debug")
_NAME_VALUE = "NAME:VALUE"


class HeaderType(click.ParamType[tuple[str, str]]):
    """A header as NAME:VALUE."""

    name = "header"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, str]:
        """Return name and value."""
        if isinstance(value, tuple):
            return value
        from clearway.plug import Headers, InvalidHeaderError

        name, colon, text = str(value).partition(":")
        if not colon:
            self.fail(f"{value!r} is not NAME:VALUE", param, ctx)
        try:
            Headers.of((name, text.strip()))
        except InvalidHeaderError as error:
            self.fail(str(error), param, ctx)
        return name, text.strip()


def _options(*options: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Return a decorator that is all of `options`, in their order."""

    def decorate(command: Any) -> Any:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


WHERE = _options(
    click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on."),
    click.option(
        "--port",
        type=click.IntRange(0, 65535),
        default=8000,
        show_default=True,
        help="Port; 0 picks a free one.",
    ),
    click.option("--uds", metavar="PATH", help="Listen on a Unix socket instead."),
    click.option(
        "--fd", type=click.IntRange(0), metavar="N", help="Listen on this inherited socket instead."
    ),
)
THE_APP = _options(
    click.option("--factory", is_flag=True, help="APP is a function without arguments that returns the app."),
    click.option("--app-dir", metavar="DIR", default=".", show_default=True, help="Import APP from here."),
    click.option("--root-path", metavar="PATH", default="", help="What a proxy in front cuts off paths."),
    click.option(
        "--lifespan",
        type=click.Choice(["auto", "on", "off"]),
        default="auto",
        show_default=True,
        help="Whether the app has a start-up and a shut-down.",
    ),
)
HEADERS = _options(
    click.option(
        "--proxy-headers/--no-proxy-headers",
        default=True,
        show_default=True,
        help="Believe `x-forwarded-*` of trusted proxies, and strip it where others send it.",
    ),
    click.option(
        "--forwarded-allow-ips",
        metavar="LIST",
        envvar="FORWARDED_ALLOW_IPS",
        default="127.0.0.1",
        show_default=True,
        help="Addresses and networks of trusted proxies, by commas; also from FORWARDED_ALLOW_IPS.",
    ),
    click.option(
        "--header", "headers", type=HeaderType(), multiple=True, metavar=_NAME_VALUE, help="Put on responses."
    ),
)
LIMITS = _options(
    click.option(
        "--limit-concurrency", type=click.IntRange(1), metavar="N", help="Open connections, else 503."
    ),
    click.option(
        "--timeout-keep-alive",
        type=click.FloatRange(0, min_open=True),
        metavar="S",
        help="Seconds between two requests of a connection.  [default: 75]",
    ),
    click.option(
        "--timeout-graceful-shutdown",
        type=click.FloatRange(0),
        metavar="S",
        help="Seconds that requests in flight get after SIGTERM or SIGINT.  [default: 10]",
    ),
)
WEBSOCKETS = _options(
    click.option(
        "--ws",
        type=click.Choice(["auto", "none"]),
        default="auto",
        show_default=True,
        help="Whether to serve WebSockets; none takes their handshakes for requests.",
    ),
    click.option(
        "--ws-max-size",
        type=click.IntRange(1),
        metavar="BYTES",
        help="Longest message.  [default: 16777216]",
    ),
    click.option(
        "--ws-ping-interval",
        type=click.FloatRange(0),
        metavar="S",
        help="Seconds between two pings; 0 for none.  [default: 20]",
    ),
    click.option(
        "--ws-ping-timeout",
        type=click.FloatRange(0),
        metavar="S",
        help="Seconds for a pong to come; 0 for no limit.  [default: 20]",
    ),
    click.option(
        "--ws-per-message-deflate",
        type=bool,
        default=True,
        show_default=True,
        help="Compress messages for clients that offer it.",
    ),
)
WATCHING = _options(
    click.option(
        "--log-level", type=click.Choice(_LEVELS), default="info", show_default=True, help="What is logged."
    ),
    click.option(
        "--access-log/--no-access-log",
        default=True,
        show_default=True,
        help="Write a line of JSON for each request to standard output.",
    ),
    click.option("--pprof", metavar="ADDR", help="Serve profiles here, from a thread of its own."),
    click.option(
        "--preempt",
        metavar="MODULES",
        help="Interrupt code of these modules that computes too long, by commas, so that others go on.",
    ),
)
PROCESSES = _options(
    click.option(
        "--workers", type=click.IntRange(1), default=1, show_default=True, help="Processes that serve."
    ),
    click.option("--reload", is_flag=True, help="Start anew when a file changes; for development."),
    click.option(
        "--reload-dir",
        "reload_dirs",
        multiple=True,
        metavar="DIR",
        help="Watch this folder; may be repeated.  [default: that of --app-dir]",
    ),
)
