"""A Bearer plug follows its keys, and remembers good tokens for as long as they are good."""

from __future__ import annotations

from clearway.plug.jose import KeySet, sign
from tests.unit.plug.jose.keys import key_for
from tests.unit.plug.plugs.bearers import (
    ABSENT,
    KEY,
    NOW,
    RULES,
    Clock,
    Keys,
    bearer,
    challenge,
    request,
    source,
    token,
)

# Keys


def test_before_the_first_keys_the_answer_is_to_try_again() -> None:
    answer = bearer(Keys(KeySet((), generation=0)))(request(f"Bearer {token()}"))

    assert (answer.status, answer.halted) == (503, True)
    assert answer.resp_headers.get("retry-after") == "1"
    assert challenge(bearer(Keys(KeySet((), generation=0)))(request())) == ABSENT


def test_an_unknown_kid_is_noted_and_not_waited_for() -> None:
    keys = source()
    passed = bearer(keys)(request(f"Bearer {token(key_for('ES256', 'k2'))}"))

    assert "not known here" in challenge(passed)
    assert keys.wanted == ["k2"]


def test_a_bad_token_under_a_known_kid_wants_no_keys() -> None:
    keys = source()
    bearer(keys)(request(f"Bearer {token()[:-4]}AAAA"))

    assert keys.wanted == []


def test_a_rotated_key_is_good_as_soon_as_it_has_come() -> None:
    keys, rotated = source(), key_for("ES384", "k2")
    plug = bearer(keys)
    assert plug(request(f"Bearer {token(rotated)}")).principal is None

    keys.keys = KeySet([rotated.verify_only()], generation=2)

    assert plug(request(f"Bearer {token(rotated)}")).principal is not None


# Memory


def test_a_token_is_checked_once() -> None:
    plug, good = bearer(), token()
    first, second = plug(request(f"Bearer {good}")), plug(request(f"Bearer {good}"))

    assert first.principal is second.principal
    assert plug.statistics() == (1, 0, 1)


def test_a_remembered_token_expires_on_time() -> None:
    clock = Clock()
    plug, good = bearer(clock=clock, leeway_s=5), token(exp=NOW + 10)
    assert plug(request(f"Bearer {good}")).principal is not None

    clock.now = NOW + 14.9
    assert plug(request(f"Bearer {good}")).principal is not None
    assert plug.statistics().verified == 1

    clock.now = NOW + 15
    assert "expired" in challenge(plug(request(f"Bearer {good}")))


def test_a_token_is_checked_again_after_a_while() -> None:
    clock = Clock()
    plug = bearer(clock=clock, cache_ttl_s=100)
    good = sign({"sub": "a", "aud": "orders", "iss": RULES["issuer"]}, KEY)
    for clock.now in (NOW, NOW + 99.9, NOW + 100):
        assert plug(request(f"Bearer {good}")).principal is not None

    assert plug.statistics().verified == 2


def test_a_withdrawn_key_ends_the_tokens_it_signed() -> None:
    keys = source()
    plug, good = bearer(keys), token()
    assert plug(request(f"Bearer {good}")).principal is not None

    keys.keys = KeySet([key_for("ES384", "k2").verify_only()], generation=2)

    assert "not known here" in challenge(plug(request(f"Bearer {good}")))
    assert plug.statistics() == (1, 1, 0)


def test_bad_tokens_are_not_remembered() -> None:
    plug = bearer()
    for number in range(100):
        plug(request(f"Bearer {token()}{number}"))

    assert plug.statistics() == (0, 100, 0)


def test_memory_has_a_bound() -> None:
    plug, key = bearer(source(key_for("HS256")), cache_size=10), key_for("HS256")
    for number in range(100):
        plug(request(f"Bearer {token(key, jti=str(number))}"))

    assert plug.statistics() == (100, 0, 10)


def test_memory_can_be_switched_off() -> None:
    plug, good = bearer(cache_size=0), token()
    for _ in range(3):
        assert plug(request(f"Bearer {good}")).principal is not None

    assert plug.statistics() == (3, 0, 0)


def test_a_remembered_token_is_not_remembered_for_another_spelling() -> None:
    plug, good = bearer(), token()
    plug(request(f"Bearer {good}"))

    for spelling in (f"Bearer {good}=", f"Bearer {good[:-1]}", f"Bearer {good}A"):
        assert plug(request(spelling)).principal is None
