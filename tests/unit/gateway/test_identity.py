"""Headers that say who is asking: those that are named, and those that we set from the caller's identity."""

from __future__ import annotations

import pytest

from clearway.gateway.config import parse_config
from clearway.gateway.identity import identity_headers

ROUTE = '[[routes]]\npath = "/"\nrespond = {}\n'


def headers(edit: str) -> str:
    return f'plugs = [{{ use = "headers", {edit} }}]'


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (ROUTE, []),
        (f'identity_headers = ["X-User"]\n{ROUTE}', ["x-user"]),
        (headers('set_request = { X-User = "{principal}" }') + f"\n{ROUTE}", ["x-user"]),
        (headers('set_request = { x-t = "t-{claims.tenant}" }') + f"\n{ROUTE}", ["x-t"]),
        (headers('add_request = { x-t = "{claims.tenant}" }') + f"\n{ROUTE}", ["x-t"]),
        (headers('set_request = { x-r = "{route}" }') + f"\n{ROUTE}", []),
        (headers('set_response = { x-user = "{principal}" }') + f"\n{ROUTE}", []),
        (ROUTE + headers('set_request = { x-user = "{principal}" }'), ["x-user"]),
        (ROUTE + 'plugs = ["tell"]\n[[groups.tell]]\nuse = "headers"\nset_request.a = "{principal}"', ["a"]),
    ],
)
def test_they_are_found(text: str, found: list[str]) -> None:
    assert identity_headers(parse_config(text).config) == found
