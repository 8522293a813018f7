"""See what a peer needs is there; fetch Node proxies and Python profilers into a cache that git ignores.

Programs come from the distribution (`.ci/peers`, which `make bench-gateway` runs first). What is missing is
not an error: the subject that needs it is left out, and the report says why.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

HERE = Path(__file__).parent
PYPI = HERE / ".cache" / f"pypi-{sys.version_info.major}.{sys.version_info.minor}"
NPM_MODULES = HERE / ".cache" / "npm" / "node_modules"
DEBIAN = {"node": "nodejs"}
# Debian keeps nginx and haproxy where the PATH of ordinary users does not look.
PATH = os.environ.get("PATH", os.defpath) + os.pathsep + "/usr/sbin"


NPM_PATIENCE_S = 60
PYPI_PATIENCE_S = 120
"""A registry that cannot be reached keeps npm and pip trying for minutes."""


def program(name: str) -> str | None:
    """Return the reason when a program is not on the PATH."""
    if shutil.which(name, path=PATH):
        return None
    return f"{name} is not installed (apt-get install {DEBIAN.get(name, name)})"


def npm_package(name: str) -> str | None:
    """Make sure that a package of package.json is in the npm cache; return the reason when it is not."""
    if (NPM_MODULES / name / "package.json").exists():
        return None
    if absent := program("npm"):
        return absent
    folder = NPM_MODULES.parent
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(HERE / "subjects" / "package.json", folder)
    command = ["npm", "install", "--no-audit", "--no-fund", "--prefix", str(folder)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=NPM_PATIENCE_S)
    except subprocess.TimeoutExpired:
        return f"npm install {name} did not end within {NPM_PATIENCE_S} s: is the registry reachable?"
    if (NPM_MODULES / name / "package.json").exists():
        return None
    lines = (done.stdout + done.stderr).strip().splitlines()
    return f"npm install {name} failed: {lines[-1] if lines else done.returncode}"


def pypi_python(name: str) -> Path:
    """Return the Python of the environment that `pypi_package` makes."""
    return PYPI / name / "bin" / "python"


def pypi_package(name: str) -> str | None:
    """Make sure that a package of PyPI is there, in an environment of its own; return the reason when not.

    That environment sees all that ours sees: it runs our programs, under the package.
    """
    stamp = PYPI / name / ".installed"
    if stamp.exists():
        return None
    python = str(pypi_python(name))
    install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", name]
    for command in ([sys.executable, "-m", "venv", str(PYPI / name)], [python, *install]):
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, check=False, timeout=PYPI_PATIENCE_S
            )
        except subprocess.TimeoutExpired:
            return f"pip install {name} did not end within {PYPI_PATIENCE_S} s: is the registry reachable?"
        if done.returncode:
            lines = (done.stdout + done.stderr).strip().splitlines()
            return f"pip install {name} failed: {lines[-1] if lines else done.returncode}"
    packages = next((PYPI / name / "lib").glob("python*/site-packages"))
    ours = sysconfig.get_path("purelib")
    # Last of all, so that the package's own requirements come first.
    (packages / "zz_ours.pth").write_text(f"import site; site.addsitedir({ours!r})\n")
    stamp.touch()
    return None
