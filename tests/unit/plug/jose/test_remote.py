"""Remote keys are never waited for, fetched by one at a time, and kept when a fetch fails."""

from __future__ import annotations

import asyncio
import functools
import json
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from clearway.plug.jose import KeyFetchError, RemoteKeys
from tests.unit.plug.jose.keys import EC_JWK, ED25519_JWK, HMAC_JWK, RSA_JWK, public
from tests.unit.plug.jose.virtual_time import now, pass_time, run

URL = "https://id.example/jwks.json"


def jwks(*kids: str, jwk: dict[str, str] = ED25519_JWK) -> bytes:
    return json.dumps({"keys": [{**public(jwk), "kid": kid} for kid in kids]}).encode()


class Publisher:
    """Answers fetches with what a test tells it to; `gate` makes them wait."""

    def __init__(self, answer: bytes | Exception = b"") -> None:
        self.answer = answer or jwks("k1")
        self.asked: list[float] = []
        self.running = self.most_running = 0
        self.gate: asyncio.Event | None = None

    async def __call__(self, url: str) -> bytes:
        assert url == URL
        self.asked.append(now())
        self.running += 1
        self.most_running = max(self.running, self.most_running)
        try:
            if self.gate is not None:
                await self.gate.wait()
        finally:
            self.running -= 1
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def remote(publisher: Publisher, **options: Any) -> RemoteKeys:
    return RemoteKeys(URL, fetch=publisher, clock=now, **options)


def in_virtual_time(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    @functools.wraps(test)
    def wrapper(*args: Any, **kwargs: Any) -> None:
        run(test(*args, **kwargs))

    return wrapper


def kids(keys: RemoteKeys) -> list[str | None]:
    return [key.kid for key in keys.current().keys]


@in_virtual_time
async def test_start_brings_the_first_keys() -> None:
    keys = remote(Publisher())

    assert await keys.start()
    assert (kids(keys), keys.current().generation) == (["k1"], 1)
    await keys.aclose()


@in_virtual_time
async def test_keys_are_fetched_again_and_again_traffic_or_not() -> None:
    publisher = Publisher()
    async with remote(publisher, refresh_s=300):
        await pass_time(1000)

    assert publisher.asked == [0, 300, 600, 900]


@in_virtual_time
async def test_the_first_request_starts_the_fetch_and_does_not_wait_for_it() -> None:
    publisher = Publisher()
    keys = remote(publisher)

    assert len(keys.current()) == 0
    assert keys.current().generation == 0
    assert publisher.asked == []
    await pass_time(0)

    assert kids(keys) == ["k1"]
    assert publisher.asked == [0]
    await keys.aclose()


def test_without_an_event_loop_nothing_starts() -> None:
    publisher = Publisher()
    keys = remote(publisher)

    assert len(keys.current()) == 0
    keys.want("k1")

    assert publisher.asked == []
    assert repr(keys) == "<RemoteKeys https://id.example/jwks.json: waiting, 0 keys, 0 failures>"


@in_virtual_time
async def test_rotation_raises_the_generation() -> None:
    publisher = Publisher()
    async with remote(publisher, refresh_s=300) as keys:
        publisher.answer = jwks("k2")
        await pass_time(299)
        assert (kids(keys), keys.current().generation) == (["k1"], 1)

        await pass_time(1)
        assert (kids(keys), keys.current().generation) == (["k2"], 2)


@pytest.mark.parametrize("answer", [jwks("k1", "k2"), jwks("k2", "k1"), b" " + jwks("k1", "k2")])
@in_virtual_time
async def test_the_same_keys_keep_their_generation(answer: bytes) -> None:
    publisher = Publisher(jwks("k1", "k2"))
    async with remote(publisher) as keys:
        before = keys.current()
        publisher.answer = answer

        assert await keys.refresh()

        assert keys.current() is before


@in_virtual_time
async def test_another_key_under_the_same_kid_is_a_rotation() -> None:
    publisher = Publisher()
    async with remote(publisher) as keys:
        publisher.answer = jwks("k1", jwk=EC_JWK)
        await keys.refresh()

        assert keys.current().generation == 2


FAILURES = [
    pytest.param(OSError("no route"), "OSError", id="unreachable"),
    pytest.param(KeyFetchError("status 503"), "status 503", id="refused by the publisher"),
    pytest.param(RuntimeError("k=hunter2"), "RuntimeError", id="a fetch function's own fault"),
    pytest.param(b"<html>", "the key set is refused: not JSON", id="no JSON"),
    pytest.param(b'{"keys": []}', "the key set holds no usable key", id="no keys"),
    pytest.param(jwks("k1", "k1"), "two keys of the set have the same kid", id="ambiguous"),
    pytest.param(b" " * 300_000, "the document is longer than 262144 bytes", id="too long"),
    pytest.param(
        json.dumps({"keys": [HMAC_JWK]}).encode(),
        "the published key set contains a private key or a shared secret",
        id="a secret",
    ),
    pytest.param(
        json.dumps({"keys": [RSA_JWK]}).encode(),
        "the published key set contains a private key or a shared secret",
        id="a private key",
    ),
]


@pytest.mark.parametrize(("answer", "reason"), FAILURES)
@in_virtual_time
async def test_old_keys_stay_when_a_fetch_fails(answer: bytes | Exception, reason: str) -> None:
    publisher = Publisher()
    async with remote(publisher, refresh_s=300) as keys:
        before = keys.current()
        publisher.answer = answer
        await pass_time(300)

        assert keys.current() is before
        assert (keys.statistics().failures, keys.statistics().last_failure) == (1, reason)


@in_virtual_time
async def test_a_failure_at_the_start_is_retried() -> None:
    publisher = Publisher(OSError("no route"))
    keys = remote(publisher)

    assert not await keys.start()
    assert len(keys.current()) == 0
    await pass_time(3)
    publisher.answer = jwks("k1")
    await pass_time(4)

    assert kids(keys) == ["k1"]
    assert publisher.asked == [0, 1, 3, 7]
    assert keys.statistics().last_failure is None
    await keys.aclose()


@in_virtual_time
async def test_an_unknown_kid_brings_new_keys_without_waiting() -> None:
    publisher = Publisher()
    async with remote(publisher, refresh_s=300, cooldown_s=30) as keys:
        await pass_time(100)
        publisher.answer = jwks("k1", "k2")
        keys.want("k2")
        assert kids(keys) == ["k1"]

        await pass_time(0)
        assert kids(keys) == ["k1", "k2"]
        assert publisher.asked == [0, 100]


@in_virtual_time
async def test_unknown_kids_cause_one_fetch_per_cool_down() -> None:
    publisher = Publisher()
    async with remote(publisher, refresh_s=300, cooldown_s=30) as keys:
        for second in range(100):
            for stranger in range(10):
                keys.want(f"{second}-{stranger}")
            await pass_time(1)

        assert publisher.asked == [0, 30, 60, 90]
        assert keys.statistics().unknown_kids == 1000


@in_virtual_time
async def test_a_fetch_that_was_wanted_takes_the_place_of_the_planned_one() -> None:
    publisher = Publisher()
    async with remote(publisher, refresh_s=300, cooldown_s=30) as keys:
        await pass_time(200)
        keys.want("k2")
        await pass_time(250)

        assert publisher.asked == [0, 200]
        await pass_time(50)
        assert publisher.asked == [0, 200, 500]


@in_virtual_time
async def test_one_fetch_runs_at_a_time() -> None:
    publisher = Publisher()
    publisher.gate = asyncio.Event()
    keys = remote(publisher)
    waiting = [asyncio.ensure_future(keys.refresh()) for _ in range(10)]
    await pass_time(1)
    keys.current()
    keys.want("k2")
    publisher.gate.set()

    assert await asyncio.gather(*waiting) == [True] * 10
    assert (len(publisher.asked), publisher.most_running) == (1, 1)
    await keys.aclose()


@in_virtual_time
async def test_old_keys_are_used_while_a_fetch_runs() -> None:
    publisher = Publisher()
    async with remote(publisher, refresh_s=300, timeout_s=60) as keys:
        publisher.gate = asyncio.Event()
        publisher.answer = jwks("k2")
        await pass_time(310)
        assert publisher.running == 1
        assert kids(keys) == ["k1"]

        publisher.gate.set()
        await pass_time(0)
        assert kids(keys) == ["k2"]


@in_virtual_time
async def test_a_fetch_has_a_time_limit() -> None:
    publisher = Publisher()
    publisher.gate = asyncio.Event()
    keys = remote(publisher, timeout_s=5)

    assert not await keys.start()
    assert now() == 5
    assert keys.statistics().last_failure == "TimeoutError"
    assert publisher.running == 0
    await keys.aclose()


@in_virtual_time
async def test_whoever_stops_waiting_does_not_stop_the_fetch() -> None:
    publisher = Publisher()
    publisher.gate = asyncio.Event()
    keys = remote(publisher)
    impatient = asyncio.ensure_future(keys.start())
    await pass_time(1)
    impatient.cancel()
    await pass_time(1)
    publisher.gate.set()
    await pass_time(0)

    assert kids(keys) == ["k1"]
    await keys.aclose()


@in_virtual_time
async def test_closing_leaves_no_task_and_no_timer() -> None:
    publisher = Publisher()
    publisher.gate = asyncio.Event()
    keys = remote(publisher)
    keys.current()
    await pass_time(1)

    await keys.aclose()
    await keys.aclose()

    assert publisher.running == 0
    assert asyncio.all_tasks() == {asyncio.current_task()}
    keys.current()
    keys.want("k2")
    assert not await keys.refresh()
    await pass_time(1000)
    assert publisher.asked == [0]
    assert "closed" in repr(keys)


@in_virtual_time
async def test_closed_keys_can_still_be_used() -> None:
    async with remote(Publisher()) as keys:
        pass

    assert kids(keys) == ["k1"]


@in_virtual_time
async def test_a_fetch_that_the_loop_cancels_is_neither_success_nor_failure() -> None:
    publisher = Publisher()
    publisher.gate = asyncio.Event()
    keys = remote(publisher)
    keys.current()
    await pass_time(1)
    (flight,) = asyncio.all_tasks() - {asyncio.current_task()}
    flight.cancel()
    publisher.gate.set()
    await pass_time(10)

    assert kids(keys) == ["k1"]
    assert (keys.statistics().failures, publisher.asked) == (0, [0, 2])
    await keys.aclose()


@in_virtual_time
async def test_statistics_tell_what_was_done() -> None:
    publisher = Publisher(json.dumps({"keys": [{**public(EC_JWK), "kid": "k1"}, {"kty": "new"}]}).encode())
    async with remote(publisher) as keys:
        keys.want("x")
        await pass_time(7)

        assert keys.statistics() == (1, 0, 1, 1, 1, 1, 7.0, None)
        assert keys.statistics()._fields == (
            "refreshes", "failures", "unknown_kids", "generation", "keys", "skipped", "age_s", "last_failure",
        )  # fmt: skip


@in_virtual_time
async def test_a_failure_is_logged_without_a_strangers_words(caplog: pytest.LogCaptureFixture) -> None:
    async with remote(Publisher(RuntimeError("k=hunter2"))):
        pass

    assert "refresh failed, 0 old keys stay: RuntimeError" in caplog.text
    assert "hunter2" not in caplog.text


@in_virtual_time
async def test_an_allow_list_holds_for_remote_keys() -> None:
    async with remote(Publisher(), algorithms=["Ed25519"]) as keys:
        assert keys.current().keys[0].algorithms == ("Ed25519",)
