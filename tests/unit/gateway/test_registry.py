"""Every plug can be configured, with the options and the defaults of its constructor."""

from __future__ import annotations

import inspect
import typing
from pathlib import Path
from typing import Any

import pytest

from clearway.gateway.config.plugs.tables import PLUG_NAMES, PlugTable
from clearway.gateway.registry import PLUGS, Surroundings
from clearway.plug import plugs as built_in
from clearway.plug.jose import ALGORITHMS
from clearway.plug.plugs import BasicAuth, Bearer

CLASSES = {
    "access_log": "AccessLog",
    "basic_auth": "BasicAuth",
    "bearer": "Bearer",
    "body_limit": "BodyLimit",
    "cors": "Cors",
    "headers": "EditHeaders",
    "ip_filter": "IpFilter",
    "metrics": "Metrics",
    "rate_limit": "RateLimit",
    "request_id": "RequestId",
    "require_auth": "RequireAuth",
    "scopes": "Scopes",
}
# What only a program can give, and what a configuration spells in another way.
OTHERWISE = {"clock", "executor", "generator", "start", "keys", "file"}
SECRET = "a-secret-of-more-than-thirty-two-bytes"
HASH = "$2b$04$" + "." * 21 + "O" + "." * 30 + "C"


def around(folder: Path = Path("/nowhere")) -> Surroundings:
    return Surroundings(folder, {"JWT_SECRET": SECRET})


def built(name: str, **options: Any) -> Any:
    kind = PLUGS[name]
    return kind.build(kind.model.model_validate({"use": name, **options}), around())


def parameters(name: str) -> dict[str, inspect.Parameter]:
    cls = getattr(built_in, CLASSES[name])
    if cls.__init__ is object.__init__:
        return {}
    return dict(inspect.signature(cls).parameters)


def test_every_built_in_plug_has_a_name_in_the_configuration() -> None:
    assert {*CLASSES.values(), "MetricsEndpoint"} == set(built_in.__all__)
    assert set(CLASSES) == set(PLUGS) == set(PLUG_NAMES)


def test_every_table_of_the_registry_is_one_that_a_list_of_plugs_takes() -> None:
    tables = [typing.get_args(each)[0] for each in typing.get_args(PlugTable)]

    assert {kind.model for kind in PLUGS.values()} == set(tables)


@pytest.mark.parametrize("name", CLASSES)
def test_every_option_of_the_constructor_can_be_configured(name: str) -> None:
    assert set(parameters(name)) - OTHERWISE <= set(PLUGS[name].model.model_fields)


@pytest.mark.parametrize("name", CLASSES)
def test_a_default_is_that_of_the_constructor(name: str) -> None:
    fields = PLUGS[name].model.model_fields
    for option, parameter in parameters(name).items():
        if option not in fields or parameter.default is parameter.empty:
            continue
        ours = fields[option].get_default(call_default_factory=True)
        assert ours is None or same(ours, parameter.default), option


def same(ours: Any, theirs: Any) -> bool:
    if isinstance(ours, list):
        return ours == ([theirs] if isinstance(theirs, str) else list(theirs))
    return bool(ours == theirs) or (ours == {} and theirs is None)


def test_every_algorithm_of_jose_can_be_named() -> None:
    annotation = PLUGS["bearer"].model.model_fields["algorithms"].annotation
    (names, _) = typing.get_args(annotation)

    assert typing.get_args(typing.get_args(names)[0]) == tuple(ALGORITHMS)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("access_log", {"to": "stderr", "fields": ["status"]}),
        ("basic_auth", {"users": {"acme": HASH}}),
        ("bearer", {"secret_env": "JWT_SECRET", "issuer": "https://id.example", "audience": ["a", "b"]}),
        ("body_limit", {"max_bytes": 5}),
        ("cors", {"origins": "https://app.example.org"}),
        ("headers", {"set_request": {"x-user": "{principal}"}}),
        ("ip_filter", {"deny": ["192.0.2.0/24"]}),
        ("metrics", {"buckets": [0.1, 1], "status": "class"}),
        ("rate_limit", {"rate": 5, "key": ["principal", "route"]}),
        ("request_id", {}),
        ("require_auth", {}),
        ("scopes", {"scopes": ["orders:read"]}),
    ],
)
def test_every_plug_is_built(name: str, options: dict[str, Any]) -> None:
    plug = built(name, **options)

    assert type(plug).__name__ == CLASSES[name]
    if hasattr(plug, "close"):
        plug.close()


def test_files_are_found_beside_the_configuration(tmp_path: Path) -> None:
    (tmp_path / "users").write_text(f"acme:{HASH}\n")
    kind = PLUGS["basic_auth"]

    plug = kind.build(kind.model.model_validate({"use": "basic_auth", "htpasswd": "users"}), around(tmp_path))

    assert isinstance(plug, BasicAuth)
    plug.close()


def test_routes_that_name_the_same_published_keys_share_them() -> None:
    kind, here = PLUGS["bearer"], around()
    for url in ("https://id.example/a", "https://id.example/a", "https://id.example/b"):
        table = kind.model.model_validate({"use": "bearer", "jwks_url": url})
        assert isinstance(kind.build(table, here), Bearer)

    assert len(here.remote_keys) == 2
