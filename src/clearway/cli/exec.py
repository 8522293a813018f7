"""`clearway exec`: run a program that serves its profiles, without editing it."""

from __future__ import annotations

import os

import click

__all__ = ["exec_"]

DEFAULT = "127.0.0.1:6060"


@click.command(
    "exec",
    context_settings={"allow_interspersed_args": False},
)
@click.option(
    "--pprof",
    "address",
    envvar="CLEARWAY_PPROF",
    default=DEFAULT,
    show_default=True,
    metavar="ADDR",
    help="Where each process serves its profiles; also from CLEARWAY_PPROF.",
)
@click.option(
    "--blackbox",
    envvar="CLEARWAY_BLACKBOX",
    metavar="FOLDER",
    help="Write heap and tasks here before the memory is full; also from CLEARWAY_BLACKBOX.",
)
@click.option(
    "--blackbox-at",
    envvar="CLEARWAY_BLACKBOX_AT",
    default="80%",
    show_default=True,
    metavar="MARK",
    help="A share of the memory limit, or a size such as 512MiB; also from CLEARWAY_BLACKBOX_AT.",
)
@click.option(
    "--install/--uninstall",
    "installs",
    default=None,
    help="Let CLEARWAY_PPROF and CLEARWAY_BLACKBOX alone be enough in this environment, or no longer; "
    "writes one line to its site-packages, and runs nothing.",
)
@click.argument("command", nargs=-1, metavar="[--] COMMAND...", type=click.UNPROCESSED)
def exec_(
    address: str, blackbox: str | None, blackbox_at: str, installs: bool | None, command: tuple[str, ...]
) -> None:
    """Run COMMAND, in which every Python process serves its profiles.

    \b
        clearway exec -- python app.py
        clearway exec --pprof unix:/tmp/pprof/ -- gunicorn app:app --workers 4

    ADDR is HOST:PORT, and a further process takes the next free port and says so on standard error;
    HOST:LOW-HIGH; or unix:/FOLDER/ for a socket per process, PID.sock. Where other machines reach ADDR, set
    CLEARWAY_PPROF_TOKEN, or CLEARWAY_PPROF_USER to NAME:PASSWORD.

    A process that cannot serve says why, and runs on. What is started with `python -I` or `-E`, or with an
    environment of its own, is not seen; --install reaches the former.
    """
    if installs is not None:
        click.echo(change_line(installs))
        return
    if not command:
        raise click.UsageError("Missing argument 'COMMAND...'.", click.get_current_context())
    from clearway.pprof import inherited
    from clearway.pprof.black_box.mark import parse_mark
    from clearway.pprof.web.listening import check_place, parse_place

    environ = dict(os.environ)
    check_place(parse_place(address), is_guarded=bool({"user", "token"} & inherited.options(environ).keys()))
    environ[inherited.ADDRESS] = address
    if blackbox is not None:
        parse_mark(blackbox_at)
        environ[inherited.BLACKBOX], environ[inherited.BLACKBOX_AT] = os.path.abspath(blackbox), blackbox_at
    inherited.put_bootstrap(environ)
    try:
        os.execvpe(command[0], command, environ)  # noqa: S606  # the user's own command
    except OSError as error:
        raise click.ClickException(f"cannot run {command[0]}: {(error.strerror or '').lower()}") from error


def change_line(installs: bool) -> str:
    """Write or remove the line in site-packages, and return what was done."""
    from clearway.pprof.installed import install, uninstall

    try:
        return f"wrote {install()}" if installs else f"removed {uninstall()}"
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise click.ClickException(f"cannot change {error.filename}: {why}") from error
