"""Who has spent its tokens gets 429, and learns when to come back."""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable

import pytest

from clearway.plug import Conn, PlugOptionError, Principal
from clearway.plug.plugs import RateLimit
from clearway.testing import body_of, conn


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def came_from(
    address: str, *, route: str | None = None, name: str | None = None, tenant: str | None = None
) -> Conn:
    headers = {} if tenant is None else {"x-tenant": tenant}
    request = conn("GET", "/", peer=(address, 1), headers=headers).put_route(route, {})
    return request if name is None else request.put_principal(Principal(name, scheme="bearer"))


def statuses(plug: RateLimit, *requests: Conn) -> list[int | None]:
    return [plug(request).status for request in requests]


def test_who_has_tokens_passes_untouched() -> None:
    request = came_from("192.0.2.1")

    assert RateLimit("1/s")(request) is request


def test_who_has_none_gets_429_until_the_clock_has_made_one() -> None:
    clock = Clock()
    plug = RateLimit("1/s", burst=2, clock=clock)
    request = came_from("192.0.2.1")

    assert statuses(plug, request, request, request) == [None, None, 429]
    clock.now += 0.999
    assert statuses(plug, request) == [429]
    clock.now += 0.001
    assert statuses(plug, request, request) == [None, 429]


def test_the_refusal_says_which_limit_and_when_to_come_back() -> None:
    clock = Clock()
    plug = RateLimit("6/m", burst=3, name="per-minute", clock=clock)
    request = came_from("192.0.2.1").put_request_id("r-1")
    for _ in range(3):
        plug(request)
    clock.now += 0.5

    done = plug(request)

    assert done.halted
    assert done.resp_headers.get("retry-after") == "10", (
        "9.5 s, rounded up: who waits that long is let through"
    )
    assert done.resp_headers.get("ratelimit") == '"per-minute";r=0;t=10'
    assert done.resp_headers.get("ratelimit-policy") == '"per-minute";q=3;w=30'
    assert json.loads(body_of(done)) == {
        "type": "about:blank",
        "title": "Too Many Requests",
        "status": 429,
        "detail": "too many requests: try again in 10 s",
        "request_id": "r-1",
        "violated-policies": ["per-minute"],
    }


@pytest.mark.parametrize(
    ("key", "same", "different"),
    [
        ("client_ip", came_from("192.0.2.1", route="/a"), came_from("192.0.2.2")),
        ("client_ip", came_from("::ffff:192.0.2.1"), came_from("2001:db8::1")),
        ("route", came_from("192.0.2.2", route="/"), came_from("192.0.2.1", route="/a")),
        ("principal", came_from("192.0.2.2", name="acme"), came_from("192.0.2.1", name="bob")),
        ("header:X-Tenant", came_from("192.0.2.2", tenant="t"), came_from("192.0.2.1", tenant="u")),
        (lambda each: each.method, came_from("192.0.2.2"), came_from("192.0.2.1").put_target("/", "")),
    ],
)
def test_requests_with_the_same_key_share_a_bucket(key: str, same: Conn, different: Conn) -> None:
    plug = RateLimit(1, key=key, clock=Clock())
    first = came_from("192.0.2.1", route="/", name="acme", tenant="t")

    expected = [None, 429, 429 if callable(key) else None]
    assert statuses(plug, first, same, different) == expected


@pytest.mark.parametrize("key", ["principal", "header:x-tenant"])
def test_where_the_key_is_missing_the_address_stands_in(key: str) -> None:
    plug = RateLimit(1, key=key, clock=Clock())

    assert statuses(plug, came_from("192.0.2.1"), came_from("192.0.2.2"), came_from("192.0.2.1")) == [
        None,
        None,
        429,
    ]


def test_nobody_takes_the_bucket_of_an_address_by_calling_himself_so() -> None:
    plug = RateLimit(1, key="header:x-tenant", clock=Clock())

    assert statuses(plug, came_from("192.0.2.1"), came_from("192.0.2.9", tenant="192.0.2.1")) == [None, None]


def test_the_same_name_by_another_scheme_is_another_caller() -> None:
    plug = RateLimit(1, key="principal", clock=Clock())
    basic = conn("GET", "/").put_principal(Principal("acme", scheme="basic"))

    assert statuses(plug, came_from("192.0.2.1", name="acme"), basic) == [None, None]


def test_keys_combine() -> None:
    plug = RateLimit(1, key=["principal", "route"], clock=Clock())
    requests = [came_from("192.0.2.1", name=name, route=route) for name in "ab" for route in ("/x", "/y")]

    assert statuses(plug, *requests, *requests) == [None] * 4 + [429] * 4


def test_a_function_may_exempt_a_request() -> None:
    exempt: Callable[[Conn], Hashable] = lambda each: None  # noqa: E731
    plug = RateLimit(1, key=exempt, clock=Clock())
    request = came_from("192.0.2.1")

    assert statuses(plug, *[request] * 5) == [None] * 5


def test_a_client_without_an_address_is_one_client() -> None:
    plug = RateLimit(1, clock=Clock())
    local = conn("GET", "/", peer=None)

    assert statuses(plug, local, local) == [None, 429]


def test_what_is_left_can_be_announced_on_every_response() -> None:
    plug = RateLimit("10/s", burst=5, announce=True, clock=Clock())
    plug(came_from("192.0.2.1"))
    answered = plug(came_from("192.0.2.1")).put_resp_header("ratelimit", '"upstream";r=1').send_resp(200)

    assert answered.resp_headers.get_all("ratelimit") == ['"upstream";r=1', '"default";r=3;t=1']
    assert answered.resp_headers.get_all("ratelimit-policy") == ['"default";q=5;w=1']


@pytest.mark.parametrize(("rate", "burst"), [("100/s", 100), ("1/m", 1), (2.5, 3)])
def test_by_default_a_bucket_holds_a_second(rate: str | float, burst: int) -> None:
    assert RateLimit(rate).burst == burst


def test_statistics_tell_what_was_done() -> None:
    plug = RateLimit(1, clock=Clock())
    statuses(plug, came_from("192.0.2.1"), came_from("192.0.2.1"), came_from("192.0.2.2"))

    assert plug.statistics() == (1, 2, 0)
    assert repr(plug) == "<RateLimit 1, burst 1: 2 keys, 1 refused>"


def test_a_long_header_does_not_make_a_large_table() -> None:
    plug = RateLimit(1, key="header:x-tenant", clock=Clock())
    long, longer = "a" * 5000, "a" * 5001

    requests = [came_from("192.0.2.1", tenant=tenant) for tenant in (long, longer, long)]
    assert statuses(plug, *requests) == [None, None, 429]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"rate": "fast"}, "not a rate"),
        ({"rate": 1, "burst": 0}, "burst"),
        ({"rate": 1, "burst": 1.5}, "burst"),
        ({"rate": 1, "key": "tenant"}, "not known"),
        ({"rate": 1, "key": []}, "key is empty"),
        ({"rate": 1, "key": ["route", 7]}, "not known"),
        ({"rate": 1, "key": "header:"}, "no header name"),
        ({"rate": 1, "name": 'a"b'}, "name"),
        ({"rate": 1, "name": None}, "name must be a text"),
        ({"rate": 1, "max_keys": 1}, "max_keys"),
    ],
)
def test_wrong_options_are_refused(options: dict[str, object], says: str) -> None:
    with pytest.raises(PlugOptionError, match=says):
        RateLimit(**options)  # type: ignore[arg-type]
