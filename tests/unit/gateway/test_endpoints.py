"""A fixed answer is what was written; a redirect keeps its place and takes the query along."""

from __future__ import annotations

import pytest

from clearway.gateway import Redirect, Respond
from clearway.plug import Conn, Router, get
from clearway.testing import body_of, conn


def test_a_fixed_answer_has_its_status_body_and_type() -> None:
    sent = Respond(201, b"{}", "application/json")(conn("GET", "/"))

    assert (sent.status, body_of(sent), sent.resp_headers.get("content-type")) == (
        201,
        b"{}",
        "application/json",
    )


def test_an_answer_without_a_body_has_no_type() -> None:
    assert Respond(204, b"", "text/plain")(conn("GET", "/")).resp_headers.get("content-type") is None


def location(pattern: str, to: str, target: str) -> str | None:
    sent = Router(get(pattern, Redirect(to, 308)))(conn("GET", target))
    assert isinstance(sent, Conn)
    assert sent.status == 308
    return sent.resp_headers.get("location")


@pytest.mark.parametrize(
    ("pattern", "to", "target", "where"),
    [
        ("/a", "/b", "/a", "/b"),
        ("/a", "/b", "/a?x=1&y", "/b?x=1&y"),
        ("/a", "/b?z=1", "/a?x=1", "/b?z=1"),
        ("/a/:id", "/b/{id}", "/a/7", "/b/7"),
        ("/a/:id", "/b/{id}/{id}", "/a/7", "/b/7/7"),
        ("/a/*rest", "https://b.example/{rest}", "/a/x/y", "https://b.example/x/y"),
        ("/a/*rest", "/{rest}", "/a//evil.example", "/evil.example"),
        ("/a/:id", "/b/{id}", "/a/%3F%23%20%C3%A9", "/b/%3F%23%20%C3%A9"),
    ],
)
def test_a_redirect_leads_there(pattern: str, to: str, target: str, where: str) -> None:
    assert location(pattern, to, target) == where
