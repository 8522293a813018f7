"""The tour prints each command on a line of its own, with the status that it shows."""

from __future__ import annotations

from clearway.cli.tour import tour_text
from clearway.gateway.tour import steps


def test_every_command_stands_below_its_status() -> None:
    made = steps("127.0.0.1:8080", "127.0.0.1:8081", "demo", "word", "reader.token", "writer.token")

    lines = tour_text(made).splitlines()
    for step in made:
        at = lines.index(f"     {step.command}")
        assert lines[at - 1] == f"{step.status}  {step.title}"
