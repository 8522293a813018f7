"""Addresses on the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from clearway.gateway.config.addresses import Address

__all__ = ["ADDRESS"]


class AddressType(click.ParamType["Address"]):
    """HOST:PORT, with the same rules as in a configuration."""

    name = "address"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Address:
        """Return the address that `value` names, or fail."""
        from clearway.gateway.config.addresses import parse_address

        try:
            return parse_address(str(value))
        except ValueError as error:
            self.fail(f"{value!r} {error}", param, ctx)


ADDRESS = AddressType()
