"""Basic credentials are verified once, off the loop, and nobody learns more than yes or no."""

from __future__ import annotations

import asyncio
import os
from base64 import b64encode
from pathlib import Path

import pytest

from clearway.plug import Conn, Pipeline, PlugOptionError, Principal
from clearway.plug.plugs import BasicAuth, RequireAuth
from clearway.plug.plugs.parts.challenges import challenges
from clearway.testing import conn
from tests.unit.plug.plugs.executors import HeldExecutor, InlineExecutor

HASH = "$2b$04$d42YwyPtdZOj2GovVhhYC.brRHqHGfsHvGNaqpr3PQ5lSKyAsoON2"  # of "open sesame"
OTHER_HASH = "$2b$04$Aycwu5U8w3jqZfY30paAFOiRLZYhJ12K8kL1Xpuq0thbWhbABY6Qe"  # of ""
USERS = {"acme": HASH}
CHALLENGE = 'Basic realm="clearway", charset="UTF-8"'


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def credentials(user: str, password: str) -> str:
    return "Basic " + b64encode(f"{user}:{password}".encode()).decode()


def asking(user: str, password: str) -> Conn:
    return conn("GET", "/", headers={"authorization": credentials(user, password)})


def run(plug: BasicAuth, request: Conn) -> Conn:
    """Return the conn that comes out, waiting for it if need be."""

    async def wait() -> Conn:
        result = plug(request)
        return result if isinstance(result, Conn) else await result

    return asyncio.run(wait())


def a_plug(executor: InlineExecutor | HeldExecutor | None = None, **options: object) -> BasicAuth:
    return BasicAuth(USERS, executor=executor or InlineExecutor(), **options)  # type: ignore[arg-type]


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


# What is remembered


def test_a_verified_credential_is_not_hashed_again() -> None:
    executor = InlineExecutor()
    plug = a_plug(executor)
    run(plug, asking("acme", "open sesame"))

    warm = plug(asking("acme", "open sesame"))

    assert isinstance(warm, Conn)
    assert warm.principal == Principal("acme", scheme="basic")
    assert executor.done == 1


def test_it_is_hashed_again_when_its_time_is_up() -> None:
    executor, clock = InlineExecutor(), Clock()
    plug = a_plug(executor, clock=clock, cache_ttl_s=60)
    run(plug, asking("acme", "open sesame"))

    clock.now += 59.9
    run(plug, asking("acme", "open sesame"))
    assert executor.done == 1

    clock.now += 0.1
    run(plug, asking("acme", "open sesame"))
    assert executor.done == 2


def test_a_failure_is_not_remembered() -> None:
    executor = InlineExecutor()
    plug = a_plug(executor)
    run(plug, asking("acme", "wrong"))
    run(plug, asking("acme", "wrong"))

    assert executor.done == 2


def test_neither_the_password_nor_its_hash_is_kept_or_shown() -> None:
    plug = a_plug()
    run(plug, asking("acme", "open sesame"))

    assert "sesame" not in repr(plug)
    assert HASH not in repr(plug)


def test_an_unknown_user_costs_as_much_as_the_costliest_known_one() -> None:
    checked: list[float] = []

    class Watching(InlineExecutor):
        def submit(self, fn, /, *args, **kwargs):  # type: ignore[no-untyped-def]
            checked.append(fn.__self__.work)
            return super().submit(fn, *args, **kwargs)

    plug = BasicAuth({"a": HASH, "b": HASH.replace("$04$", "$06$")}, executor=Watching())
    run(plug, asking("nobody", "x"))
    run(plug, asking("b", "x"))

    assert checked[0] == checked[1]


# What happens at once


def test_many_requests_with_one_credential_make_one_check() -> None:
    executor = HeldExecutor()
    plug = a_plug(executor)

    async def crowd() -> list[Conn]:
        pending = [asyncio.ensure_future(plug(asking("acme", "open sesame"))) for _ in range(5)]  # type: ignore[arg-type]
        await asyncio.sleep(0)
        assert len(executor.waiting) == 1
        executor.release()
        return await asyncio.gather(*pending)

    assert [done.principal and done.principal.name for done in asyncio.run(crowd())] == ["acme"] * 5


def test_a_client_that_goes_away_does_not_end_the_check_of_the_others() -> None:
    executor = HeldExecutor()
    plug = a_plug(executor)

    async def leave() -> Conn:
        leaving = asyncio.ensure_future(plug(asking("acme", "open sesame")))  # type: ignore[arg-type]
        staying = asyncio.ensure_future(plug(asking("acme", "open sesame")))  # type: ignore[arg-type]
        await asyncio.sleep(0)
        leaving.cancel()
        await asyncio.sleep(0)
        executor.release()
        return await staying

    assert asyncio.run(leave()).principal is not None


def test_a_check_that_nobody_waits_for_any_more_is_still_remembered() -> None:
    executor = HeldExecutor()
    plug = a_plug(executor)

    async def leave() -> object:
        leaving = asyncio.ensure_future(plug(asking("acme", "open sesame")))  # type: ignore[arg-type]
        await asyncio.sleep(0)
        leaving.cancel()
        executor.release()
        for _ in range(3):
            await asyncio.sleep(0)
        return plug(asking("acme", "open sesame"))

    assert isinstance(asyncio.run(leave()), Conn)


@pytest.mark.parametrize("at_once", [True, False])
def test_too_many_checks_at_once_are_turned_away(at_once: bool) -> None:
    executor = HeldExecutor()
    plug = a_plug(executor, max_pending=2)

    async def flood() -> list[Conn]:
        pending = []
        for guess in range(5):
            pending.append(asyncio.ensure_future(plug(asking("acme", f"guess {guess}"))))  # type: ignore[arg-type]
            if not at_once:
                await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert len(executor.waiting) == 2
        executor.release()
        return await asyncio.gather(*pending)

    done = asyncio.run(flood())
    assert [each.status for each in done] == [None, None, 503, 503, 503]
    assert all(each.halted and each.resp_headers.get("retry-after") == "1" for each in done[2:])


def test_who_waits_for_a_check_that_runs_is_not_turned_away() -> None:
    executor = HeldExecutor()
    plug = a_plug(executor, max_pending=1)

    async def crowd() -> list[Conn]:
        pending = [asyncio.ensure_future(plug(asking("acme", "open sesame"))) for _ in range(3)]  # type: ignore[arg-type]
        await asyncio.sleep(0)
        executor.release()
        return await asyncio.gather(*pending)

    assert [done.principal is not None for done in asyncio.run(crowd())] == [True] * 3


# The file


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "users.htpasswd"
    path.write_text(f"acme:{HASH}\n")
    return path


def rewrite(path: Path, text: str) -> None:
    path.write_text(text)
    os.utime(path, ns=(1, 1))


def test_users_come_from_a_file(file: Path) -> None:
    plug = BasicAuth(file=file, executor=InlineExecutor())

    assert run(plug, asking("acme", "open sesame")).principal is not None


def test_a_changed_file_is_read_within_a_second_and_what_was_remembered_is_dropped(file: Path) -> None:
    clock = Clock()
    plug = BasicAuth(file=file, executor=InlineExecutor(), clock=clock)
    run(plug, asking("acme", "open sesame"))
    rewrite(file, f"bob:{HASH}\n")

    clock.now += 0.9
    assert run(plug, asking("acme", "open sesame")).principal is not None
    clock.now += 0.1
    assert run(plug, asking("acme", "open sesame")).principal is None
    assert run(plug, asking("bob", "open sesame")).principal is not None


@pytest.mark.parametrize("text", ["bob:plain\n", "rubbish\n"])
def test_a_broken_change_is_logged_and_the_users_of_before_stay(
    file: Path, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    clock = Clock()
    plug = BasicAuth(file=file, executor=InlineExecutor(), clock=clock)
    rewrite(file, text)
    clock.now += 1

    assert run(plug, asking("acme", "open sesame")).principal is not None
    assert "the users stay as they were" in caplog.text


def test_a_removed_file_leaves_the_users_of_before(file: Path, caplog: pytest.LogCaptureFixture) -> None:
    clock = Clock()
    plug = BasicAuth(file=file, executor=InlineExecutor(), clock=clock)
    file.unlink()
    clock.now += 1

    assert run(plug, asking("acme", "open sesame")).principal is not None
    assert "users.htpasswd" in caplog.text


def test_a_file_that_was_emptied_lets_nobody_in(file: Path) -> None:
    clock = Clock()
    plug = BasicAuth(file=file, executor=InlineExecutor(), clock=clock)
    rewrite(file, "# nobody\n")
    clock.now += 1

    assert run(plug, asking("acme", "open sesame")).principal is None


def test_a_check_that_began_before_the_change_is_not_remembered_after_it(file: Path) -> None:
    executor = HeldExecutor()
    plug = BasicAuth(file=file, executor=executor)

    async def change_meanwhile() -> object:
        pending = asyncio.ensure_future(plug(asking("acme", "open sesame")))  # type: ignore[arg-type]
        await asyncio.sleep(0)
        rewrite(file, f"acme:{OTHER_HASH}\n")
        plug.reload()
        executor.release()
        await pending
        return plug(asking("acme", "open sesame"))

    later = asyncio.run(change_meanwhile())
    assert not isinstance(later, Conn)
    later.close()  # type: ignore[attr-defined]


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
