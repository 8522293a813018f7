"""Users in a file come and go with it, and a broken file locks nobody out."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from clearway.plug import Conn
from clearway.plug.plugs import BasicAuth
from tests.unit.plug.plugs.executors import HeldExecutor, InlineExecutor
from tests.unit.plug.plugs.logins import HASH, OTHER_HASH, Clock, asking, run, task


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "users.htpasswd"
    path.write_text(f"acme:{HASH}\n")
    return path


def rewrite(path: Path, text: str) -> None:
    path.write_text(text)
    os.utime(path, ns=(1, 1))


def test_users_come_from_a_file(file: Path) -> None:
    plug = BasicAuth(file=file, executor=InlineExecutor())

    assert run(plug, asking("acme", "open sesame")).principal is not None


def test_a_changed_file_is_read_within_a_second_and_what_was_remembered_is_dropped(file: Path) -> None:
    clock = Clock()
    plug = BasicAuth(file=file, executor=InlineExecutor(), clock=clock)
    run(plug, asking("acme", "open sesame"))
    rewrite(file, f"bob:{HASH}\n")

    clock.now += 0.9
    assert run(plug, asking("acme", "open sesame")).principal is not None
    clock.now += 0.1
    assert run(plug, asking("acme", "open sesame")).principal is None
    assert run(plug, asking("bob", "open sesame")).principal is not None


@pytest.mark.parametrize("text", ["bob:plain\n", "rubbish\n"])
def test_a_broken_change_is_logged_and_the_users_of_before_stay(
    file: Path, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    clock = Clock()
    plug = BasicAuth(file=file, executor=InlineExecutor(), clock=clock)
    rewrite(file, text)
    clock.now += 1

    assert run(plug, asking("acme", "open sesame")).principal is not None
    assert "the users stay as they were" in caplog.text


def test_a_removed_file_leaves_the_users_of_before(file: Path, caplog: pytest.LogCaptureFixture) -> None:
    clock = Clock()
    plug = BasicAuth(file=file, executor=InlineExecutor(), clock=clock)
    file.unlink()
    clock.now += 1

    assert run(plug, asking("acme", "open sesame")).principal is not None
    assert "users.htpasswd" in caplog.text


def test_a_file_that_was_emptied_lets_nobody_in(file: Path) -> None:
    clock = Clock()
    plug = BasicAuth(file=file, executor=InlineExecutor(), clock=clock)
    rewrite(file, "# nobody\n")
    clock.now += 1

    assert run(plug, asking("acme", "open sesame")).principal is None


def test_a_check_that_began_before_the_change_is_not_remembered_after_it(file: Path) -> None:
    executor = HeldExecutor()
    plug = BasicAuth(file=file, executor=executor)

    async def change_meanwhile() -> object:
        pending = task(plug, asking("acme", "open sesame"))
        await asyncio.sleep(0)
        rewrite(file, f"acme:{OTHER_HASH}\n")
        plug.reload()
        executor.release()
        await pending
        return plug(asking("acme", "open sesame"))

    later = asyncio.run(change_meanwhile())
    assert not isinstance(later, Conn)
    later.close()  # type: ignore[attr-defined]
