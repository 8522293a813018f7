"""`clearway exec`: programs that nobody edits serve their profiles, and so do those that they start."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from clearway.pprof import installed
from clearway.pprof.inherited import BOOTSTRAP
from tests.house.source import SRC
from tests.integration.pprof.client import ask, until
from tests.integration.pprof.processes import CLEARWAY, ran, running, script

SAID = re.compile(r"clearway: profiles of process (\d+): http://(\S+)/debug/pprof/")
ASGI = """
async def app(scope, receive, send):
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200,
                    "headers": [(b"content-length", b"5")]})
        await send({"type": "http.response.body", "body": b"hello"})
"""
WSGI = """
def app(environ, start_response):
    start_response("200 OK", [])
    return [b"hello"]
"""


def clearway_exec(address: str, *command: str) -> list[str]:
    return [*CLEARWAY, "exec", "--pprof", address, "--", *command]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def sockets(folder: Path) -> list[str]:
    return sorted(f"unix:{path}" for path in folder.glob("*.sock"))


def answers(address: str) -> bool:
    try:
        return ask(address, "/", connection="close").body == b"hello"
    except ConnectionError:
        return False


def command_line(address: str) -> str:
    return ask(address, "/debug/pprof/cmdline").body.decode().replace("\0", " ")


def test_a_script_serves_before_its_first_line_and_its_arguments_stay(tmp_path: Path) -> None:
    path = script(tmp_path, "import sys; print(sys.argv[1:], flush=True); sys.stdin.read()")

    with running(*clearway_exec("127.0.0.1:0", sys.executable, path, "--pprof", "a b")) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        said = SAID.fullmatch(process.stderr.readline().strip())
        assert said is not None

        assert int(said[1]) == process.pid
        assert command_line(said[2]).endswith(f"{path} --pprof a b")
        assert process.stdout.readline() == "['--pprof', 'a b']\n"


def test_uvicorn_workers_have_a_socket_each(tmp_path: Path) -> None:
    script(tmp_path, ASGI)
    port, folder = free_port(), tmp_path / "pprof"
    server = ("uvicorn", "app:app", "--workers", "2", "--port", str(port), "--log-level", "critical")

    with running(*clearway_exec(f"unix:{folder}/", sys.executable, "-m", *server), cwd=tmp_path) as process:
        until(lambda: len(sockets(folder)) == 3, "three sockets")  # the parent and two workers
        until(lambda: answers(f"127.0.0.1:{port}"), "an answer")

        lines = [command_line(each) for each in sockets(folder)]
        assert sum("spawn_main" in line for line in lines) == 2
        assert f"unix:{folder}/{process.pid}.sock" in sockets(folder)


def test_gunicorn_workers_have_a_socket_each_and_a_new_one_too(tmp_path: Path) -> None:
    script(tmp_path, WSGI)
    folder = tmp_path / "pprof"
    server = ("gunicorn", "app:app", "--workers", "2", "--preload", "--bind", f"unix:{tmp_path}/app.sock")

    with running(*clearway_exec(f"unix:{folder}/", sys.executable, "-m", *server), cwd=tmp_path) as process:
        until(lambda: len(sockets(folder)) == 3, "three sockets")
        until((tmp_path / "app.sock").exists)
        assert {ask(each, "/debug/pprof/symbol").status for each in sockets(folder)} == {200}
        before = set(sockets(folder))
        victim = min(int(Path(each).stem) for each in before - {f"unix:{folder}/{process.pid}.sock"})

        os.kill(victim, 9)
        until(lambda: len(set(sockets(folder)) - before) == 1, "a new worker")

        until(lambda: f"unix:{folder}/{victim}.sock" not in sockets(folder), "the end of the stale one")


def test_gunicorn_workers_take_the_next_ports_and_say_so(tmp_path: Path) -> None:
    script(tmp_path, WSGI)
    port = free_port()
    server = ("gunicorn", "app:app", "--workers", "2", "--bind", f"unix:{tmp_path}/app.sock")

    with running(*clearway_exec(f"127.0.0.1:{port}", sys.executable, "-m", *server), cwd=tmp_path) as process:
        assert process.stderr is not None
        found = dict[str, str]()
        while len(found) < 2:
            line = process.stderr.readline()
            assert line, "gunicorn ended"
            if said := SAID.search(line):
                found[said[2]] = said[1]

        addresses = [f"127.0.0.1:{port}", *found]
        assert [ask(each, "/debug/pprof/symbol").status for each in addresses] == [200, 200, 200]


def test_what_a_program_starts_serves_as_well(tmp_path: Path) -> None:
    inner = script(tmp_path, "import os, sys; print(sorted(os.listdir(sys.argv[1])))", "inner.py")
    outer = script(
        tmp_path,
        f"""
        import os, subprocess, sys
        subprocess.run(["sh", "-c", f"{{sys.executable}} {inner} {tmp_path}/pprof"])
        print(os.getpid())
        """,
    )

    done = ran(*clearway_exec(f"unix:{tmp_path}/pprof/", sys.executable, outer))

    inner_sockets, pid = done.stdout.splitlines()
    assert done.stderr == ""
    assert inner_sockets.count(".sock'") == 2
    assert f"'{pid}.sock'" in inner_sockets
    assert list((tmp_path / "pprof").iterdir()) == []


def test_a_port_that_is_taken_does_not_stop_a_program(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = ran(*clearway_exec(f"127.0.0.1:{port}-{port}", sys.executable, "-c", "print('ran')"))

    assert (done.returncode, done.stdout) == (0, "ran\n")


def test_another_sitecustomize_still_runs(tmp_path: Path) -> None:
    script(tmp_path, "import builtins; builtins.customized = 'yes'", "sitecustomize.py")

    look = "import sys; s = sys.modules['sitecustomize']; print(customized, s.__file__, *sys.path)"
    command = clearway_exec(f"unix:{tmp_path}/p/", sys.executable, "-c", look)

    done = ran(*command, PYTHONPATH=str(tmp_path))

    assert done.stdout.startswith(f"yes {tmp_path}/sitecustomize.py ")
    assert BOOTSTRAP not in done.stdout


def test_an_environment_without_clearway_serves_and_sees_nothing_else_of_ours(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(tmp_path / "venv")], check=True)
    look = f"""
import os
print(os.listdir({str(tmp_path / "p")!r}))
try:
    import uvicorn
except ImportError:
    print("no uvicorn")
"""

    done = ran(*clearway_exec(f"unix:{tmp_path}/p/", str(tmp_path / "venv" / "bin" / "python"), "-c", look))

    assert done.stderr == ""
    assert re.fullmatch(r"\['\d+\.sock'\]\nno uvicorn\n", done.stdout)


@pytest.mark.parametrize(
    ("address", "error"),
    [
        ("nonsense", "error: 'nonsense' is no address"),
        ("0.0.0.0:6060", "error: other machines can reach 0.0.0.0, and profiles need credentials there"),
    ],
)
def test_a_mistake_is_told_before_anything_runs(address: str, error: str) -> None:
    done = ran(*clearway_exec(address, sys.executable, "-c", "print('ran')"))

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(error)


def test_a_command_that_is_not_there_is_told() -> None:
    done = ran(*clearway_exec("127.0.0.1:0", "no-such-program"))

    assert (done.returncode, done.stderr) == (
        1,
        "error: cannot run no-such-program: no such file or directory\n",
    )


def test_credentials_come_from_the_environment(tmp_path: Path) -> None:
    path = script(tmp_path, "import sys; sys.stdin.read()")

    with running(
        *clearway_exec("127.0.0.1:0", sys.executable, path), CLEARWAY_PPROF_USER="ops:let me in"
    ) as process:
        assert process.stderr is not None
        said = SAID.fullmatch(process.stderr.readline().strip())
        assert said is not None

        assert ask(said[2], "/debug/pprof/").status == 401
        assert ask(said[2], "/debug/pprof/", authorization="Basic b3BzOmxldCBtZSBpbg==").status == 200


def test_a_variable_that_is_broken_is_told_and_the_program_runs() -> None:
    bootstrap = Path(sys.modules["clearway"].__file__ or "").parent / "pprof" / "bootstrap"

    done = ran(sys.executable, "-c", "print('ran')", PYTHONPATH=str(bootstrap), CLEARWAY_PPROF="0.0.0.0:0")

    assert done.stdout == "ran\n"
    assert re.fullmatch(r"clearway: process \d+ serves no profiles: other machines .*\n", done.stderr)


def test_a_mistyped_option_is_no_command() -> None:
    done = ran(*CLEARWAY, "exec", "--ppprof", "127.0.0.1:0", "--", sys.executable, "-c", "print('ran')")

    assert (done.returncode, done.stdout) == (2, "")
    assert "no such option" in done.stderr


def test_no_command_is_told() -> None:
    done = ran(*CLEARWAY, "exec")

    assert (done.returncode, done.stderr.splitlines()[0]) == (2, "error: missing argument 'COMMAND...'")


def test_with_a_line_in_site_packages_the_variable_alone_is_enough(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(tmp_path / "venv")], check=True)
    python = str(tmp_path / "venv" / "bin" / "python")
    site = ran(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").stdout.strip()
    (Path(site) / "source.pth").write_text(f"{SRC}\n")  # Clearway, as `pip install -e` has it
    look = f"import os; print(len(os.listdir({str(tmp_path / 'p')!r})))"
    variable = {"CLEARWAY_PPROF": f"unix:{tmp_path}/p/"}
    (tmp_path / "p").mkdir()

    before = ran(python, "-I", "-c", look, **variable)
    installed.install(site)
    alone = ran(python, "-I", "-c", look, **variable)
    without = ran(python, "-I", "-c", "import sys; print('clearway' in sys.modules)")
    both = ran(*clearway_exec(variable["CLEARWAY_PPROF"], python, "-c", look))
    installed.uninstall(site)
    after = ran(python, "-I", "-c", look, **variable)

    assert [each.stdout for each in (before, alone, both, after)] == ["0\n", "1\n", "1\n", "0\n"]
    assert without.stdout == "False\n"
    assert {each.stderr for each in (before, alone, without, both, after)} == {""}


def test_the_line_survives_that_clearway_is_gone(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(tmp_path / "venv")], check=True)
    python = str(tmp_path / "venv" / "bin" / "python")
    site = ran(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").stdout.strip()
    installed.install(site)

    done = ran(python, "-I", "-c", "print('ran')", CLEARWAY_PPROF="127.0.0.1:0")

    assert (done.stdout, done.stderr) == ("ran\n", "")
