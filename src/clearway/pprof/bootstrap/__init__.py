"""A folder for PYTHONPATH: its `sitecustomize` serves profiles where the environment asks for it."""

from __future__ import annotations

__all__: list[str] = []
