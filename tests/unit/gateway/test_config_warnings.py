"""What a configuration may say but probably does not mean is pointed out."""

from __future__ import annotations

import pytest

from clearway.gateway.config import parse_config


def warnings(text: str) -> list[str]:
    return [str(each) for each in parse_config(text).warnings]


REMEDY = ": add require_auth, or everybody passes"
LOGIN = '[[groups.login]]\nuse = "bearer"\njwks_url = "https://id.example/jwks"\n'


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (
            '[[routes]]\npath = "/*rest"\nrespond = {}\n[[routes]]\npath = "/a"\nrespond = {}',
            "routes[1] (line 4): is never reached: routes[0] (/*rest) takes its requests",
        ),
        (
            '[upstreams.a]\ntargets = ["a:1"]\n[[routes]]\npath = "/"\nrespond = {}',
            "upstreams.a (line 1): is named by no route",
        ),
        (
            f'{LOGIN}[[routes]]\npath = "/"\nplugs = ["login"]\nrespond = {{}}',
            f"routes[0].plugs (line 6): credentials are verified but not required{REMEDY}",
        ),
        (
            f'plugs = ["login"]\n{LOGIN}[[routes]]\npath = "/"\nrespond = {{}}',
            f"plugs (line 1): credentials are verified but no route requires them{REMEDY}",
        ),
    ],
)
def test_it_is_pointed_out(text: str, line: str) -> None:
    assert warnings(text) == [line]


@pytest.mark.parametrize(
    "text",
    [
        '[[routes]]\npath = "/"\nrespond = {}',
        f'plugs = ["login"]\n{LOGIN}[[routes]]\npath = "/"\nplugs = ["require_auth"]\nrespond = {{}}',
        f'plugs = ["login", "require_auth"]\n{LOGIN}[[routes]]\npath = "/"\nrespond = {{}}',
        f'{LOGIN}[[routes]]\npath = "/"\nplugs = ["login", "require_auth"]\nrespond = {{}}',
    ],
)
def test_what_is_meant_is_not(text: str) -> None:
    assert warnings(text) == []
