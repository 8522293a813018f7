"""Addresses are let in or kept out, however they are written."""

from __future__ import annotations

import pytest

from clearway.plug import Conn, PlugOptionError
from clearway.plug.plugs import IpFilter
from clearway.testing import conn


def came_from(address: str) -> Conn:
    return conn("GET", "/", peer=(address, 1234))


def passes(plug: IpFilter, address: str) -> bool:
    return not plug(came_from(address)).halted


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("10.0.0.1", True),
        ("10.255.255.255", True),
        ("11.0.0.1", False),
        ("10.6.6.6", False),
        ("::ffff:10.0.0.1", True),
        ("::ffff:a00:1", True),
        ("::ffff:10.6.6.6", False),
        ("2001:db8::1", True),
        ("2001:db9::1", False),
        ("fe80::1%eth0", False),
        ("::1", False),
        ("not an address", False),
        ("", False),
    ],
)
def test_an_address_is_judged_by_both_lists(address: str, expected: bool) -> None:
    plug = IpFilter(allow=["10.0.0.0/8", "2001:db8::/32"], deny=["10.6.6.6"])

    assert passes(plug, address) == expected


@pytest.mark.parametrize(("address", "expected"), [("192.0.2.7", False), ("192.0.3.1", True), ("::1", True)])
def test_without_an_allow_list_everybody_else_passes(address: str, expected: bool) -> None:
    assert passes(IpFilter(deny=["192.0.2.0/24"]), address) == expected


def test_a_mapped_network_is_the_ipv4_network() -> None:
    assert passes(IpFilter(allow=["::ffff:10.0.0.0/104"]), "10.1.2.3")


def test_all_of_ipv4_is_not_all_of_ipv6() -> None:
    assert not passes(IpFilter(allow=["0.0.0.0/0"]), "2001:db8::1")


def test_a_refusal_is_a_problem_and_halts() -> None:
    done = IpFilter(deny=["192.0.2.1"])(came_from("192.0.2.1"))

    assert done.status == 403
    assert done.halted
    assert done.resp_headers.get("content-type") == "application/problem+json"


def test_a_client_without_an_address_is_on_no_list() -> None:
    local = conn("GET", "/", peer=None)

    assert not IpFilter(deny=["0.0.0.0/0"])(local).halted
    assert IpFilter(allow=["0.0.0.0/0"])(local).halted


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({}, "neither"),
        ({"allow": ["10.0.0.1/8"]}, "inside the network"),
        ({"allow": ["10.0.0.300"]}, "not an address"),
        ({"deny": ["example.org"]}, "not an address"),
        ({"allow": "10.0.0.0/8"}, "list of texts"),
        ({"allow": [10]}, "must hold texts"),
    ],
)
def test_wrong_options_are_refused(options: dict[str, list[str]], says: str) -> None:
    with pytest.raises(PlugOptionError, match=says):
        IpFilter(**options)
