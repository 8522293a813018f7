"""Plugs that could not be built: whose option it was, and where it stands."""

from __future__ import annotations

import re
from typing import Any

from pydantic import ValidationError

from clearway.errors import ClearwayError
from clearway.gateway.config import Document, Problem
from clearway.gateway.config.checks import plug_lists
from clearway.gateway.config.lines import KeyPath
from clearway.gateway.config.plugs import PlugConfig
from clearway.gateway.config.plugs.auth import BasicAuthConfig, BearerConfig
from clearway.gateway.registry import PLUGS, Surroundings

__all__ = ["plug_problem", "try_plugs"]

_FIRST_WORD = re.compile(r"(?:\w+: )?(?P<word>\w+)")


def plug_problem(document: Document, path: KeyPath, table: PlugConfig, error: ClearwayError) -> Problem:
    """Return what is wrong with the plug at `path`, placed at the option to blame if that is known."""
    text = str(error).replace("\n", "; ")
    found = _FIRST_WORD.match(text)
    if found is not None and found["word"] in table.model_fields_set - {"use"}:
        path = (*path, found["word"])
    elif isinstance(table, BasicAuthConfig | BearerConfig):
        path = (*path, *table.sources()[:1])
    return document.problem(path, f"{text} ({error.hint})" if error.hint else text)


def try_plugs(document: Document, around: Surroundings) -> list[Problem]:
    """Return what is wrong with those plugs of a document whose tables are right.

    So that a configuration with a mistake elsewhere has its missing key file named at once.
    """
    problems = []
    for path, plugs in plug_lists(document.content):
        for index, plug in enumerate(plugs):
            table = _table(plug)
            if table is None:
                continue
            try:
                close(PLUGS[table.use].build(table, around))
            except ClearwayError as error:
                problems.append(plug_problem(document, (*path, index), table, error))
    return problems


def close(plug: object) -> None:
    """Close what `plug` has opened, if it can be closed."""
    closing = getattr(plug, "close", None)
    if callable(closing):
        closing()


def _table(plug: Any) -> PlugConfig | None:
    use = plug.get("use") if isinstance(plug, dict) else plug
    if not isinstance(use, str) or use not in PLUGS:
        return None
    try:
        return PLUGS[use].model.model_validate(plug)
    except ValidationError:
        return None
