"""What stands in src/clearway, read with `ast`: nothing here imports the code that it looks at."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
SRC = ROOT / "src"
PACKAGE = SRC / "clearway"


@dataclass(frozen=True)
class Import:
    """One import statement's target, and how it stands in its file."""

    target: str
    line: int
    in_function: bool
    for_types: bool


def module_name(path: Path) -> str:
    """Return the dotted name of the module at `path`; a package is named by its folder."""
    parts = path.relative_to(SRC).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def modules() -> dict[str, Path]:
    """Return every module of ours by its dotted name."""
    return {module_name(path): path for path in sorted(PACKAGE.rglob("*.py"))}


def packages() -> list[str]:
    """Return the dotted names of the packages: the doors that docs promise."""
    return [name for name, path in modules().items() if path.name == "__init__.py"]


@cache
def parse(path: Path) -> ast.Module:
    """Return the syntax tree of the file at `path`."""
    return ast.parse(path.read_text(), filename=str(path))


def python_files(*folders: str) -> list[Path]:
    """Return the Python files below `folders` of the repository, those in dotted folders left out."""
    found = [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]
    return [path for path in found if not any(part[0] == "." for part in path.relative_to(ROOT).parts)]


def short(path: Path) -> str:
    """Return `path` as seen from the repository, for messages and test ids."""
    return path.relative_to(ROOT).as_posix()


@cache
def imports(path: Path) -> tuple[Import, ...]:
    """Return every import of the file at `path`, those inside functions and under TYPE_CHECKING included."""
    return tuple(_imports(parse(path), path, in_function=False, for_types=False))


def _imports(node: ast.AST, path: Path, *, in_function: bool, for_types: bool) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        yield from (Import(name, child.lineno, in_function, for_types) for name in _targets(child, path))
        yield from _imports(
            child,
            path,
            in_function=in_function or isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda),
            for_types=for_types or _is_type_checking(child),
        )


def _targets(node: ast.AST, path: Path) -> list[str]:
    match node:
        case ast.Import(names=names):
            return [alias.name for alias in names]
        case ast.ImportFrom(module=module, names=names, level=level):
            origin = ".".join(filter(None, [_ancestor(path, level), module]))
            whole = [f"{origin}.{alias.name}" for alias in names]
            return [name if name in modules() else origin for name in whole]
        case ast.Call(func=func, args=[ast.Constant(value=str(name)), *_]) if _calls(func) == "import_module":
            return [name]
    return []


def _ancestor(path: Path, level: int) -> str:
    return ".".join(path.relative_to(SRC).parts[:-level]) if level else ""


def _calls(func: ast.expr) -> str:
    return func.attr if isinstance(func, ast.Attribute) else getattr(func, "id", "")


def _is_type_checking(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")
