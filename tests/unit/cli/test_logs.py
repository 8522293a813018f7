"""A log line is text for people and one JSON object for programs."""

from __future__ import annotations

import json
import logging
import sys

from clearway.cli.logs import JsonLines, TextLines


def record(**more: object) -> logging.LogRecord:
    made = logging.LogRecord("clearway.gateway", logging.INFO, __file__, 1, "on %s\n", ("port",), None)
    made.created, made.msecs = 1_800_000_000.25, 250.0
    made.__dict__.update(more)
    return made


def test_a_program_gets_one_object_per_event() -> None:
    line = JsonLines().format(record(address="127.0.0.1:80"))

    assert "\n" not in line
    assert json.loads(line) == {
        "time": "2027-01-15T08:00:00.250Z",
        "level": "info",
        "logger": "clearway.gateway",
        "message": "on port\n",
        "address": "127.0.0.1:80",
    }


def test_an_exception_is_part_of_its_event() -> None:
    try:
        raise ValueError("broken")
    except ValueError:
        line = JsonLines().format(record(exc_info=sys.exc_info()))

    assert "\n" not in line
    assert json.loads(line)["exception"].endswith("ValueError: broken")


def test_people_get_time_level_and_message() -> None:
    assert TextLines().format(record()).split(maxsplit=1)[1] == "INFO    on port\n"
