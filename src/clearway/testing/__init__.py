"""Test plugs without a server.

from clearway.testing import conn

def test_health_needs_no_login():
    assert app(conn("GET", "/health")).status == 200
"""

from clearway.testing.conn import body_of, conn

__all__ = ["body_of", "conn"]
