"""What httptools' callbacks gather, in C: names, values, framing, and what is refused."""

from __future__ import annotations

import gc
import sys
import weakref

import pytest

from clearway.http._messages import (
    FRAMING,
    Gatherer,
    RequestGatherer,
    ResponseGatherer,
    ResponseHead,
    write_lines,
)
from clearway.plug import Headers


class Reader(RequestGatherer):
    """A reader that holds itself, as one does whose parser calls it back."""

    def __init__(self) -> None:
        self._parser = self


class Answers(ResponseGatherer):
    """The same on the other side."""

    def __init__(self) -> None:
        self._parser = self


def test_names_are_put_into_lower_case_and_values_stripped_behind() -> None:
    gatherer = Gatherer()

    gatherer.on_header(b"X-A", b"b \t")
    gatherer.on_header(b"x-a", b"")

    assert gatherer._take() == ([(b"x-a", b"b"), (b"x-a", b"")], [], {}, 2)


def test_every_spelling_of_a_name_becomes_one_object() -> None:
    gatherer = Gatherer()
    for spelling in (b"X-Spelled", b"x-spelled", b"X-SPELLED"):
        gatherer.on_header(spelling, b"1")

    fields, *_ = gatherer._take()

    assert len({id(name) for name, _ in fields}) == 1


def test_hosts_and_framing_are_kept_apart() -> None:
    gatherer = Gatherer()
    for name, value in ((b"Host", b"a"), (b"HOST", b"b"), (b"Connection", b"close"), (b"connection", b"te")):
        gatherer.on_header(name, value)

    taken = gatherer._take()

    assert taken == ([(b"host", b"a"), (b"host", b"b")], [b"a", b"b"], {b"connection": b"close, te"}, 4)
    assert gatherer._take() == ([], [], {}, 0)


@pytest.mark.parametrize("name", sorted(FRAMING))
def test_each_framing_field_is_kept_apart(name: bytes) -> None:
    gatherer = Gatherer()

    gatherer.on_header(name.upper(), b"x")

    assert gatherer._take() == ([], [], {name: b"x"}, 1)


def test_more_names_than_are_remembered_are_still_read() -> None:
    gatherer = Gatherer()
    for number in range(3000):
        gatherer.on_header(b"X-%d" % number, b"%d" % number)
        gatherer.on_header(b"Host", b"a")
    gatherer.on_header(b"X-" + b"L" * 5000, b"long")

    fields, hosts, framing, lines = gatherer._take()

    assert (len(hosts), framing, lines) == (3000, {}, 6001)
    assert fields[-3:] == [(b"x-2999", b"2999"), (b"host", b"a"), (b"x-" + b"l" * 5000, b"long")]


@pytest.mark.parametrize("wrong", [(), (b"a",), ("a", b"b"), (b"a", "b"), (b"a", b"b", b"c"), (b"a", None)])
def test_a_line_is_two_bytes(wrong: tuple[object, ...]) -> None:
    gatherer = Gatherer()

    with pytest.raises(TypeError):
        gatherer.on_header(*wrong)  # type: ignore[arg-type,call-arg]
    assert gatherer._take() == ([], [], {}, 0)


def test_a_target_may_come_in_pieces() -> None:
    reader = Reader()

    reader.on_url(b"/a")
    reader.on_url(b"b")

    assert (reader._target, reader.in_head, reader._began) == (b"/ab", True, True)
    with pytest.raises(TypeError):
        reader.on_url("/a")  # type: ignore[arg-type]


def test_a_body_that_nobody_waits_for_is_noted_and_not_kept() -> None:
    answers = Answers()
    answers.on_body(b"abc")
    answers._complete = True
    answers.on_body(b"more")

    assert (answers._take_pieces(), answers._whole, answers._overhead) == ([b"abc"], True, -21 * 3)
    assert answers._take_pieces() == []
    with pytest.raises(TypeError):
        answers.on_body(bytearray(b"x"))  # type: ignore[arg-type]


def test_forgetting_begins_anew() -> None:
    answers = Answers()
    answers.on_header(b"a", b"b")
    answers.on_body(b"abc")
    answers._head, answers._seen = ResponseHead((200, Headers(), 3, False, True)), True
    answers.on_message_complete()
    assert answers._complete

    answers._forget()

    assert (answers._head, answers._complete, answers._seen, answers._lines) == (None, False, False, 0)
    assert (answers._take_pieces(), answers._overhead, answers._interim) == ([], 0, 0)


@pytest.mark.parametrize("kind", [Reader, Answers])
def test_the_collector_finds_a_gatherer_that_holds_itself(kind: type[Reader] | type[Answers]) -> None:
    class Watched(kind):  # type: ignore[misc,valid-type]
        """Can be referred to weakly."""

    held = Watched()
    held.on_header(b"a", b"b")
    gone = weakref.ref(held)

    del held
    gc.collect()

    assert gone() is None


def test_what_is_gathered_is_released_with_its_gatherer() -> None:
    value = b"".join([b"val", b"ue"])
    before = sys.getrefcount(value)

    for _ in range(50):
        gatherer = Gatherer()
        gatherer.on_header(b"x-a", value)
        gatherer.on_header(b"te", value)
        gatherer.on_header(b"host", value)
    del gatherer

    assert sys.getrefcount(value) == before


def test_lines_are_written_but_for_those_kept_apart() -> None:
    raw = ((b"host", b"a"), (b"x-a", b"b"), (b"via", b"1.1 c"), (b"x-a", b""))

    written, left = write_lines(raw, frozenset([b"host", b"via"]))

    assert written == b"x-a: b\r\nx-a: \r\n"
    assert left == [(b"host", b"a"), (b"via", b"1.1 c")]
    assert write_lines((), frozenset()) == (b"", [])
    assert write_lines(raw[:1], frozenset()) == (b"host: a\r\n", [])


@pytest.mark.parametrize(
    "wrong",
    [
        (),
        ((),),
        ([], frozenset()),
        ((), [b"a"]),
        (((b"a",),), set()),
        (((b"a", "b"),), set()),
        ((b"ab",), set()),
    ],
)
def test_only_lines_are_written(wrong: tuple[object, ...]) -> None:
    with pytest.raises(TypeError):
        write_lines(*wrong)  # type: ignore[arg-type,call-arg]
