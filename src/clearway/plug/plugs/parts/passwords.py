# Password hashes.
#
# Rule 1: what a stolen file gives away in seconds is refused, with the command that makes a better hash.
# Rule 2: no hash and no password stands in an error, a log line or a repr.
# Rule 3: a check takes as long for a wrong password as for the right one, and for nobody as for somebody:
#         that is what `decoy` is for.
"""Password hashes: bcrypt and argon2id, and no others."""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from typing import Protocol

import bcrypt
from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from argon2.low_level import Type, verify_secret

from clearway.plug.errors import PlugOptionError
from clearway.plug.plugs.parts.options import one_of

__all__ = ["ALGORITHMS", "Argon2idHash", "BcryptHash", "PasswordHash", "hash_password", "parse_hash"]

ALGORITHMS = ("argon2id", "bcrypt")
BCRYPT_MAX_BYTES = 72  # bcrypt reads no further, so a longer password would be one of many that fit
BCRYPT_COST = 12

# 128 bits of salt and 184 of digest: the last character of each has bits to spare, which must be zero.
_BCRYPT = re.compile(
    r"\$2[aby]\$(?P<cost>0[4-9]|1[0-7])\$[./A-Za-z0-9]{21}[.Oeu][./A-Za-z0-9]{30}[.CGKOSWaeimquy26]"
)
_ARGON2ID = re.compile(
    r"\$argon2id\$v=19\$m=(?P<m>\d{1,7}),t=(?P<t>\d{1,3}),p=(?P<p>\d{1,3})"
    r"\$(?P<salt>[A-Za-z0-9+/]{11,86})\$(?P<digest>[A-Za-z0-9+/]{22,86})"
)
_ARGON2_MAX_KIB = 1 << 20  # 1 GiB for one check is an outage, not a password hash

_REFUSED = (
    (r"\$2[aby]\$", "a bcrypt hash that is not complete, or whose cost is not 04 to 17"),
    (r"\$2x?\$", "bcrypt of a version with a known flaw"),
    (r"\$argon2id\$", "an argon2id hash that is not complete, not version 19, or asks for over 1 GiB"),
    (r"\$argon2", "an argon2 hash that is not argon2id"),
    (r"\$apr1\$|\$1\$", "MD5, which is guessed at billions of tries per second"),
    (r"\{SHA\}|\{SSHA\}", "SHA-1, which is guessed at billions of tries per second"),
    (r"\$[56]\$|\$sha1\$", "crypt's SHA, which costs a guesser no memory"),
    (r"[./0-9A-Za-z]{13}$", "DES crypt or plain text"),
)


class PasswordHash(Protocol):
    """A stored password.

    Attributes:
        work: About how many microseconds of CPU one check takes; to be compared, not believed.
    """

    work: float

    def verify(self, password: bytes) -> bool:
        """Tell whether `password` is the one; takes as long as it takes, so not in the event loop."""

    def decoy(self) -> PasswordHash:
        """Return a hash that costs the same to check and that no password fits."""


class BcryptHash:
    """A bcrypt hash; passwords of more than 72 bytes do not fit it."""

    __slots__ = ("_text", "work")

    def __init__(self, text: str, cost: int) -> None:
        self._text = text.encode()
        self.work = 60.0 * 2**cost  # 60 us at cost 0: measured, 250 ms at cost 12

    def verify(self, password: bytes) -> bool:
        """Tell whether `password` is the one."""
        fits = bcrypt.checkpw(password[:BCRYPT_MAX_BYTES], self._text)
        return fits and len(password) <= BCRYPT_MAX_BYTES

    def decoy(self) -> BcryptHash:
        """Return a hash of the same cost that no password fits."""
        head = self._text[:7].decode()
        return BcryptHash(head + "." * 53, int(head[4:6]))

    def __repr__(self) -> str:
        return "<BcryptHash>"


class Argon2idHash:
    """An argon2id hash in PHC format."""

    __slots__ = ("_parameters", "_text", "work")

    def __init__(self, text: str, memory_kib: int, passes: int) -> None:
        self._text = text.encode()
        self.work = 1.0 * memory_kib * passes  # 1 us per KiB and pass: measured, 200 ms at 64 MiB, 3 passes
        self._parameters = (memory_kib, passes)

    def verify(self, password: bytes) -> bool:
        """Tell whether `password` is the one."""
        try:
            return verify_secret(self._text, password, Type.ID)
        except VerifyMismatchError:
            return False

    def decoy(self) -> Argon2idHash:
        """Return a hash with the same parameters that no password fits."""
        *head, salt, digest = self._text.decode().split("$")
        return Argon2idHash("$".join([*head, "A" * len(salt), "A" * len(digest)]), *self._parameters)

    def __repr__(self) -> str:
        return "<Argon2idHash>"


def parse_hash(text: str, user: str) -> PasswordHash:
    """Return the hash that `text` stands for; raise `PlugOptionError` if it is not safe to keep.

    The error names `user` and says what was found, never the text itself.
    """
    if found := _BCRYPT.fullmatch(text):
        return BcryptHash(text, int(found["cost"]))
    if (found := _ARGON2ID.fullmatch(text)) and _is_sound(found):
        return Argon2idHash(text, int(found["m"]), int(found["t"]))
    what = next((what for pattern, what in _REFUSED if re.match(pattern, text)), "plain text")
    raise PlugOptionError(
        f"the password of user {user!r} is refused: it is stored as {what}",
        hint=f"make a new one with `clearway passwd {user}`: argon2id and bcrypt are taken",
    )


def hash_password(password: str, algorithm: str = "argon2id") -> str:
    """Return a new hash of `password`, with a salt of its own.

    argon2id takes RFC 9106's second recommended parameters, bcrypt a cost of 12.
    """
    secret = password.encode()
    if any(byte < 0x20 or byte == 0x7F for byte in secret):
        raise PlugOptionError("the password holds a control character, which Basic credentials cannot carry")
    if one_of("algorithm", algorithm, ALGORITHMS) == "argon2id":
        return PasswordHasher().hash(secret)
    if len(secret) > BCRYPT_MAX_BYTES:
        raise PlugOptionError(
            f"the password is longer than the {BCRYPT_MAX_BYTES} bytes that bcrypt reads",
            hint="use argon2id, which reads all of it",
        )
    return bcrypt.hashpw(secret, bcrypt.gensalt(BCRYPT_COST)).decode()


def _is_sound(found: re.Match[str]) -> bool:
    memory_kib, passes, lanes = int(found["m"]), int(found["t"]), int(found["p"])
    return (
        passes > 0
        and 0 < 8 * lanes <= memory_kib <= _ARGON2_MAX_KIB
        and _is_canonical(found["salt"])
        and _is_canonical(found["digest"])
    )


def _is_canonical(unpadded: str) -> bool:
    """Tell whether base64 decodes, and encodes to itself: spare bits that are set would never match."""
    try:
        decoded = b64decode(unpadded + "=" * (-len(unpadded) % 4), validate=True)
    except Base64Error:
        return False
    return b64encode(decoded).decode().rstrip("=") == unpadded
