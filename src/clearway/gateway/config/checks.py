"""What no table can know alone: names that must exist, and plugs in the wrong order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from clearway.gateway.config.addresses import is_loopback, parse_address
from clearway.gateway.config.known_keys import did_you_mean
from clearway.gateway.config.lines import KeyPath
from clearway.gateway.config.plugs.tables import PLUG_NAMES, REQUIRES, VERIFIES
from clearway.gateway.config.problems import key_text
from clearway.gateway.config.server import AdminConfig

__all__ = ["cross_checks", "plug_lists"]

Finding = tuple[KeyPath, str]


def cross_checks(content: Mapping[str, Any]) -> Iterator[Finding]:
    """Yield the mistakes between the tables of a document, whether or not each table is right by itself."""
    groups, upstreams = _table(content, "groups"), _table(content, "upstreams")
    for name in groups:
        if name in PLUG_NAMES:
            yield ("groups", name), "is the name of a plug: choose another"
    for path, plugs in plug_lists(content):
        inside = path[0] == "groups"
        for index, plug in enumerate(plugs):
            if isinstance(plug, str) and plug not in PLUG_NAMES and (inside or plug not in groups):
                yield (*path, index), _unknown_plug(plug, groups, inside)
    for index, route in enumerate(_routes(content)):
        wanted = route.get("upstream")
        if isinstance(wanted, str) and wanted not in upstreams:
            yield ("routes", index, "upstream"), _unknown_upstream(wanted, upstreams)
    yield from _order_of_auth(content, groups)
    yield from _counted_once(content)
    yield from _open_admin(content, groups)


def plug_lists(content: Mapping[str, Any]) -> Iterator[tuple[KeyPath, list[Any]]]:
    """Yield every list of plugs in a document with its path."""
    yield from _if_list(("plugs",), content.get("plugs"))
    for name, plugs in _table(content, "groups").items():
        yield from _if_list(("groups", name), plugs)
    for index, route in enumerate(_routes(content)):
        yield from _if_list(("routes", index, "plugs"), route.get("plugs"))
    yield from _if_list(("admin", "plugs"), _table(content, "admin").get("plugs"))


def _if_list(path: KeyPath, found: Any) -> Iterator[tuple[KeyPath, list[Any]]]:
    if isinstance(found, list):
        yield path, found


def _unknown_plug(name: str, groups: Mapping[str, Any], inside_group: bool) -> str:
    if inside_group and name in groups:
        return f"{name!r} is a group, and a group holds plugs alone"
    known = PLUG_NAMES if inside_group else (*PLUG_NAMES, *groups)
    return f"no plug {'' if inside_group else 'or group '}is called {name!r}{did_you_mean(name, known)}"


def _unknown_upstream(name: str, known: Mapping[str, Any]) -> str:
    among = f"; there is {', '.join(known)}" if known else "; there are none"
    return f"no upstream is called {name!r}{did_you_mean(name, known) or among}"


def _order_of_auth(content: Mapping[str, Any], groups: Mapping[str, Any]) -> Iterator[Finding]:
    """A plug that insists on credentials, before any that verifies them, can only fail."""
    before: set[str] = set()
    for path, plugs in plug_lists(content):
        if path[0] == "groups":
            continue
        seen = set() if path[0] == "admin" else set(before)
        for index, plug in enumerate(plugs):
            for use in _uses(plug, groups):
                if use in REQUIRES and seen.isdisjoint(VERIFIES):
                    yield (*path, index), f"{use} needs basic_auth or bearer before it"
                seen.add(use)
        if path == ("plugs",):
            before = seen


def _counted_once(content: Mapping[str, Any]) -> Iterator[Finding]:
    first = ""
    for path, plugs in plug_lists(content):
        for index, plug in enumerate(plugs):
            if "metrics" not in _uses(plug, {}):
                continue
            if first:
                yield (*path, index), f"{first} counts requests already: one metrics plug sees them all"
            first = first or key_text((*path, index))


def _open_admin(content: Mapping[str, Any], groups: Mapping[str, Any]) -> Iterator[Finding]:
    """The admin pages are for this machine, or for those who say who they are."""
    admin = _table(content, "admin")
    try:
        address = parse_address(admin.get("listen", AdminConfig().listen))
    except (ValueError, TypeError):
        return  # told by the model
    plugs = admin.get("plugs")
    uses = [use for plug in plugs for use in _uses(plug, groups)] if isinstance(plugs, list) else []
    if not is_loopback(address) and set(uses).isdisjoint(REQUIRES):
        yield (
            ("admin", "listen"),
            f"other machines can reach {address}: put a login into admin.plugs, or listen on 127.0.0.1",
        )


def _uses(plug: Any, groups: Mapping[str, Any]) -> list[str]:
    """Return the names of the plugs that one entry of a list stands for."""
    if isinstance(plug, dict):
        return [plug["use"]] if isinstance(plug.get("use"), str) else []
    if isinstance(plug, str) and plug not in PLUG_NAMES:
        inside = groups.get(plug)
        return [use for each in inside for use in _uses(each, {})] if isinstance(inside, list) else []
    return [plug] if isinstance(plug, str) else []


def _table(content: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = content.get(name)
    return found if isinstance(found, dict) else {}


def _routes(content: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    found = content.get("routes")
    return [each if isinstance(each, dict) else {} for each in found] if isinstance(found, list) else []
