"""Every request gets a name; a client's own name for it is kept if it is harmless."""

from __future__ import annotations

import pytest

from clearway.plug import PlugOptionError
from clearway.plug.plugs import RequestId
from clearway.plug.plugs.request_id import numbered_ids
from clearway.testing import conn

GOOD = "0123456789abcdef0123"


def named(inbound: str) -> str | None:
    return RequestId()(conn("GET", "/", headers={"x-request-id": inbound})).request_id


def test_a_request_gets_an_id_that_client_and_upstream_are_told() -> None:
    done = RequestId()(conn("GET", "/"))

    assert done.request_id
    assert done.headers.get("x-request-id") == done.request_id
    assert done.resp_headers.get("x-request-id") == done.request_id


@pytest.mark.parametrize("inbound", [GOOD, "a" * 200, "01H8XGJWBWBAQ4Z1B2C3._~+/=:@-"])
def test_a_harmless_inbound_id_is_kept(inbound: str) -> None:
    assert named(inbound) == inbound


@pytest.mark.parametrize(
    "inbound",
    ["", "short", "a" * 19, "a" * 201, *(GOOD + unsafe + GOOD for unsafe in " \"'\\<>$`;&\u00e9")],
)
def test_any_other_inbound_id_is_replaced(inbound: str) -> None:
    assert named(inbound) not in (inbound, None)


def test_a_repeated_inbound_id_is_one_line_afterwards() -> None:
    repeated = conn("GET", "/", headers=[("x-request-id", GOOD), ("x-request-id", "z" * 30)])

    assert RequestId()(repeated).headers.get_all("x-request-id") == [GOOD]


def test_ids_differ_and_can_be_kept_by_the_next_gateway() -> None:
    plug = RequestId()
    ids = [plug(conn("GET", "/")).request_id or "" for _ in range(100)]

    assert len(set(ids)) == 100
    assert all(named(each) == each for each in ids)


def test_two_processes_do_not_share_ids() -> None:
    ours, theirs = numbered_ids(lambda size: "a" * size), numbered_ids(lambda size: "b" * size)

    assert {ours(), ours()} & {theirs(), theirs()} == set()


def test_the_header_and_the_generator_can_be_chosen() -> None:
    done = RequestId("x-correlation-id", generator=lambda: "mine")(conn("GET", "/"))

    assert done.request_id == "mine"
    assert done.resp_headers.get("x-correlation-id") == "mine"
    assert "x-request-id" not in done.resp_headers


@pytest.mark.parametrize("options", [{"header": "no good"}, {"header": ""}, {"generator": "uuid4"}])
def test_wrong_options_are_refused(options: dict[str, str]) -> None:
    with pytest.raises(PlugOptionError):
        RequestId(**options)
