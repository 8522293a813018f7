"""What is asked of a service, and what a source is called."""

from __future__ import annotations

import pytest

from clearway.cli.pprof.source import for_seconds, name_of_source

HEAP = "http://127.0.0.1:6060/debug/pprof/heap"
SOCKET = "unix:/tmp/pprof/1.sock:/debug/pprof/heap"


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        (HEAP, f"{HEAP}?seconds=5"),
        (f"{HEAP}?gc=1&seconds=30", f"{HEAP}?gc=1&seconds=5"),
        (f"{HEAP}?debug=#part", f"{HEAP}?debug=&seconds=5"),
        (SOCKET, f"{SOCKET}?seconds=5"),
    ],
)
def test_seconds_go_into_the_query(address: str, expected: str) -> None:
    assert for_seconds(address, 5.0) == expected


def test_a_query_without_seconds_stays_as_it_is() -> None:
    assert for_seconds(f"{HEAP}?a=%20+b", None) == f"{HEAP}?a=%20+b"


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("https://acme:secret@host/heap?debug=1", "https://host/heap?debug=1"),
        (SOCKET, "unix:/tmp/pprof/1.sock:/debug/pprof/heap"),
        ("a:b@c.pb.gz", "a:b@c.pb.gz"),
        ("-", "standard input"),
    ],
)
def test_a_source_is_called_what_it_is_without_a_password(source: str, name: str) -> None:
    assert name_of_source(source) == name
