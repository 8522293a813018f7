"""What a user can touch stands in docs/reference: names, configuration, plugs, commands and their options."""

from __future__ import annotations

import inspect
import typing
from collections.abc import Iterator, Mapping

import pytest

from tests.house import reference
from tests.house.doors import DOORS, door, is_ours, public
from tests.house.source import ROOT, modules

REGISTRY = "PLUGS"


def need(*names: str) -> None:
    """Skip where a part is not built yet; once its folder is there, its names have to be there too."""
    missing = [name for name in names if name not in modules()]
    if missing:
        pytest.skip(f"{', '.join(missing)} not built yet")


@pytest.mark.parametrize("name", DOORS)
def test_every_public_name_is_in_the_reference(name: str) -> None:
    assert [each for each in public(name) if each not in reference.words()] == []


def test_every_config_key_is_in_the_reference() -> None:
    need("clearway.gateway.config")
    models = list(models_below(door("clearway.gateway.config").GatewayConfig))
    keys = [(model.__name__, key) for model in models for key in keys_of(model)]
    assert [f"{model}.{key}" for model, key in keys if key not in reference.config_keys()] == []
    assert len(models) > 1


def test_every_plug_and_its_options_are_in_the_reference() -> None:
    need("clearway.plug.plugs")
    plugs = {name: plug for name, plug in public("clearway.plug.plugs").items() if inspect.isclass(plug)}

    options = [f"{name}({option})" for name, plug in plugs.items() for option in options_of(plug)]
    missing = [each for each in options if each.partition("(")[2][:-1] not in reference.words()]
    assert missing == []


def test_every_plug_that_a_config_can_name_is_in_the_reference() -> None:
    need("clearway.gateway.config")

    assert [name for name in registry() if name not in reference.config_keys()] == []


def test_every_command_and_option_is_in_the_reference() -> None:
    need("clearway.cli")
    commands = dict(commands_below(root_command(), "clearway"))

    missing = [command for command in commands if command not in reference.code()]
    missing += [
        f"{command} {option}"
        for command, options in commands.items()
        for option in options
        if option not in reference.words()
    ]
    assert missing == []
    assert len(commands) > 1


def test_every_page_of_the_reference_is_linked_from_another_page() -> None:
    pages = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    texts = {page: page.read_text() for page in pages}

    unlinked = [
        page.name
        for page in reference.REFERENCE.glob("**/*.md")
        if not any(page.name in text for other, text in texts.items() if other != page)
    ]
    assert unlinked == []


# Models: walk the annotations from the root model down.


def models_below(model: type, seen: set[type] | None = None) -> Iterator[type]:
    from pydantic import BaseModel

    seen = set() if seen is None else seen
    if model in seen:
        return
    seen.add(model)
    yield model
    for field in model.model_fields.values():
        for part in leaves(field.annotation):
            if inspect.isclass(part) and issubclass(part, BaseModel):
                yield from models_below(part, seen)


def leaves(annotation: object) -> Iterator[object]:
    """Give the plain types inside `annotation`: `dict[str, A | None]` gives str, A and None."""
    inside = typing.get_args(getattr(annotation, "__value__", annotation))
    if not inside:
        yield annotation
    for each in inside:
        yield from leaves(each)


def keys_of(model: type) -> list[str]:
    """Return the keys as a user writes them in TOML."""
    return [field.alias or name for name, field in model.model_fields.items()]


# Plugs: classes whose constructor's parameters are their options.


def options_of(plug: type) -> list[str]:
    if not is_ours(plug) or plug.__init__ is object.__init__:
        return []
    kinds = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    parameters = inspect.signature(plug).parameters.values()
    return [each.name for each in parameters if each.kind not in kinds and each.name[0] != "_"]


def registry() -> Mapping[str, object]:
    """Return the gateway's table from a name in the configuration to a plug."""
    inside = [door(name) for name in modules() if name.startswith("clearway.gateway")]
    found = [vars(module)[REGISTRY] for module in inside if REGISTRY in vars(module)]
    assert found, f"no module of clearway.gateway has a table called {REGISTRY}"
    return found[0]


# Commands: walk click's tree.


def root_command() -> typing.Any:
    import click

    root = door("clearway.cli").main
    assert isinstance(root, click.Group)
    return root


def commands_below(command: typing.Any, path: str) -> Iterator[tuple[str, list[str]]]:
    import click

    options = [param for param in command.params if isinstance(param, click.Option) and not param.hidden]
    yield path, [max(option.opts, key=len) for option in options]
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            if below is not None and not below.hidden:
                yield from commands_below(below, f"{path} {name}")
