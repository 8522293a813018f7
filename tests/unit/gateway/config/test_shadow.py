"""A route is hidden by an earlier one that takes all that it would take."""

from __future__ import annotations

from typing import Any

import pytest

from clearway.gateway.config.routes import RouteConfig
from clearway.gateway.config.shadow import shadowed


def route(path: str, **more: Any) -> RouteConfig:
    return RouteConfig.model_validate({"path": path, "respond": {}, **more})


ANY = route("/*rest")


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        (ANY, route("/")),
        (ANY, route("/a/:b/*c")),
        (route("/a"), route("/a/")),
        (route("/:x"), route("/a")),
        (route("/:x"), route("/:y.json")),
        (route("/:x.json"), route("/a.json")),
        (route("/v:x"), route("/v2:y")),
        (route("/a/*rest"), route("/a")),
        (ANY, route("/", methods=["GET"])),
        (route("/", methods=["GET"]), route("/", methods=["HEAD"])),
        (ANY, route("/", host="a.example")),
        (route("/", host="*.a.example"), route("/", host="B.a.example")),
        (route("/", headers={"x": "1"}), route("/", headers={"x": "1", "y": False})),
    ],
)
def test_it_is_never_reached(earlier: RouteConfig, later: RouteConfig) -> None:
    assert list(shadowed([earlier, later])) == [(1, 0)]


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        (route("/a"), route("/b")),
        (route("/a"), route("/:x")),
        (route("/a/:x"), route("/a/*rest")),
        (route("/a/*rest"), route("/*rest")),
        (route("/:x.json"), route("/:y")),
        (route("/v2:x"), route("/v:y")),
        (route("/", methods=["GET"]), route("/")),
        (route("/", methods=["GET"]), route("/", methods=["GET", "PUT"])),
        (route("/", host="a.example"), route("/")),
        (route("/", host="*.a.example"), route("/", host="a.example")),
        (route("/", host="*.a.example"), route("/", host="ba.example")),
        (route("/", headers={"x": "1"}), route("/")),
        (route("/", headers={"x": "1"}), route("/", headers={"x": "2"})),
    ],
)
def test_it_is_reached(earlier: RouteConfig, later: RouteConfig) -> None:
    assert list(shadowed([earlier, later])) == []


def test_the_first_that_hides_it_is_named() -> None:
    assert list(shadowed([route("/a"), ANY, ANY, route("/a")])) == [(2, 1), (3, 0)]
