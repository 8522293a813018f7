"""The tables of the built-in plugs: one model per plug, with its constructor's options and defaults."""

from clearway.gateway.config.plugs.section import PlugConfig
from clearway.gateway.config.plugs.tables import PLUG_NAMES, PlugList

__all__ = ["PLUG_NAMES", "PlugConfig", "PlugList"]
