"""Who may see the profiles, told from the headers of a request."""

from __future__ import annotations

from base64 import b64encode

import pytest

from clearway.pprof.web import Credentials, Guard


def basic(pair: str) -> str:
    return f"Basic {b64encode(pair.encode()).decode()}"


@pytest.mark.parametrize(
    ("host", "passes"),
    [
        ("127.0.0.1:6060", True), ("localhost:6060", True), ("app.localhost", True), ("[::1]:6060", True),
        ("10.0.0.7", True), ("", True), ("box.internal:6060", True),
        ("evil.example:6060", False), ("127.0.0.1.evil.example", False), ("localhost.evil.example", False),
        ("1.2.3.4.", False),
    ],
)  # fmt: skip
def test_a_host_that_a_stranger_named_is_refused(host: str, passes: bool) -> None:
    refused = Guard(hosts=frozenset({"box.internal"})).refusal({"host": host})

    assert (refused is None) == passes
    assert passes or (refused is not None and refused.status == 403)


@pytest.mark.parametrize(
    ("headers", "passes"),
    [
        ({}, True),
        ({"sec-fetch-site": "none", "sec-fetch-mode": "navigate"}, True),
        ({"sec-fetch-site": "same-origin", "sec-fetch-mode": "cors"}, True),
        ({"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}, True),
        ({"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors", "sec-fetch-dest": "image"}, False),
        ({"sec-fetch-site": "same-site", "sec-fetch-mode": "cors"}, False),
        ({"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe"}, False),
    ],
)
def test_a_page_of_another_site_fetches_nothing(headers: dict[str, str], passes: bool) -> None:
    assert (Guard().refusal({"host": "127.0.0.1", **headers}) is None) == passes


@pytest.mark.parametrize(
    ("authorization", "passes"),
    [
        (basic("ops:let me in"), True), ("Bearer t0ken", True), ("bearer  t0ken ", True),
        ("", False), (basic("ops:wrong"), False), (basic("eve:let me in"), False), ("Basic %%%", False),
        ("Basic", False), ("Bearer t0ke", False), ("Bearer", False), ("Digest x", False),
        ("Bearer t\xf6ken\u20ac", False),
    ],
)  # fmt: skip
def test_credentials_fit_or_are_asked_for(authorization: str, passes: bool) -> None:
    guard = Guard(Credentials(user="ops", password="let me in", token="t0ken"))

    refused = guard.refusal({"host": "anywhere.example", "authorization": authorization})

    assert (refused is None) == passes
    if refused is not None:
        assert refused.status == 401
        assert "Basic realm=" in dict(refused.headers)["www-authenticate"]


def test_a_pair_is_no_token_and_a_token_no_pair() -> None:
    assert not Credentials(token="a:b").fit(basic("a:b"))
    assert not Credentials(user="a", password="b").fit("Bearer a:b")


@pytest.mark.parametrize("given", [{}, {"user": "ops"}, {"password": "x"}, {"user": "a", "token": "b"}])
def test_half_credentials_are_refused_at_once(given: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"give a user|needs a password"):
        Credentials(**given)


def test_nothing_secret_is_shown() -> None:
    shown = repr(Guard(Credentials(user="ops", password="let me in", token="t0ken")))

    assert shown == "<Guard <Credentials user and token>>"
