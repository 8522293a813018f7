"""The matched form of a path: every spelling on which two parsers could disagree is refused."""

from __future__ import annotations

import pytest

from clearway.plug import RequestError
from clearway.plug._values import split_plain
from clearway.plug.path import split_path


@pytest.mark.parametrize(
    ("path", "segments"),
    [
        ("/", ()),
        ("", ()),
        ("*", ("*",)),
        ("/orders/7", ("orders", "7")),
        ("/orders/7/", ("orders", "7")),
        ("//orders///7", ("orders", "7")),
        ("/caf%C3%A9", ("café",)),
        ("/100%25", ("100%",)),
        ("/%2525", ("%25",)),
        ("/a%20b", ("a b",)),
        ("/%E3%80%80", ("\u3000",)),
        ("/%F0%9F%91%A9%E2%80%8D%F0%9F%9A%80", ("👩\u200d🚀",)),
        ("/.well-known/x", (".well-known", "x")),
        ("/...", ("...",)),
        ("/a.b", ("a.b",)),
        ("/a;v=1", ("a;v=1",)),
        ("/a,b:c@d!$&'()*+=~_-", ("a,b:c@d!$&'()*+=~_-",)),
    ],
)
def test_a_path_is_split_and_decoded(path: str, segments: tuple[str, ...]) -> None:
    assert split_path(path) == segments


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("/..", "dot segment"),
        ("..", "dot segment"),
        ("../a", "dot segment"),
        (".", "dot segment"),
        ("/a/./b", "dot segment"),
        ("/a/../b", "dot segment"),
        ("/a/%2e%2e/b", "dot segment"),
        ("/a/.%2E/b", "dot segment"),
        ("/a/%2e", "dot segment"),
        ("/..;x/b", "dot segment"),
        ("/%2e%2e%3bx/b", "dot segment"),
        ("/a%2fb", "encoded slash"),
        ("/a%2Fb", "encoded slash"),
        ("/a%5cb", "encoded slash"),
        ("/a%00", "encoded slash"),
        ("/a\\b", "character"),
        ("/a b", "character"),
        ("/a#b", "character"),
        ("/a\r\n", "character"),
        ("/a\x7f", "character"),
        ("/é", "character"),
        ("/\U0001f680", "character"),
        ("/a%0a", "control"),
        ("/a%7F", "control"),
        ("/a%C2%85", "control"),
        ("/a%", "escape"),
        ("/a%2", "escape"),
        ("/a%zz", "escape"),
        ("/a%u0041", "escape"),
        ("/%ff", "UTF-8"),
        ("/%c0%ae%c0%ae", "UTF-8"),
    ],
)
def test_a_path_that_could_be_read_in_two_ways_is_400(path: str, why: str) -> None:
    with pytest.raises(RequestError, match=why) as raised:
        split_path(path)

    assert raised.value.status == 400


@pytest.mark.parametrize(
    "path", ["", "a", "*", "/a%20b", "/a b", "/a#b", "/a\\b", "/é", "/a/.b", "/.", "/\x7f", "/a\0b"]
)
def test_a_path_that_has_two_spellings_is_not_plain(path: str) -> None:
    assert split_plain(path) is None


@pytest.mark.parametrize(
    ("path", "segments"),
    [("/", ()), ("//", ()), ("/a", ("a",)), ("/a/", ("a",)), ("//a//b.c/~", ("a", "b.c", "~"))],
)
def test_a_plain_path_is_split_as_it_is(path: str, segments: tuple[str, ...]) -> None:
    assert split_plain(path) == segments


def test_every_character_is_plain_or_seen_to_carefully() -> None:
    plain = {character for character in map(chr, range(300)) if split_plain(f"/a{character}b") is not None}

    assert plain == set(map(chr, range(0x21, 0x7F))) - set("#%\\")
    with pytest.raises(TypeError):
        split_plain(b"/a")  # type: ignore[arg-type]
