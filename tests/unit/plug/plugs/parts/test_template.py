"""A template has a value or none, and never one that a header cannot carry."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

import pytest

from clearway.plug import Conn, PlugOptionError, Principal
from clearway.plug.plugs.parts.template import compile_template
from clearway.testing import conn


def filled(template: str, **claims: Any) -> bytes | None:
    return compile_template(template)(a_conn(**claims))


def a_conn(**claims: Any) -> Conn:
    principal = Principal("acme", scheme="bearer", claims=MappingProxyType(claims))
    request = conn("GET", "/orders/7", peer=("192.0.2.1", 1), host="api.example.org")
    return request.put_principal(principal).put_request_id("r-1").put_route("/orders/:id", {})


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("", b""),
        ("plain", b"plain"),
        ("{principal}", b"acme"),
        ("{request_id}", b"r-1"),
        ("{client_ip}", b"192.0.2.1"),
        ("{route}", b"/orders/:id"),
        ("{method} {scheme}://{host}", b"GET http://api.example.org"),
        ("user={principal};ip={client_ip}", b"user=acme;ip=192.0.2.1"),
        ("{{principal}}", b"{principal}"),
        ("{{{principal}}}", b"{acme}"),
        ("caf\u00e9", b"caf\xc3\xa9"),
    ],
)
def test_fields_are_filled_in(template: str, expected: bytes) -> None:
    assert filled(template) == expected


@pytest.mark.parametrize(
    ("claim", "expected"),
    [
        ("acme", b"acme"),
        ("", b""),
        (7, b"7"),
        (1.5, b"1.5"),
        (True, b"true"),
        (["a", "b,c"], b'["a","b,c"]'),
        (("a", 1), b'["a",1]'),
        (MappingProxyType({"id": MappingProxyType({"n": 1})}), b'{"id":{"n":1}}'),
        ("\u0141ukasz", b"\xc5\x81ukasz"),
        ("  padded\t", b"padded"),
        (None, None),
        ("a\r\nx-admin: yes", None),
        ("a\x00", None),
        ("a\x7f", None),
        ("\ud800", None),
    ],
)
def test_a_claim_is_written_as_text_or_not_at_all(claim: object, expected: bytes | None) -> None:
    assert filled("{claims.it}", it=claim) == expected


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{claims.org.id}", b"7"),
        ("{claims.org.name}", None),
        ("{claims.sub.name}", None),
        ("{claims.none}", None),
        ("{claims.https://example.org/role}", b"admin"),
        ("{claims.sub} of {claims.none}", None),
    ],
)
def test_a_claim_is_found_by_its_path_or_its_whole_name(template: str, expected: bytes | None) -> None:
    claims = {"sub": "acme", "org": {"id": 7}, "https://example.org/role": "admin"}

    assert filled(template, **claims) == expected


@pytest.mark.parametrize("field", ["principal", "claims.sub", "request_id", "client_ip", "route"])
def test_a_conn_without_the_field_has_no_value(field: str) -> None:
    assert compile_template(f"x {{{field}}}")(conn("GET", "/", peer=None)) is None


@pytest.mark.parametrize(
    "template", ["{", "a}", "{a{b}}", "{}", "{nope}", "{claims}", "{claims.}", "{claims.a b}", "a\nb"]
)
def test_a_template_that_cannot_be_read_is_refused(template: str) -> None:
    with pytest.raises(PlugOptionError):
        compile_template(template)
