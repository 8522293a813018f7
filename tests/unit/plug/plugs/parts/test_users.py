"""Users come from a table or an htpasswd file; whatever is wrong in it is said at once."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from clearway.plug import PlugOptionError
from clearway.plug.plugs.parts.users import UserFile, parse_htpasswd, parse_users

HASH = "$2b$04$d42YwyPtdZOj2GovVhhYC.brRHqHGfsHvGNaqpr3PQ5lSKyAsoON2"


def test_an_htpasswd_file_names_a_user_per_line() -> None:
    users = parse_htpasswd(f"# ours\n\n acme:{HASH}\r\nb\u00f6b:{HASH}:Bob, second floor\n#c:{HASH}\n")

    assert list(users) == ["acme", "b\u00f6b"]
    assert users["acme"].verify(b"open sesame")


def test_every_bad_user_is_named_in_one_error() -> None:
    with pytest.raises(PlugOptionError) as caught:
        parse_users([("a", "$apr1$x$y"), ("b", HASH), ("c", "secret"), ("b", HASH)])

    assert [f"{name!r}" in str(caught.value) for name in "abc"] == [True, True, True]
    assert "named twice" in str(caught.value)
    assert "secret" not in str(caught.value)


def test_a_line_without_a_colon_is_refused_unquoted() -> None:
    with pytest.raises(PlugOptionError, match="1 of its lines") as caught:
        parse_htpasswd(f"acme:{HASH}\nhunter2\n")

    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("name", ["a:b", "a\tb", "a\x7f"])
def test_a_name_that_nobody_can_send_is_refused(name: str) -> None:
    with pytest.raises(PlugOptionError, match="never log in"):
        parse_users([(name, HASH)])


def test_a_file_says_once_that_it_has_changed(tmp_path: Path) -> None:
    path = tmp_path / "users"
    path.write_text(f"acme:{HASH}\n")
    file = UserFile(path)
    assert file.has_changed()
    assert not file.has_changed()

    os.utime(path, ns=(1, 1))

    assert file.has_changed()
    assert not file.has_changed()


def test_a_replaced_file_has_changed_even_if_its_date_is_the_same(tmp_path: Path) -> None:
    path, other = tmp_path / "users", tmp_path / "other"
    for each in (path, other):
        each.write_text(f"acme:{HASH}\n")
        os.utime(each, ns=(1, 1))
    file = UserFile(path)
    file.has_changed()

    other.rename(path)

    assert file.has_changed()


@pytest.mark.parametrize("content", [None, b"\xff\xfe", b"acme:plain"])
def test_a_file_that_cannot_be_used_is_named(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "users.htpasswd"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(PlugOptionError, match=r"users\.htpasswd"):
        UserFile(path).read()
