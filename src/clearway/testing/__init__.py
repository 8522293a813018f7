"""Test plugs without a server, and adapters with one.

from clearway.testing import conn

def test_health_needs_no_login():
    assert app(conn("GET", "/health")).status == 200
"""

from clearway.testing.adapter import Serve, adapter_checks, check_adapter
from clearway.testing.clock import MockClock
from clearway.testing.conn import body_of, conn
from clearway.testing.run import run
from clearway.testing.wire import Wire, WireResponse

__all__ = [
    "MockClock",
    "Serve",
    "Wire",
    "WireResponse",
    "adapter_checks",
    "body_of",
    "check_adapter",
    "conn",
    "run",
]
