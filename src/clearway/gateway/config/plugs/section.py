"""What the tables of all plugs have in common."""

from __future__ import annotations

from typing import Any

from pydantic import model_validator

from clearway.gateway.config.section import Section

__all__ = ["PlugConfig"]


class PlugConfig(Section):
    """One plug: `{ use = "NAME", ... }`, or `"NAME"` alone for one without options."""

    use: str

    @model_validator(mode="before")
    @classmethod
    def _name_alone(cls, value: Any) -> Any:
        return {"use": value} if isinstance(value, str) else value
