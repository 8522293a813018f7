"""A configuration in which anything stands anywhere is taken, or refused with its mistakes."""

from __future__ import annotations

import copy
import tomllib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from clearway.gateway.build import build
from clearway.gateway.config import ConfigError, Document
from clearway.gateway.config.load import check_document
from clearway.gateway.plug_problems import try_plugs
from clearway.gateway.registry import Surroundings

EXAMPLES = [
    tomllib.loads(path.read_text()) for path in (Path(__file__).parents[2] / "examples").glob("*.toml")
]
ENVIRON = {"JWT_SECRET": "a-secret-of-more-than-thirty-two-bytes"}
WORDS = st.sampled_from(
    ["", "login", "bearer", "metrics", "orders", "/", "/:a/*b", "127.0.0.1:1", "{x}", "é\x00"]
)
SCALARS = st.none() | st.booleans() | st.integers(-2, 10**6) | st.floats() | WORDS
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(WORDS | st.just("use"), inner, max_size=2),
    max_leaves=4,
)


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Give each container with each of its keys or indexes."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, below in inside:
        yield value, key
        yield from places(below)


@given(st.data(), st.integers(1, 3))
def test_anything_anywhere_is_taken_or_refused(data: st.DataObject, changes: int) -> None:
    content = copy.deepcopy(data.draw(st.sampled_from(EXAMPLES)))
    for _ in range(changes):
        container, key = data.draw(st.sampled_from(list(places(content))))
        container[key] = data.draw(VALUES)
    around = Surroundings(Path("/nowhere"), ENVIRON)

    document = Document("gateway.toml", content, {})

    with suppress(ConfigError):
        build(check_document(document, lambda found: try_plugs(found, around)), around).close()
