"""From a file to a configuration, or to every mistake in it."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from clearway.gateway.config.checks import cross_checks
from clearway.gateway.config.explain import explain
from clearway.gateway.config.lines import KeyPath, find_lines
from clearway.gateway.config.model import GatewayConfig
from clearway.gateway.config.problems import ConfigError, Problem, key_text, line_of
from clearway.gateway.config.syntax import syntax_problem
from clearway.gateway.config.warnings import warnings

__all__ = [
    "Document",
    "Loaded",
    "check_document",
    "parse_config",
    "parse_document",
    "read_config",
    "read_document",
]


@dataclass(frozen=True, slots=True)
class Document:
    """A TOML document and where its keys stand.

    Attributes:
        name: The file, as errors call it.
        content: What tomllib made of it.
        lines: The line of each key.
    """

    name: str
    content: Mapping[str, Any]
    lines: Mapping[KeyPath, int]

    def problem(self, path: KeyPath, text: str) -> Problem:
        """Return a problem with the key at `path`."""
        return Problem(key_text(path), line_of(path, self.lines), text)


@dataclass(frozen=True, slots=True)
class Loaded:
    """A configuration that was read.

    Attributes:
        config: The configuration.
        document: The text it came from, for errors that are found later.
        warnings: What is allowed but probably not meant.
    """

    config: GatewayConfig
    document: Document
    warnings: tuple[Problem, ...]


def read_config(path: Path) -> Loaded:
    """Return the configuration in the file at `path`; raise `ConfigError` with every mistake in it."""
    return check_document(read_document(path))


def read_document(path: Path) -> Document:
    """Return the parsed TOML file at `path`; raise `ConfigError` if it cannot be read or is not TOML."""
    try:
        text = path.read_bytes().decode()
    except OSError as error:
        raise ConfigError(str(path), [Problem("", None, f"cannot be read: {error.strerror}")]) from error
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise ConfigError(str(path), [Problem("", line, "is not UTF-8")]) from error
    return parse_document(text, str(path))


def parse_config(text: str, name: str = "configuration") -> Loaded:
    """Return the configuration in a TOML `text`; raise `ConfigError` with every mistake in it."""
    return check_document(parse_document(text, name))


def check_document(document: Document, also: Callable[[Document], list[Problem]] = lambda _: []) -> Loaded:
    """Return the configuration that `document` holds; raise `ConfigError` with every mistake in it.

    `also` is asked for more mistakes if there are any, so that all are told at once.
    """
    problems: list[Problem] = []
    config = None
    try:
        config = GatewayConfig.model_validate(document.content)
    except ValidationError as error:
        problems = explain(error.errors(), document.content, document.lines, GatewayConfig)
    problems += [document.problem(path, what) for path, what in cross_checks(document.content)]
    if problems or config is None:
        raise ConfigError(document.name, [*problems, *also(document)])
    return Loaded(config, document, tuple(document.problem(path, what) for path, what in warnings(config)))


def parse_document(text: str, name: str) -> Document:
    """Return the parsed TOML `text`; raise `ConfigError` that shows where it is not TOML."""
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(name, [syntax_problem(text, str(error))]) from error
    return Document(name, content, find_lines(text))
