"""Who may log in: users and their password hashes, from a table or from an htpasswd file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from clearway.plug.errors import PlugOptionError
from clearway.plug.plugs.parts.passwords import PasswordHash, parse_hash

__all__ = ["UserFile", "parse_htpasswd", "parse_users"]

Users = Mapping[str, PasswordHash]

_UNSENDABLE = re.compile(r"[:\x00-\x1f\x7f]")  # RFC 7617 section 2: no colon, no control


def parse_users(pairs: Iterable[tuple[str, str]]) -> Users:
    """Return the users of `(name, hash)` pairs; raise `PlugOptionError` that names every bad one."""
    users: dict[str, PasswordHash] = {}
    wrong: list[PlugOptionError] = []
    for name, text in pairs:
        try:
            if name in users:
                raise PlugOptionError(f"user {name!r} is named twice", hint="remove one of the two")
            users[_checked_name(name)] = parse_hash(text, name)
        except PlugOptionError as error:
            wrong.append(error)
    if wrong:
        raise PlugOptionError("\n".join(map(str, wrong)), hint=wrong[0].hint)
    return users


def parse_htpasswd(text: str) -> Users:
    """Return the users of an htpasswd file's text.

    One `name:hash` per line; empty lines and lines that begin with `#` are skipped, and so is what follows
    a second colon.
    """
    lines = [line.strip() for line in text.splitlines()]
    entries = [line.split(":") for line in lines if line and not line.startswith("#")]
    if alone := [fields[0] for fields in entries if len(fields) == 1]:
        # Not quoted: a line without a colon may well be a password.
        raise PlugOptionError(f"{len(alone)} of its lines are not name:hash", hint="one user per line")
    return parse_users((name, stored) for name, stored, *_ in entries)


class UserFile:
    """An htpasswd file that is read again when it changes.

    file = UserFile(Path("users.htpasswd"))
    users = file.read()
    if file.has_changed(): users = file.read()
    """

    __slots__ = ("_seen", "path")

    def __init__(self, path: Path) -> None:
        self.path = path
        self._seen: tuple[int, ...] = ()

    def has_changed(self) -> bool:
        """Tell, once per change, whether the file is another than before; costs one `stat`."""
        seen, self._seen = self._seen, self._look()
        return seen != self._seen

    def read(self) -> Users:
        """Return the users in the file; raise `PlugOptionError` if it cannot be read or holds a bad one."""
        try:
            return parse_htpasswd(self.path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            raise PlugOptionError(f"the user file {self.path} cannot be read: {error}") from error
        except PlugOptionError as error:
            raise PlugOptionError(
                f"the user file {self.path} is refused: {error}", hint=error.hint
            ) from error

    def _look(self) -> tuple[int, ...]:
        try:
            found = self.path.stat()
        except OSError:
            return ()
        return (found.st_mtime_ns, found.st_size, found.st_ino)


def _checked_name(name: str) -> str:
    if _UNSENDABLE.search(name):
        raise PlugOptionError(
            f"user {name!r} holds a colon or a control character, and so could never log in"
        )
    return name
