"""What clients are told of an upstream that fails."""

import pytest

from clearway.http import (
    UpstreamClosedError,
    UpstreamConnectError,
    UpstreamError,
    UpstreamLoopError,
    UpstreamProtocolError,
    UpstreamTimeoutError,
)
from clearway.plug.failure import failure_answer
from clearway.testing import body_of, conn

ADDRESS = "no connection to 10.1.2.3:9001: Connection refused"


@pytest.mark.parametrize(
    "error",
    [
        UpstreamError,
        UpstreamConnectError,
        UpstreamClosedError,
        UpstreamProtocolError,
        UpstreamTimeoutError,
        UpstreamLoopError,
    ],
)
def test_a_client_is_not_told_the_address_of_an_upstream(error: type[UpstreamError]) -> None:
    answer = failure_answer(error(ADDRESS), conn("GET", "/orders"))

    assert answer.status == error.status
    assert b"10.1.2.3" not in body_of(answer)
    assert error.public.encode() in body_of(answer)
    assert str(error(ADDRESS)) == ADDRESS
