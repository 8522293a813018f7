"""The path that an upstream gets."""

import pytest

from clearway.gateway.proxy import Proxy, spend_forward, without_segments
from clearway.gateway.upstream import Upstream
from clearway.http import ClientLimits, Deadlines
from clearway.http.pool import Pool
from clearway.testing import conn


def proxy(strip_prefix: int) -> Proxy:
    return Proxy(Upstream("api", [("127.0.0.1", 1)], ClientLimits(), Deadlines()), strip_prefix=strip_prefix)


@pytest.mark.parametrize(
    ("path", "count", "rest"),
    [
        ("/orders/7", 0, "/orders/7"),
        ("/orders/7", 1, "/7"),
        ("/api/orders/7", 2, "/7"),
        ("/orders", 1, "/"),
        ("/orders/", 1, "/"),
        ("/a//b/c", 2, "/c"),
        ("//a//b//c/", 2, "//c/"),
        ("/caf%C3%A9/a%20b", 1, "/a%20b"),
    ],
)
def test_segments_are_stripped_as_the_router_counts_them(path: str, count: int, rest: str) -> None:
    assert without_segments(path, count) == rest
    assert proxy(count).path_of(conn("GET", path)) == rest


def test_an_ipv6_target_is_named_in_brackets() -> None:
    assert str(Pool("::1", 80, ClientLimits(), Deadlines())) == "[::1]:80"
    assert str(Pool("127.0.0.1", 80, ClientLimits(), Deadlines())) == "127.0.0.1:80"


@pytest.mark.parametrize("value", ["\u00b93", "x", "", "9" * 12])
def test_max_forwards_that_is_no_number_is_passed_on(value: str) -> None:
    asked = conn("OPTIONS", "/", headers={"max-forwards": value})

    assert spend_forward(asked) is asked
