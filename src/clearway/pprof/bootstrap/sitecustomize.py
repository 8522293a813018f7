# Run by every Python that is started with this folder on PYTHONPATH, before anything of the program.
#
# That may be an older Python 3, or one of an environment that Clearway is not installed in: so the syntax is
# plain, the other sitecustomize (Python imports one only) still runs, the core is loaded from where it
# lies, and whatever fails is one line on standard error.
"""Serve profiles where the environment asks for it, before the program begins."""

import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
PACKAGE = os.path.dirname(os.path.dirname(HERE))


def run_the_other() -> None:
    """Run the sitecustomize that would have been run without us."""
    from importlib.machinery import PathFinder
    from importlib.util import module_from_spec

    sys.path[:] = [each for each in sys.path if os.path.abspath(each) != HERE]
    spec = PathFinder.find_spec("sitecustomize")
    if spec is not None and spec.loader is not None:
        other = module_from_spec(spec)
        sys.modules["sitecustomize"] = other
        spec.loader.exec_module(other)


def load_clearway() -> None:
    """Make `import clearway` work in an environment that it is not installed in, and only that."""
    from importlib.machinery import PathFinder
    from importlib.util import module_from_spec, spec_from_file_location

    if "clearway" in sys.modules or PathFinder.find_spec("clearway") is not None:
        return
    spec = spec_from_file_location(
        "clearway", os.path.join(PACKAGE, "__init__.py"), submodule_search_locations=[PACKAGE]
    )
    assert spec is not None
    assert spec.loader is not None
    sys.modules["clearway"] = module_from_spec(spec)
    spec.loader.exec_module(sys.modules["clearway"])


def begin() -> None:
    """Serve profiles, or say why not."""
    if sys.version_info[:2] < (3, 11):  # noqa: UP036  # it may well be
        raise ImportError("Clearway needs Python 3.11 or newer")
    load_clearway()
    from clearway.pprof import inherited

    inherited.begin()


try:
    run_the_other()
finally:
    if os.environ.get("CLEARWAY_PPROF") or os.environ.get("CLEARWAY_BLACKBOX"):
        try:
            begin()
        except Exception as error:  # noqa: BLE001  # the program must not notice
            sys.stderr.write(f"clearway: process {os.getpid()} serves no profiles: {error}\n")
