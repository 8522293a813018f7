"""What every adapter owes to a pipeline, as checks that run against a live server over a socket.

from clearway.testing.adapter import adapter_checks, check_adapter

@pytest.mark.parametrize("name", adapter_checks())
def test_my_adapter(name):
    asyncio.run(check_adapter(serve, only=name))

`serve` is yours: an async context manager that takes a plug and gives the `host:port` where it answers.
"""

from clearway.testing.adapter.check import Serve, adapter_checks, check_adapter

__all__ = ["Serve", "adapter_checks", "check_adapter"]
