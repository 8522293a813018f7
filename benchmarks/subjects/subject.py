"""What the harness has to know about a proxy in order to measure it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Site:
    """Where one subject runs: a folder of its own, the port to listen on, the upstream's port."""

    folder: Path
    port: int
    upstream: int

    def write(self, name: str, text: str) -> str:
        """Write a file into the folder and return its path."""
        path = self.folder / name
        path.write_text(text)
        return str(path)


@dataclass(frozen=True)
class Subject:
    """One row of the table.

    Options:
        name: What `--only` calls it.
        title: What the report calls it.
        command: Writes the configuration for a site and returns the command that starts the proxy on it.
        version: Returns what the report says was measured.
        programs: Programs that must be on the PATH; each is also the name of its Debian package.
        npm: Packages that must be in the npm cache.
        env: Environment added to the proxy's.
        refuses_strangers: Whether a request without a token must be answered 401.
    """

    name: str
    title: str
    command: Callable[[Site], list[str]]
    version: Callable[[], str]
    programs: tuple[str, ...] = ()
    npm: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    refuses_strangers: bool = False
