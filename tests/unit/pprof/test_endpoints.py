"""The pages as a plug: who is answered, under which mount, and what passes."""

from __future__ import annotations

from base64 import b64encode

import pytest

from clearway.plug import Conn, Pipeline, PlugOptionError, Router, forward, get
from clearway.pprof.endpoints import PprofEndpoints
from clearway.pprof.web import Credentials, Pages
from clearway.testing import body_of, conn, run
from tests.unit.pprof.web.collectors import Beans, pages_of

HEAP = "/debug/pprof/heap"
LOCAL = {"host": "localhost:8000"}


@pytest.fixture
def pages() -> Pages:
    return pages_of(Beans(), Beans("profile", seconds=30.0))


def ask(plug: PprofEndpoints, target: str = HEAP, *, peer: str = "127.0.0.1", **headers: str) -> Conn:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    host = named.pop("host", "localhost:8000")
    return run(plug, conn("GET", target, headers=named, host=host, peer=(peer, 1)))


def test_a_profile_is_answered_and_later_plugs_are_skipped(pages: Pages) -> None:
    answered = ask(PprofEndpoints(pages=pages))

    assert (answered.status, body_of(answered), answered.halted) == (200, b"3 beans in proto", True)
    assert answered.resp_headers.get("content-disposition") == 'attachment; filename="heap"'
    assert answered.resp_headers.get("x-content-type-options") == "nosniff"


@pytest.mark.parametrize("target", ["/", "/orders", "/debug", "/a/debug/pprof/heap", "/x?/debug/pprof/"])
def test_everything_else_passes_untouched(pages: Pages, target: str) -> None:
    before = conn("GET", target)

    assert PprofEndpoints(pages=pages)(before) is before


def test_seconds_are_waited_for_in_the_loop(pages: Pages) -> None:
    answered = ask(PprofEndpoints(pages=pages), f"{HEAP}?seconds=0.001")

    assert answered.resp_headers.get("content-disposition") == 'attachment; filename="heap-delta"'


@pytest.mark.parametrize(
    ("peer", "headers", "status"),
    [
        ("127.0.0.1", {}, 200), ("127.0.0.9", {}, 200), ("::1", {}, 200), ("::ffff:127.0.0.1", {}, 200),
        ("10.1.2.3", {}, 403), ("127.0.0.1", {"x_forwarded_for": "127.0.0.1"}, 403),
        ("127.0.0.1", {"forwarded": "for=::1"}, 403), ("127.0.0.1", {"via": "1.1 a"}, 403),
        ("127.0.0.1", {"host": "evil.example"}, 403), ("127.0.0.1", {"sec_fetch_site": "cross-site"}, 403),
    ],
)  # fmt: skip
def test_without_options_this_machine_alone_is_answered(
    pages: Pages, peer: str, headers: dict[str, str], status: int
) -> None:
    assert ask(PprofEndpoints(pages=pages), peer=peer, **headers).status == status


def test_a_client_without_an_address_is_not_on_this_machine(pages: Pages) -> None:
    assert run(PprofEndpoints(pages=pages), conn("GET", HEAP, peer=None, host="localhost")).status == 403


def test_credentials_are_enough_from_anywhere(pages: Pages) -> None:
    plug = PprofEndpoints(pages=pages, credentials=Credentials(user="ops", password="let me in"))
    login = f"Basic {b64encode(b'ops:let me in').decode()}"

    assert ask(plug, peer="10.1.2.3", host="a.example").status == 401
    assert ask(plug, peer="10.1.2.3", host="a.example", authorization=login).status == 200


@pytest.mark.parametrize(("allowed", "status"), [(True, 200), (False, 403)])
def test_somebody_else_may_decide(pages: Pages, allowed: bool, status: int) -> None:
    plug = PprofEndpoints(pages=pages, allow=lambda _: allowed)

    assert ask(plug, peer="10.1.2.3", host="a.example", x_forwarded_for="1.2.3.4").status == status


def test_two_ways_to_decide_are_one_too_many() -> None:
    with pytest.raises(PlugOptionError):
        PprofEndpoints(credentials=Credentials(token="t"), allow=lambda _: True)


def test_a_router_may_mount_it_anywhere(pages: Pages) -> None:
    plug = PprofEndpoints(pages=pages)
    ops = Router(forward("/debug/pprof", plug))
    app = Pipeline(Router(forward("/ops", ops), get("/debug/pprof/*rest", plug)))

    for path in ("/ops/debug/pprof", "/debug/pprof"):
        index = run(app, conn("GET", f"{path}/", host="localhost"))
        assert b"clearway pprof top" in body_of(index)
        assert f"http://localhost{path}/heap".encode() in body_of(index)
        assert body_of(run(app, conn("GET", f"{path}/heap", host="localhost"))) == b"3 beans in proto"


def test_the_path_without_its_last_slash_leads_to_the_index(pages: Pages) -> None:
    answered = ask(PprofEndpoints(pages=pages), "/debug/pprof")

    assert (answered.status, answered.resp_headers.get("location")) == (301, "pprof/")
