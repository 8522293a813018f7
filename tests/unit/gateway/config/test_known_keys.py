"""The keys of a table are found wherever it stands, and a key that looks like one of them is offered."""

from __future__ import annotations

import pytest

from clearway.gateway.config.known_keys import did_you_mean, known_keys
from clearway.gateway.config.model import GatewayConfig


@pytest.mark.parametrize(
    ("loc", "key"),
    [
        ((), "listen"),
        (("server",), "idle_s"),
        (("admin",), "listen"),
        (("upstreams", "orders"), "targets"),
        (("routes", 3), "path"),
        (("routes", 0, "redirect"), "to"),
        (("plugs", 0, "bearer"), "secret_env"),
        (("groups", "login", 1, "scopes"), "scopes"),
        (("routes", 0, "plugs", 1, "rate_limit"), "burst"),
        (("admin", "plugs", 0, "basic_auth"), "htpasswd"),
    ],
)
def test_the_keys_of_a_table_are_known(loc: tuple[str | int, ...], key: str) -> None:
    assert key in known_keys(GatewayConfig, loc)


@pytest.mark.parametrize("loc", [("listen",), ("routes", 0, "path"), ("upstreams",)])
def test_what_is_no_table_has_none(loc: tuple[str | int, ...]) -> None:
    assert known_keys(GatewayConfig, loc) == []


@pytest.mark.parametrize(
    ("word", "offer"),
    [("isuer", "; did you mean 'issuer'?"), ("xyz", ""), ("issuer", "; did you mean 'issuer'?")],
)
def test_a_word_that_looks_alike_is_offered(word: str, offer: str) -> None:
    assert did_you_mean(word, ["issuer", "audience"]) == offer
