"""From a configuration to a gateway that can be served."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from clearway.errors import ClearwayError
from clearway.gateway.config import ConfigError, Document, Loaded, Problem
from clearway.gateway.config.addresses import parse_address
from clearway.gateway.config.lines import KeyPath
from clearway.gateway.config.load import check_document, parse_document, read_document
from clearway.gateway.config.plugs import PlugConfig
from clearway.gateway.config.routes import RouteConfig
from clearway.gateway.endpoints import Redirect, Respond
from clearway.gateway.gateway import Gateway
from clearway.gateway.hosting import AsgiApp
from clearway.gateway.identity import identity_headers
from clearway.gateway.ingress import Ingress
from clearway.gateway.labelled import Labelled
from clearway.gateway.plug_problems import close, plug_problem, try_plugs
from clearway.gateway.proxy import Proxy
from clearway.gateway.registry import PLUGS, Surroundings
from clearway.gateway.upstream import Upstream
from clearway.http.deadlines import Deadlines
from clearway.plug import Pipeline, Plug, Route, Router, route
from clearway.plug.pattern import Pattern

__all__ = ["build", "open_gateway", "parse_gateway"]


def open_gateway(path: Path, environ: Mapping[str, str] = os.environ) -> Gateway:
    """Return the gateway that the file at `path` describes; raise `ConfigError` with every mistake in it.

        gateway = open_gateway(Path("gateway.toml"))

    Nothing is started: no socket, no fetch.
    """
    return _checked(read_document(path), Surroundings(path.parent, environ))


def parse_gateway(
    text: str, name: str = "configuration", folder: Path = Path(), environ: Mapping[str, str] = os.environ
) -> Gateway:
    """Like `open_gateway`, for the text of a configuration."""
    return _checked(parse_document(text, name), Surroundings(folder, environ))


def _checked(document: Document, around: Surroundings) -> Gateway:
    return build(check_document(document, lambda found: try_plugs(found, around)), around)


def build(loaded: Loaded, around: Surroundings) -> Gateway:
    """Return the gateway that `loaded` describes; raise `ConfigError` with all that could not be built."""
    return _Builder(loaded, around).gateway()


class _Builder:
    """Builds the parts of one gateway and gathers what goes wrong."""

    def __init__(self, loaded: Loaded, around: Surroundings) -> None:
        self._loaded, self._config, self._around = loaded, loaded.config, around
        self._problems: list[Problem] = []
        self._plugs: dict[str, Plug] = {}
        self._apps: dict[str, AsgiApp] = {}
        deadlines = self._deadlines = Deadlines()
        self._upstreams = {
            name: Upstream(name, [parse_address(each) for each in table.targets], table.limits(), deadlines)
            for name, table in self._config.upstreams.items()
        }

    def gateway(self) -> Gateway:
        config = self._config
        groups = {name: self._row(("groups", name), plugs, {}) for name, plugs in config.groups.items()}
        first = self._row(("plugs",), config.plugs, groups)
        routes = [self._route(index, each, groups) for index, each in enumerate(config.routes)]
        admin = self._row(("admin", "plugs"), config.admin.plugs, groups) if config.admin else []
        if self._problems:
            for plug in self._plugs.values():
                close(plug)
            raise ConfigError(self._loaded.document.name, self._problems)
        ingress = Ingress(
            config.trusted_proxies, identity_headers(config), underscores=config.server.underscore_headers
        )
        return Gateway(
            config=config,
            name=self._loaded.document.name,
            warnings=self._loaded.warnings,
            pipeline=Pipeline(Labelled(), ingress, *first, Router(*routes)),
            admin_plugs=admin,
            upstreams=self._upstreams,
            plugs=self._plugs,
            remote_keys=list(self._around.remote_keys.values()),
            deadlines=self._deadlines,
            apps=list(self._apps.values()),
        )

    def _row(
        self, path: KeyPath, tables: Sequence[PlugConfig | str], groups: Mapping[str, Sequence[Plug]]
    ) -> list[Plug]:
        row: list[Plug] = []
        for index, table in enumerate(tables):
            if isinstance(table, str):
                row += groups[table]
            else:
                row += self._plug((*path, index), table)
        return row

    def _plug(self, path: KeyPath, table: PlugConfig) -> list[Plug]:
        try:
            plug = PLUGS[table.use].build(table, self._around)
        except ClearwayError as error:
            self._problems.append(plug_problem(self._loaded.document, path, table, error))
            return []
        self._plugs[self._loaded.document.problem(path, "").key] = plug
        return [plug]

    def _route(self, index: int, table: RouteConfig, groups: Mapping[str, Sequence[Plug]]) -> Route:
        plugs = self._row(("routes", index, "plugs"), table.plugs, groups)
        labelled = Labelled(table.upstream or "", app=table.app or "")
        return route(
            table.methods or "*",
            table.path,
            *([labelled, *plugs, labelled] if plugs else [labelled]),
            self._endpoint(table),
            host=table.host,
            headers={name: None if value is False else value for name, value in table.headers.items()},
            name=table.name,
        )

    def _endpoint(self, table: RouteConfig) -> Plug:
        if table.respond is not None:
            return Respond(table.respond.status, table.respond.body.encode(), table.respond.content_type)
        if table.redirect is not None:
            return Redirect(table.redirect.to, table.redirect.status)
        if table.app is not None:
            return self._app(table.app).at(_prefix(table))
        name = table.upstream or ""  # the model holds that there is one endpoint
        return Proxy(
            self._upstreams[name],
            strip_prefix=table.stripped_segments(),
            upstream_host=self._config.upstreams[name].host == "upstream",
        )

    def _app(self, name: str) -> AsgiApp:
        """Return the app of that name: routes that name one share its lifespan."""
        if name not in self._apps:
            self._apps[name] = AsgiApp(name, folder=self._around.folder)
        return self._apps[name]


def _prefix(table: RouteConfig) -> str:
    """Return the part of a route's path that `strip_prefix` names."""
    segments = Pattern.compile(table.path).segments[: table.stripped_segments()]
    return "".join(f"/{segment}" for segment in segments)
