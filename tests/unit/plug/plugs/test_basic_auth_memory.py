"""A password is checked off the loop, once, and remembered for a while."""

from __future__ import annotations

import asyncio

import pytest

from clearway.plug import Conn, Principal
from clearway.plug.plugs import BasicAuth
from tests.unit.plug.plugs.executors import HeldExecutor, InlineExecutor
from tests.unit.plug.plugs.logins import HASH, Clock, a_plug, asking, run, task


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
        pending = [task(plug, asking("acme", "open sesame")) for _ in range(5)]  # type: ignore[arg-type]
        await asyncio.sleep(0)
        assert len(executor.waiting) == 1
        executor.release()
        return await asyncio.gather(*pending)

    assert [done.principal and done.principal.name for done in asyncio.run(crowd())] == ["acme"] * 5


def test_a_client_that_goes_away_does_not_end_the_check_of_the_others() -> None:
    executor = HeldExecutor()
    plug = a_plug(executor)

    async def leave() -> Conn:
        leaving = task(plug, asking("acme", "open sesame"))
        staying = task(plug, asking("acme", "open sesame"))
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
        leaving = task(plug, asking("acme", "open sesame"))
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
            pending.append(task(plug, asking("acme", f"guess {guess}")))  # type: ignore[arg-type]
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
        pending = [task(plug, asking("acme", "open sesame")) for _ in range(3)]  # type: ignore[arg-type]
        await asyncio.sleep(0)
        executor.release()
        return await asyncio.gather(*pending)

    assert [done.principal is not None for done in asyncio.run(crowd())] == [True] * 3
