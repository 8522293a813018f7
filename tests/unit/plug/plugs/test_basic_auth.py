"""Basic credentials say who is asking, and nobody learns more than yes or no."""

from __future__ import annotations

from base64 import b64encode

import pytest

from clearway.plug import Conn, Pipeline, PlugOptionError, Principal
from clearway.plug.plugs import BasicAuth, RequireAuth
from clearway.plug.plugs.parts.challenges import challenges
from clearway.testing import conn
from tests.unit.plug.plugs.executors import InlineExecutor
from tests.unit.plug.plugs.logins import USERS, a_plug, asking, credentials, run

CHALLENGE = 'Basic realm="clearway", charset="UTF-8"'


def test_the_right_password_says_who_is_asking() -> None:
    done = run(a_plug(), asking("acme", "open sesame"))

    assert done.principal == Principal("acme", scheme="basic")
    assert not done.halted
    assert challenges(done) == ()


@pytest.mark.parametrize(
    "header",
    [
        credentials("acme", "wrong"),
        credentials("acme", ""),
        credentials("nobody", "open sesame"),
        credentials("ACME", "open sesame"),
        credentials("acme", "open sesame" + "x" * 72),
        "Basic",
        "Basic ????",
        "Basic " + b64encode(b"no colon").decode(),
        "Basic " + b64encode(b"acme:\xff").decode(),
        "Digest username=acme",
        "Bearer abc",
    ],
)
def test_anything_else_goes_on_with_a_challenge(header: str) -> None:
    done = run(a_plug(), conn("GET", "/", headers={"authorization": header}))

    assert done.principal is None
    assert not done.halted
    assert done.status is None
    assert challenges(done) == (CHALLENGE,)


def test_without_credentials_there_is_nothing_to_wait_for() -> None:
    done = a_plug()(conn("GET", "/"))

    assert isinstance(done, Conn)
    assert challenges(done) == (CHALLENGE,)


def test_the_scheme_is_read_in_any_case() -> None:
    header = credentials("acme", "open sesame").replace("Basic", "bASIC")

    assert run(a_plug(), conn("GET", "/", headers={"authorization": header})).principal is not None


def test_two_authorization_lines_are_a_bad_request() -> None:
    lines = [("authorization", credentials("acme", "open sesame")), ("authorization", "Bearer abc")]
    done = a_plug()(conn("GET", "/", headers=lines))

    assert isinstance(done, Conn)
    assert done.status == 400
    assert done.halted


def test_who_is_known_already_is_not_asked_again() -> None:
    executor = InlineExecutor()
    known = asking("acme", "wrong").put_principal(Principal("ci", scheme="bearer"))

    assert a_plug(executor)(known) is known
    assert executor.done == 0


def test_with_require_auth_a_stranger_gets_401() -> None:
    app = Pipeline(a_plug(), RequireAuth(), lambda each: each.send_resp(200))
    done = app(conn("GET", "/"))

    assert isinstance(done, Conn)
    assert done.status == 401
    assert done.resp_headers.get_all("www-authenticate") == [CHALLENGE]


@pytest.mark.parametrize(
    ("realm", "challenge"),
    [
        ("api", 'Basic realm="api", charset="UTF-8"'),
        ('a "b" \\', 'Basic realm="a \\"b\\" \\\\", charset="UTF-8"'),
        ("", 'Basic realm="", charset="UTF-8"'),
    ],
)
def test_the_realm_is_quoted(realm: str, challenge: str) -> None:
    done = a_plug(realm=realm)(conn("GET", "/"))

    assert isinstance(done, Conn)
    assert challenges(done) == (challenge,)


# Options


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({}, "either users or a file"),
        ({"users": USERS, "file": "x"}, "either users or a file"),
        ({"users": {}}, "no users"),
        ({"users": {"acme": "open sesame"}}, "plain text"),
        ({"users": ["acme"]}, "table of texts"),
        ({"users": {"acme": None}}, "map texts to texts"),
        ({"file": "/does/not/exist"}, "cannot be read"),
        ({"users": USERS, "realm": "caf\u00e9"}, "printable ASCII"),
        ({"users": USERS, "realm": "a\nb"}, "printable ASCII"),
        ({"users": USERS, "realm": None}, "realm must be a text"),
        ({"users": USERS, "cache_size": 0}, "cache_size"),
        ({"users": USERS, "cache_ttl_s": 0}, "cache_ttl_s"),
        ({"users": USERS, "hash_threads": 0}, "hash_threads"),
        ({"users": USERS, "max_pending": 0}, "max_pending"),
    ],
)
def test_wrong_options_are_refused(options: dict[str, object], says: str) -> None:
    with pytest.raises(PlugOptionError, match=says):
        BasicAuth(**options)  # type: ignore[arg-type]


def test_close_ends_threads_of_its_own_only() -> None:
    executor = InlineExecutor()
    plug = a_plug(executor)
    plug.close()

    assert run(plug, asking("acme", "open sesame")).principal is not None
    BasicAuth(USERS).close()
