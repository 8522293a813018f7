"""The configuration: TOML in, a checked `GatewayConfig` out, or every mistake with its line.

from clearway.gateway.config import read_config

config = read_config(Path("gateway.toml")).config
"""

from clearway.gateway.config.load import Document, Loaded, parse_config, read_config
from clearway.gateway.config.model import GatewayConfig
from clearway.gateway.config.problems import ConfigError, Problem

__all__ = ["ConfigError", "Document", "GatewayConfig", "Loaded", "Problem", "parse_config", "read_config"]
