"""The house tests read a page as a user does: prose names nothing, code does."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house import reference

PAGE = """
# Upstreams

Prose says timeout and does not count.

| key | what |
|---|---|
| `targets` | one or more |
| `server.listen` | address |
| `retries = 1` | see `Upstream(burst)` |

## `connect_timeout_s`

```toml
[server]
# idle = 5
head_bytes = 65_536
limits = { body = 1 }
[[routes]]
```

Try `clearway run --tour` first.
"""


@pytest.fixture(autouse=True)
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    (tmp_path / "page.md").write_text(PAGE)
    monkeypatch.setattr(reference, "REFERENCE", tmp_path)
    forget()
    yield
    forget()


def forget() -> None:
    for remembered in (reference.text, reference.code, reference.words, reference.config_keys):
        remembered.cache_clear()


@pytest.mark.parametrize("word", ["Upstream", "burst", "--tour", "connect_timeout_s", "head_bytes"])
def test_a_word_in_code_or_in_a_heading_is_documented(word: str) -> None:
    assert word in reference.words()


@pytest.mark.parametrize("word", ["Prose", "timeout", "address"])
def test_a_word_in_prose_is_not(word: str) -> None:
    assert word not in reference.words()


@pytest.mark.parametrize(
    "key",
    [
        *(
            "targets",
            "listen",
            "retries",
            "connect_timeout_s",
            "server",
            "idle",
            "head_bytes",
            "limits",
            "body",
        ),
        "routes",
    ],
)
def test_a_key_that_stands_alone_is_documented(key: str) -> None:
    assert key in reference.config_keys()


@pytest.mark.parametrize("key", ["burst", "tour", "run", "timeout"])
def test_a_word_inside_other_code_is_no_key(key: str) -> None:
    assert key not in reference.config_keys()
