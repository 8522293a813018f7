"""Nobody passes who lacks a scope."""

from __future__ import annotations

import json

import pytest

from clearway.plug import Conn, PlugOptionError, Principal
from clearway.plug.plugs import Scopes
from clearway.plug.plugs.parts.challenges import add_challenge
from clearway.testing import body_of, conn


def asked_by(*scopes: str, scheme: str = "bearer") -> Conn:
    return conn("GET", "/").put_principal(Principal("acme", scheme=scheme, scopes=frozenset(scopes)))


@pytest.mark.parametrize("held", [("read",), ("read", "write")])
def test_who_has_the_scope_passes_untouched(held: tuple[str, ...]) -> None:
    request = asked_by(*held)

    assert Scopes("read")(request) is request


@pytest.mark.parametrize("held", [(), ("write",), ("READ",), ("rea",), ("read:all",)])
def test_who_lacks_it_is_refused(held: tuple[str, ...]) -> None:
    done = Scopes("read")(asked_by(*held))

    assert done.status == 403
    assert done.halted


def test_every_scope_is_needed_and_the_missing_are_named() -> None:
    done = Scopes("orders:read", "orders:write")(asked_by("orders:read"))

    assert done.status == 403
    assert json.loads(body_of(done))["detail"] == "this needs the scope orders:write"


def test_a_bearer_is_told_which_scopes_would_do() -> None:
    done = Scopes("b", "a")(asked_by())

    assert done.resp_headers.get("www-authenticate") == 'Bearer error="insufficient_scope", scope="b a"'


def test_another_scheme_gets_no_bearer_challenge() -> None:
    assert "www-authenticate" not in Scopes("a")(asked_by(scheme="basic")).resp_headers


def test_a_stranger_is_asked_for_credentials() -> None:
    done = Scopes("a")(add_challenge(conn("GET", "/"), 'Bearer realm="clearway"'))

    assert done.status == 401
    assert done.resp_headers.get_all("www-authenticate") == ['Bearer realm="clearway"']


@pytest.mark.parametrize("scopes", [(), ("",), ("a b",), ('a"b',), ("a\\b",), ("\u00e9",), (["a", "b"],)])
def test_wrong_options_are_refused(scopes: tuple[str, ...]) -> None:
    with pytest.raises(PlugOptionError):
        Scopes(*scopes)
