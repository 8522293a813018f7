"""Every key of a TOML document is found on its line."""

from __future__ import annotations

import pytest

from clearway.gateway.config.lines import KeyPath, find_lines


@pytest.mark.parametrize(
    ("document", "lines"),
    [
        ("", {}),
        ("# nothing\n\n", {}),
        ("a = 1", {("a",): 1}),
        ("\n\na = 1\nb = 2 # more", {("a",): 3, ("b",): 4}),
        ("a.b = 1", {("a",): 1, ("a", "b"): 1}),
        ("\"a b\".'c.d' = 1", {("a b",): 1, ("a b", "c.d"): 1}),
        (r'"\u00e9\"" = 1', {('é"',): 1}),
        ("[t]\na = 1", {("t",): 1, ("t", "a"): 2}),
        ("[t . u]\na = 1", {("t",): 1, ("t", "u"): 1, ("t", "u", "a"): 2}),
        ("[[t]]\n[[t]]\na = 1", {("t",): 1, ("t", 0): 1, ("t", 1): 2, ("t", 1, "a"): 3}),
        (
            "[[t]]\n[[t.u]]\na = 1\n[t.v]\nb = 1",
            {
                ("t",): 1,
                ("t", 0): 1,
                ("t", 0, "u"): 2,
                ("t", 0, "u", 0): 2,
                ("t", 0, "u", 0, "a"): 3,
                ("t", 0, "v"): 4,
                ("t", 0, "v", "b"): 5,
            },
        ),
        ("a = [\n 1,\n # two\n [2],\n]", {("a",): 1, ("a", 0): 2, ("a", 1): 4, ("a", 1, 0): 4}),
        ("a = { b = 1, c = [{}] }", {("a",): 1, ("a", "b"): 1, ("a", "c"): 1, ("a", "c", 0): 1}),
        ('a = """\nb = 1\n\\"""\n"""\nc = 1', {("a",): 1, ("c",): 5}),
        ("a = '''\nb = 1\n''''\nc = 1", {("a",): 1, ("c",): 4}),
        ('a = "# no comment ]"\nb = 1', {("a",): 1, ("b",): 2}),
        ("a = 1979-05-27 07:32:00 # when\nb = 1", {("a",): 1, ("b",): 2}),
        ("a = 1\r\nb = 2\r\n", {("a",): 1, ("b",): 2}),
    ],
)
def test_a_key_is_found_on_its_line(document: str, lines: dict[KeyPath, int]) -> None:
    assert find_lines(document) == lines
