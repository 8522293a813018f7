"""The client is the first address, seen from here, that is not a trusted proxy's."""

from __future__ import annotations

import pytest

from clearway.gateway.forwarded import client_hop, split_list
from clearway.plug import Headers

PROXY = "10.0.0.1"


def trusts(address: str) -> bool:
    return address.startswith("10.")


@pytest.mark.parametrize(
    ("hops", "client", "at"),
    [
        ([], PROXY, -1),
        (["203.0.113.7"], "203.0.113.7", 0),
        (["203.0.113.7", "10.0.0.2"], "203.0.113.7", 0),
        (["198.51.100.9", "203.0.113.7", "10.0.0.2"], "203.0.113.7", 1),
        (["10.0.0.3", "10.0.0.2"], "10.0.0.3", 0),
        (["2001:db8::7"], "2001:db8::7", 0),
        (["2001:DB8:0::7"], "2001:db8::7", 0),
        (["[2001:db8::7]:4711"], "2001:db8::7", 0),
        (["203.0.113.7:4711"], "203.0.113.7", 0),
        (["unknown"], PROXY, -1),
        (["203.0.113.7", "unknown"], PROXY, -1),
        (["203.0.113.7", "unknown", "10.0.0.2"], "10.0.0.2", 2),
        (["203.0.113.7", "<script>", "10.0.0.2"], "10.0.0.2", 2),
        (["203.0.113.7", ""], PROXY, -1),
    ],
)
def test_the_walk_from_the_right_ends_at_the_client(hops: list[str], client: str, at: int) -> None:
    assert client_hop(hops, PROXY, trusts) == (client, at)


@pytest.mark.parametrize(
    ("lines", "members"),
    [
        ([], []),
        (["a"], ["a"]),
        (["a, b ,c"], ["a", "b", "c"]),
        (["a,, b,"], ["a", "b"]),
        (["a", "b, c"], ["a", "b", "c"]),
    ],
)
def test_all_lines_of_a_list_are_one_list(lines: list[str], members: list[str]) -> None:
    headers = Headers.of(("via", "x"), *[("x-forwarded-for", line) for line in lines])

    assert split_list(headers, b"x-forwarded-for") == members
