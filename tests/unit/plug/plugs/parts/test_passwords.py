"""Two password hashes are taken, all others are refused by name, and no hash is ever shown."""

from __future__ import annotations

import pytest

from clearway.plug import PlugOptionError
from clearway.plug.plugs.parts.passwords import hash_password, parse_hash

# Made by the bcrypt and argon2-cffi packages, except where another maker is named.
BCRYPT = "$2b$04$d42YwyPtdZOj2GovVhhYC.brRHqHGfsHvGNaqpr3PQ5lSKyAsoON2"
BCRYPT_2A = "$2a$04$d42YwyPtdZOj2GovVhhYC.brRHqHGfsHvGNaqpr3PQ5lSKyAsoON2"
BCRYPT_2Y = (
    "$2y$05$abcdefghijklmnopqrstuupx2xBUC4954936wVIjyyPHmUBFu0wCW"  # libxcrypt; htpasswd -B writes $2y$
)
BCRYPT_EMPTY = "$2b$04$Aycwu5U8w3jqZfY30paAFOiRLZYhJ12K8kL1Xpuq0thbWhbABY6Qe"
BCRYPT_72 = "$2b$04$Piw34J81zZ2MslV9qRE7CeM1oqP0JVVVaHtycMFkrfoWPB2fAqDum"
BCRYPT_UTF8 = "$2b$04$QhWnA.H0oIN3L/rcLGVCB.8c9jyl44Vrye4XFmOf17Qbeve5W03Ua"
ARGON2ID = "$argon2id$v=19$m=8,t=1,p=1$0a+sY7zUkHjOeCDg4PZ3iA$iuI5kspk5F+kL9D2oHkMdS2YejQxiitVODe+YAS+44E"
ARGON2ID_UTF8 = (
    "$argon2id$v=19$m=8,t=1,p=1$WYlXrTCpLM/qy7vMX+mqKQ$jZCDLkI+U99zzpojd4rl7ASbautEYWQyDdKwp8Nnl0I"
)
ARGON2ID_SHORT = "$argon2id$v=19$m=8,t=1,p=1$uCIHP8Ta85s$pHKuU/x83ndn6qwiIQxxbQ"
ARGON2I = "$argon2i$v=19$m=8,t=1,p=1$XkqL8XsYOPGSd33y2wRjlw$DJEOcWmylTU15nqM40FEB0b2eqIsHtLUOdQk30gbGHw"

SESAME = b"open sesame"
CYRILLIC = "\u043f\u0430\u0440\u043e\u043b\u044c \u20ac".encode()


@pytest.mark.parametrize(
    ("text", "password"),
    [
        (BCRYPT, SESAME),
        (BCRYPT_2A, SESAME),
        (BCRYPT_2Y, SESAME),
        (BCRYPT_EMPTY, b""),
        (BCRYPT_72, b"x" * 72),
        (BCRYPT_UTF8, CYRILLIC),
        (ARGON2ID, SESAME),
        (ARGON2ID_UTF8, CYRILLIC),
        (ARGON2ID_SHORT, SESAME),
    ],
)
def test_the_right_password_fits_and_others_do_not(text: str, password: bytes) -> None:
    stored = parse_hash(text, "acme")

    assert stored.verify(password)
    assert not stored.verify(password + b"x")
    assert not stored.verify(b"wrong")


@pytest.mark.parametrize("text", [BCRYPT_72, BCRYPT])
def test_bcrypt_does_not_take_a_password_that_it_cannot_read_to_its_end(text: str) -> None:
    assert not parse_hash(text, "acme").verify(b"x" * 73)


@pytest.mark.parametrize("text", [BCRYPT, BCRYPT_2Y, ARGON2ID, ARGON2ID_SHORT])
def test_a_decoy_costs_the_same_and_fits_nothing(text: str) -> None:
    stored = parse_hash(text, "acme")
    decoy = stored.decoy()

    assert decoy.work == stored.work
    assert not decoy.verify(SESAME)
    assert not decoy.verify(b"x" * 100)
    assert not decoy.decoy().verify(b"")


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("$apr1$abcdefgh$T64oOxnD8c28.dQa.2Lty1", "MD5"),
        ("$1$abcdefgh$9qMkHazuSy1Q8myEum7yb/", "MD5"),
        ("{SHA}W8r/fyL/UzygmbNAjq2HbA67qac=", "SHA-1"),
        ("$5$abcdefgh$FWXdh6oXOJQkX7oAcP02d0Gnxjct6ra8Fwv29U9RIN2", "crypt's SHA"),
        ("$6$abcdefgh$CkjGkP7IIgZVUCNlt.Vi53LOYJLXZ5KzdpzEYCj01XGruA1hxZYJqccTU2zz68oJwAGsd1", "crypt's SHA"),
        ("ab/G8gtZdMwak", "DES crypt"),
        ("open sesame", "plain text"),
        ("", "plain text"),
        (ARGON2I, "not argon2id"),
        (BCRYPT.replace("$2b$", "$2x$"), "known flaw"),
        (BCRYPT.replace("$2b$", "$2$"), "known flaw"),
        (BCRYPT[:-1], "not complete"),
        (BCRYPT + "x", "not complete"),
        (BCRYPT.replace("$04$", "$18$"), "not 04 to 17"),
        (BCRYPT.replace("$04$", "$03$"), "not 04 to 17"),
        (BCRYPT[:-1] + "3", "not complete"),  # spare bits set
        (ARGON2ID.replace("v=19", "v=16"), "version 19"),
        (ARGON2ID.replace("$v=19", ""), "version 19"),
        (ARGON2ID.replace("m=8", "m=2000000"), "1 GiB"),
        (ARGON2ID.replace("m=8", "m=7"), "not complete"),
        (ARGON2ID.replace("t=1", "t=0"), "not complete"),
        (ARGON2ID[:-1], "not complete"),
        (ARGON2ID + "=", "not complete"),
        (ARGON2ID + "\n", "not complete"),
    ],
)
def test_everything_else_is_refused_by_name_and_without_showing_it(text: str, what: str) -> None:
    with pytest.raises(PlugOptionError, match=what) as caught:
        parse_hash(text, "acme")

    assert "'acme'" in str(caught.value)
    assert "clearway passwd acme" in caught.value.hint
    assert not text.strip() or text.strip() not in str(caught.value) + caught.value.hint


@pytest.mark.parametrize("text", [BCRYPT, ARGON2ID])
def test_a_hash_does_not_show_itself(text: str) -> None:
    assert text[-20:] not in repr(parse_hash(text, "acme"))


@pytest.mark.slow
@pytest.mark.parametrize("algorithm", ["argon2id", "bcrypt"])
def test_a_new_hash_is_one_that_we_take(algorithm: str) -> None:
    assert parse_hash(hash_password("open sesame", algorithm), "acme").verify(SESAME)


@pytest.mark.parametrize(
    ("password", "algorithm", "says"),
    [
        ("x" * 73, "bcrypt", "72 bytes"),
        ("a\nb", "argon2id", "control"),
        ("a", "md5", "one of argon2id, bcrypt"),
    ],
)
def test_a_password_that_could_not_be_used_is_refused(password: str, algorithm: str, says: str) -> None:
    with pytest.raises(PlugOptionError, match=says):
        hash_password(password, algorithm)


def test_dearer_parameters_mean_more_work() -> None:
    cheap, dear = parse_hash(BCRYPT, "a"), parse_hash(BCRYPT.replace("$04$", "$12$"), "a")
    recommended = parse_hash(ARGON2ID.replace("m=8,t=1", "m=65536,t=3"), "a")

    assert cheap.work < parse_hash(BCRYPT_2Y, "a").work < recommended.work
    assert parse_hash(ARGON2ID, "a").work < cheap.work
    assert 0.5 < dear.work / recommended.work < 2
