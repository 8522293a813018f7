# examples/test_maintenance.py
from clearway.testing import MockClock, conn
from examples.maintenance import Maintenance


def test_a_visitor_is_told_when_to_come_back_and_let_in_then():
    clock = MockClock(1000)
    plug = Maintenance(until=1060, clock=clock)

    refused = plug(conn("GET", "/"))
    clock.advance(60)
    passed = plug(conn("GET", "/"))

    assert (refused.status, refused.halted) == (503, True)
    assert refused.resp_headers.get("retry-after") == "60"
    assert not passed.halted
