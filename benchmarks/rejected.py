"""Designs that were measured and dropped, kept so that their numbers can be taken again.

`benchmarks.plugs` prints them beside the ones that were chosen.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import make_dataclass, replace
from types import MemberDescriptorType
from typing import Any

from clearway.plug import Conn
from clearway.plug._values import Fields

_Call = Callable[[Conn], Conn]


def replaced(conn: Conn) -> Callable[[], object]:
    """Change one field of a frozen dataclass with the fields of `conn`, by `dataclasses.replace`."""
    fields = [name for name, member in vars(Fields).items() if isinstance(member, MemberDescriptorType)]
    frozen = make_dataclass("Frozen", fields, frozen=True, slots=True)
    value: Any = frozen(*(getattr(conn, name) for name in fields))
    return lambda: replace(value, halted=True)


def closures(*plugs: _Call) -> _Call:
    """Compose plugs as functions, each of which calls the next."""
    composed: _Call = _end
    for plug in reversed(plugs):
        composed = _link(plug, composed)
    return composed


def generated(*plugs: _Call) -> _Call:
    """Compose plugs as one function written for them: a line for each, and a check of what it returned."""
    lines = ["def run(conn):"]
    for number in range(len(plugs)):
        lines.append(f"    conn = plug{number}(conn)")
        lines.append("    if conn.__class__ is not Conn or conn.halted: return conn")
    lines.append("    return conn")
    names: dict[str, Any] = {"Conn": Conn, **{f"plug{number}": plug for number, plug in enumerate(plugs)}}
    exec("\n".join(lines), names)
    return names["run"]


def _end(conn: Conn) -> Conn:
    return conn


def _link(plug: _Call, following: _Call) -> _Call:
    def run(conn: Conn) -> Conn:
        result = plug(conn)
        if result.__class__ is not Conn or result.halted:
            return result
        return following(result)

    return run
