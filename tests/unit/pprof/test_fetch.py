"""Addresses of profiles are taken apart, and shown without what is secret."""

from __future__ import annotations

import pytest

from clearway.pprof import BadParameterError
from clearway.pprof.fetch import Target, is_address, read_address, shown

HEAP = "/debug/pprof/heap"


@pytest.mark.parametrize(
    ("address", "target"),
    [
        (f"http://127.0.0.1:6060{HEAP}?gc=1", Target("http", "127.0.0.1", 6060, "", f"{HEAP}?gc=1", "")),
        ("https://a.example", Target("https", "a.example", None, "", HEAP, "")),
        (f"http://[::1]:6060{HEAP}", Target("http", "::1", 6060, "", HEAP, "")),
        (f"http://ops:let%20me@b:1{HEAP}", Target("http", "b", 1, "", HEAP, "ops:let me")),
        (f"unix:/tmp/p/1.sock:{HEAP}?seconds=5",
         Target("unix", "localhost", None, "/tmp/p/1.sock", f"{HEAP}?seconds=5", "")),
        ("unix:/tmp/p/1.sock", Target("unix", "localhost", None, "/tmp/p/1.sock", HEAP, "")),
        (f"unix:///tmp/p/1.sock:{HEAP}", Target("unix", "localhost", None, "/tmp/p/1.sock", HEAP, "")),
        (f"http+unix://%2Ftmp%2F1.sock{HEAP}", Target("unix", "localhost", None, "/tmp/1.sock", HEAP, "")),
    ],
)  # fmt: skip
def test_an_address_is_taken_apart(address: str, target: Target) -> None:
    assert read_address(address) == target


@pytest.mark.parametrize("address", ["ftp://a/b", "http://", "http://a:b/", "http://[::1/", "heap.pb.gz"])
def test_what_is_no_address_is_told(address: str) -> None:
    with pytest.raises(BadParameterError):
        read_address(address)


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("http://a", True),
        ("unix:/a", True),
        ("http+unix://a", True),
        ("heap.pb.gz", False),
        ("a:b.gz", False),
    ],
)
def test_a_file_is_no_address(text: str, is_one: bool) -> None:
    assert is_address(text) == is_one


def test_a_password_is_not_shown() -> None:
    assert shown(read_address(f"http://ops:secret@[::1]:6060{HEAP}")) == f"http://[::1]:6060{HEAP}"
    assert shown(read_address(f"unix:/p.sock:{HEAP}")) == f"unix:/p.sock:{HEAP}"
