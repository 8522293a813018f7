"""The benchmark's report says what was measured, and what makes it doubtful."""

from __future__ import annotations

from typing import Any

from benchmarks.report import markdown


def sample(subject: str, turn: int, rate: int | None, cpu_us: float, **others: Any) -> dict[str, Any]:
    load = {"requests": 1000, "seconds": 1.0, "failed": 0, "p50_us": 10, "p99_us": 20, "late_p99_us": 5.0}
    return {
        "subject": subject,
        "round": turn,
        "rate": rate,
        "cpu_us": cpu_us,
        "core_share": 0.9,
        "others_share": others.get("others", 0.0),
        "upstream_connections": others.get("connections", 0),
        "load": {**load, "failed": others.get("failed", 0)},
    }


def results(*samples: dict[str, Any]) -> dict[str, Any]:
    return {
        "taken": "today",
        "machine": {
            "processor": "a chip",
            "kernel": "a kernel",
            "python": "a Python",
            "python_speed": "9 ns",
        },
        "settings": {"rounds": 2, "seconds": 1, "rates": [500], "connections": 64, "body_bytes": 200},
        "versions": {"nginx": "1.2"},
        "titles": {"nginx": "nginx", "ours": "ours"},
        "skipped": {"caddy": "not installed"},
        "samples": list(samples),
    }


def test_a_ratio_is_taken_within_its_round() -> None:
    text = markdown(
        results(
            sample("nginx", 1, None, 10.0),
            sample("ours", 1, None, 15.0),
            sample("nginx", 2, None, 100.0),
            sample("ours", 2, None, 170.0),
        )
    )

    assert "| ours | 92.5 (15.0-170.0) | 1.60 (1.50-1.70) |" in text


def test_a_rate_that_was_never_borne_is_over_capacity() -> None:
    text = markdown(results(sample("nginx", 1, 500, 10.0), sample("ours", 1, None, 15.0)))

    assert "| ours | over capacity |" in text


def test_what_was_left_out_is_named_with_its_reason() -> None:
    assert "- Left out: caddy: not installed" in markdown(results(sample("nginx", 1, None, 10.0)))


def test_doubts_are_printed_beside_the_numbers() -> None:
    text = markdown(results(sample("nginx", 1, None, 10.0, failed=3, others=0.2, connections=900)))

    assert "- Failed requests: nginx." in text
    assert "over 5% of the proxy's core: 1 of 1 (at most 20.0%)" in text
    assert "on more than 1 % of requests: nginx." in text
