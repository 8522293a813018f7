"""What a client says about itself is stripped; what a trusted proxy says is believed."""

from __future__ import annotations

import pytest

from clearway.gateway import Ingress
from clearway.plug import Conn
from clearway.testing import conn

STRANGER, PROXY = ("203.0.113.7", 4711), ("10.0.0.1", 4711)
INGRESS = Ingress(trusted=["10.0.0.0/8"], identity=["X-User"])


def passed(ingress: Ingress, *pairs: tuple[str, str], peer: tuple[str, int] | None = STRANGER) -> Conn:
    return ingress(conn("GET", "/", headers=pairs, peer=peer))


def names(seen: Conn) -> list[str]:
    return [name for name, _ in seen.headers.items()]


@pytest.mark.parametrize(
    "name",
    [
        "x-forwarded-for",
        "x-forwarded-proto",
        "x-forwarded-host",
        "x-forwarded-prefix",
        "X-Forwarded-Anything",
        "forwarded",
        "x-real-ip",
        "true-client-ip",
        "x-original-url",
        "x-user",
        "x_user",
        "content_length",
    ],
)
def test_a_stranger_cannot_send_it(name: str) -> None:
    seen = passed(INGRESS, ("accept", "*/*"), (name, "1"), ("accept-language", "de"), (name, "2"))

    assert names(seen) == ["host", "accept", "accept-language"]


@pytest.mark.parametrize("name", ["x-forwarded", "x-user-agent", "via", "authorization", "x-request-id"])
def test_other_headers_pass(name: str) -> None:
    before = conn("GET", "/", headers={name: "1"}, peer=STRANGER)

    assert INGRESS(before) is before


def test_underscores_pass_where_they_are_wanted() -> None:
    assert names(passed(Ingress(underscores=True), ("api_key", "1"))) == ["host", "api_key"]


def test_nobody_is_trusted_unless_named() -> None:
    seen = passed(Ingress(), ("x-forwarded-for", "192.0.2.1"), peer=("127.0.0.1", 1))

    assert (seen.peer, names(seen)) == (("127.0.0.1", 1), ["host"])


def test_a_client_without_an_address_is_a_stranger() -> None:
    assert names(passed(INGRESS, ("x-forwarded-for", "192.0.2.1"), peer=None)) == ["host"]


def test_a_trusted_proxy_says_who_the_client_is() -> None:
    seen = passed(
        INGRESS,
        ("x-forwarded-for", "192.0.2.66, 203.0.113.7"),
        ("x-forwarded-for", "10.9.9.9"),
        ("x-forwarded-proto", "https"),
        ("x-forwarded-host", "Shop.Example.org:8443"),
        ("forwarded", "for=192.0.2.66"),
        ("x-real-ip", "192.0.2.66"),
        ("x-user", "acme"),
        peer=PROXY,
    )

    assert (seen.peer, seen.scheme, seen.host) == (("203.0.113.7", 0), "https", "shop.example.org")
    assert seen.headers.get("host") == "Shop.Example.org:8443"
    assert seen.headers.get("x-user") == "acme"
    assert not {"forwarded", "x-real-ip", "x-forwarded-for"} & set(names(seen))


def test_a_trusted_proxy_that_says_nothing_is_the_client() -> None:
    seen = passed(INGRESS, peer=PROXY)

    assert (seen.peer, seen.scheme, seen.host) == (PROXY, "http", "example.org")


@pytest.mark.parametrize(
    ("proto", "scheme"),
    [
        ("https", "https"),
        ("HTTPS", "https"),
        ("https, http", "https"),  # one per hop: the client's own is the first
        ("gopher", "http"),
        ("", "http"),
    ],
)
def test_the_scheme_is_the_one_that_the_client_used(proto: str, scheme: str) -> None:
    hops = ("x-forwarded-for", "203.0.113.7, 10.0.0.2")

    assert passed(INGRESS, hops, ("x-forwarded-proto", proto), peer=PROXY).scheme == scheme


@pytest.mark.parametrize("host", ["a b", "evil.example/", "a!", "user@host", ""])
def test_a_host_that_is_none_changes_nothing(host: str) -> None:
    seen = passed(INGRESS, ("x-forwarded-host", host), peer=PROXY)

    assert (seen.host, seen.headers.get("host")) == ("example.org", "example.org")


def test_an_ipv6_host_keeps_its_brackets() -> None:
    assert passed(INGRESS, ("x-forwarded-host", "[2001:db8::1]:80"), peer=PROXY).host == "[2001:db8::1]"


def test_a_name_is_stripped_also_when_it_comes_again() -> None:
    ingress = Ingress(identity=["x-user"])

    for _ in range(3):
        assert names(passed(ingress, ("accept", "*/*"), ("x-user", "root"))) == ["host", "accept"]


def test_what_is_remembered_of_names_has_a_bound() -> None:
    ingress = Ingress()
    for number in range(10_000):
        passed(ingress, (f"x-{number}", "1"))

    assert int(repr(ingress).split()[-2]) <= 4096 + 2
