# A line in site-packages, for environments in which the variables alone have to be enough: a container whose
# command nobody may change, Python with -I or -E. Python runs it at every start, so it looks at two variables
# and loads nothing unless one is set, and survives that Clearway is gone.
"""A line in an environment's site-packages that serves profiles where the variables ask for it."""

from __future__ import annotations

import os
import sysconfig
from contextlib import suppress

__all__ = ["LINE", "install", "path_of_line", "uninstall"]

LINE = (
    'import os; (os.environ.get("CLEARWAY_PPROF") or os.environ.get("CLEARWAY_BLACKBOX"))'
    ' and __import__("importlib.util", fromlist=["util"]).find_spec("clearway")'
    ' and __import__("clearway.pprof.inherited", fromlist=["inherited"]).begin()\n'
)


def path_of_line(folder: str | None = None) -> str:
    """Return where the line stands, in this environment unless another site-packages is given."""
    return os.path.join(folder or sysconfig.get_path("purelib"), "clearway_pprof.pth")


def install(folder: str | None = None) -> str:
    """Write the line, and return where."""
    path = path_of_line(folder)
    with open(path, "w", encoding="utf-8") as file:
        file.write(LINE)
    return path


def uninstall(folder: str | None = None) -> str:
    """Remove the line, and return where it was."""
    path = path_of_line(folder)
    with suppress(FileNotFoundError):
        os.unlink(path)
    return path
