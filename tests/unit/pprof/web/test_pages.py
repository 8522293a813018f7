"""The pages under /debug/pprof/ answer as Go's do; no socket is opened here."""

from __future__ import annotations

import sys
from urllib.parse import urljoin

import pytest

from clearway.pprof import UnavailableError
from clearway.pprof.web import Answer, Collection, Pages, Request
from clearway.pprof.web.pages import Turns
from clearway.testing import MockClock
from tests.unit.pprof.web.collectors import Beans, pages_of

TEXT = "text/plain; charset=utf-8"
HTML = "text/html; charset=utf-8"
PROTO = "application/octet-stream"

# Path and query, status, content type, disposition (the name of the file), and what the body begins with.
# The rows without a remark are those of Go's net/http/pprof.
ROWS = [
    ("<script>scripty<script>", 404, TEXT, "", b"Unknown profile\n"),
    ("heap", 200, PROTO, "heap", b"3 beans in proto"),
    ("heap?debug=1", 200, TEXT, "", b"3 beans at 1\n"),
    ("heap?debug=2", 200, TEXT, "", b"3 beans at 2\n"),
    ("heap?gc=1", 200, PROTO, "heap", b"3 beans in proto"),
    ("cmdline", 200, TEXT, "", sys.orig_argv[0].encode()),
    ("profile?seconds=1", 200, PROTO, "profile", b"0 beans in proto"),
    ("profile", 200, PROTO, "profile", b"0 beans in proto"),
    ("symbol", 200, TEXT, "", b"num_symbols: 1\n"),
    ("symbol?0x1+0x2", 200, TEXT, "", b"num_symbols: 1\n"),
    ("mutex", 200, PROTO, "mutex", b"3 beans in proto"),
    ("block?seconds=1", 200, PROTO, "block-delta", b"0 beans in proto"),
    ("goroutine?seconds=1", 200, PROTO, "goroutine-delta", b"0 beans in proto"),
    ("goroutine", 200, PROTO, "goroutine", b"3 beans in proto"),
    ("tasks", 200, PROTO, "tasks", b"3 beans in proto"),
    ("", 200, HTML, "", b"<!doctype html>"),
    ("heap?seconds=1x", 400, TEXT, "", b"seconds cannot be '1x'\n\na number above 0, at most 3600\n"),
    ("heap?seconds=-1", 400, TEXT, "", b"seconds cannot be '-1'\n"),
    # Go lets these pass as if they were not there; here, a slip of the pen is told.
    ("profile?seconds=0", 400, TEXT, "", b"seconds cannot be '0'\n"),
    ("profile?seconds=nan", 400, TEXT, "", b"seconds cannot be 'nan'\n"),
    ("profile?seconds=3601", 400, TEXT, "", b"seconds cannot be '3601'\n"),
    ("heap?debug=3", 400, TEXT, "", b"debug cannot be '3'\n\n0 for profile.proto, 1 for text"),
    ("heap?gc=yes", 400, TEXT, "", b"gc cannot be 'yes'\n"),
    ("heap?second=5", 400, TEXT, "", b"there is no parameter 'second'\n\nheap takes debug, gc, seconds\n"),
    ("profile?gc=1", 400, TEXT, "", b"there is no parameter 'gc'\n\nprofile takes debug, seconds\n"),
    ("heap?debug=1&debug=2", 400, TEXT, "", b"debug is given 2 times\n"),
    # Go refuses text for a difference; there is no reason to.
    ("heap?seconds=1&debug=1", 200, TEXT, "", b"0 beans at 1\n"),
]


@pytest.fixture
def pages() -> Pages:
    snapshots = [Beans(name) for name in ("heap", "mutex", "block", "tasks")]
    return pages_of(*snapshots, Beans("profile", seconds=30.0))


def ask(pages: Pages, target: str, method: str = "GET") -> Answer:
    """Ask and, where something is to be recorded, let no time pass."""
    path, _, query = target.partition("?")
    found = pages.ask(Request(method, path, query, base="http://127.0.0.1:6060"))
    if isinstance(found, Answer):
        return found
    return found.begin() or found.finish()


@pytest.mark.parametrize(("target", "status", "content_type", "name", "body"), ROWS)
def test_a_page_answers_as_go_does(
    pages: Pages, target: str, status: int, content_type: str, name: str, body: bytes
) -> None:
    answer = ask(pages, f"/debug/pprof/{target}")

    headers = dict(answer.headers)
    assert (answer.status, headers["content-type"]) == (status, content_type)
    assert headers.get("content-disposition", "") == (f'attachment; filename="{name}"' if name else "")
    assert headers["x-content-type-options"] == "nosniff"
    assert headers.get("x-go-pprof") == ("1" if status >= 400 else None)
    assert answer.body.startswith(body)
    assert pages.slots.taken == 0


def test_the_words_of_the_command_line_are_divided_by_nul(pages: Pages) -> None:
    assert ask(pages, "/debug/pprof/cmdline").body.split(b"\0") == [word.encode() for word in sys.orig_argv]


@pytest.mark.parametrize("path", ["/", "/debug/pprof"])
def test_who_comes_near_is_led_to_the_index(pages: Pages, path: str) -> None:
    answer = ask(pages, path)

    assert answer.status == 301
    assert urljoin(f"http://a{path}", dict(answer.headers)["location"]) == "http://a/debug/pprof/"


@pytest.mark.parametrize("path", ["/metrics", "/debug/pprofheap", "/debug/pprof/../heap", "/debug"])
def test_nothing_else_is_there(pages: Pages, path: str) -> None:
    assert ask(pages, path).status == 404


@pytest.mark.parametrize(("method", "path", "status"), [
    ("POST", "heap", 405), ("DELETE", "", 405), ("POST", "symbol", 200), ("HEAD", "symbol", 200),
])  # fmt: skip
def test_only_symbol_takes_a_body(pages: Pages, method: str, path: str, status: int) -> None:
    assert ask(pages, f"/debug/pprof/{path}", method).status == status


def test_a_head_request_collects_nothing() -> None:
    beans = Beans("profile", seconds=30.0)

    answer = ask(pages_of(beans), "/debug/pprof/profile", "HEAD")

    assert (answer.status, answer.body, beans.begun) == (200, b"", 0)
    assert ("content-disposition", 'attachment; filename="profile"') in answer.headers


def collect(pages: Pages, name: str) -> Collection:
    path, _, query = name.partition("?")
    found = pages.ask(Request("GET", f"/debug/pprof/{path}", query))
    assert isinstance(found, Collection)
    return found


@pytest.mark.parametrize(("name", "seconds"), [("profile", 30), ("profile?seconds=0.5", 0.5), ("heap", 0)])
def test_how_long_is_recorded(pages: Pages, name: str, seconds: float) -> None:
    assert collect(pages, name).seconds == seconds


def test_a_difference_is_what_came_in_between() -> None:
    beans = Beans()
    collection = collect(pages_of(beans), "heap?seconds=5")

    collection.begin()
    beans.held += 40

    assert collection.finish().body == b"40 beans in proto"


def test_two_cpu_profiles_at_once_are_a_conflict(pages: Pages) -> None:
    first = collect(pages, "profile")
    first.begin()

    second = collect(pages, "profile").begin()

    assert second is not None
    assert second.status == 409
    assert second.body == b"profile is being recorded\n\nwait until it ends\n"
    assert first.finish().status == 200
    assert ask(pages, "/debug/pprof/profile").status == 200


def test_a_client_that_leaves_ends_its_recording() -> None:
    beans = Beans("profile", seconds=30.0)
    pages = pages_of(beans)
    collection = collect(pages, "profile")
    collection.begin()

    collection.cancel()
    collection.cancel()

    assert (beans.cancelled, pages.slots.taken) == (1, 0)
    assert collection.finish().status == 503


def test_a_client_that_leaves_while_it_begins_leaves_nothing_behind() -> None:
    class Slow(Beans):
        def begin(self):  # type: ignore[no-untyped-def]
            collection.cancel()
            return super().begin()

    beans = Slow("profile", seconds=30.0)
    pages = pages_of(beans)
    collection = collect(pages, "profile")

    collection.begin()

    assert (beans.cancelled, pages.slots.taken) == (1, 0)


def test_no_more_than_so_many_are_collected_at_once() -> None:
    pages = pages_of(Beans(), most_collections=1)
    first = collect(pages, "heap?seconds=5")
    first.begin()

    refused = collect(pages, "heap?seconds=5").begin()
    first.finish()

    assert refused is not None
    assert refused.status == 503
    assert collect(pages, "heap?seconds=5").begin() is None
    assert repr(pages.slots) == "<Slots 1 of 1 taken, 1 refused>"


@pytest.mark.parametrize(
    ("broken", "status", "text"),
    [
        (UnavailableError("no heap in this build", hint="make native"), 503, b"no heap in this build"),
        (MemoryError(), 503, b"there is no memory left"),
        (KeyError("k"), 500, b"heap could not be collected: KeyError: 'k'"),
    ],
)
@pytest.mark.parametrize("query", ["", "?seconds=1"])
def test_a_collector_that_fails_is_told(broken: Exception, status: int, text: bytes, query: str) -> None:
    beans = Beans()
    beans.broken = broken
    pages = pages_of(beans)

    answer = ask(pages, f"/debug/pprof/heap{query}")

    assert (answer.status, pages.slots.taken) == (status, 0)
    assert answer.body.startswith(text)
    assert ("x-go-pprof", "1") in answer.headers


def test_a_profile_that_cannot_be_loaded_is_unavailable() -> None:
    def missing(name: str) -> Beans:
        raise ImportError(f"no C code for {name}")

    assert ask(Pages(lookup=missing), "/debug/pprof/heap").status == 503


def test_nothing_is_collected_while_the_interpreter_ends(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "is_finalizing", lambda: True)

    answer = ask(pages, "/debug/pprof/heap")

    assert (answer.status, answer.body) == (503, b"the process is ending\n")


def test_the_service_runs_between_turns_of_two_milliseconds() -> None:
    clock, rests = MockClock(), list[float]()
    turns = Turns(clock, lambda: rests.append(clock()))

    for _ in range(10):
        clock.advance(0.0007)
        turns.give_way()

    assert rests == pytest.approx([0.0021, 0.0042, 0.0063])
