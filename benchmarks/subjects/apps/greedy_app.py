"""A FastAPI app of which one handler computes for seconds, in an `async def`, as people write them."""

from __future__ import annotations

try:
    from fastapi import FastAPI
except ImportError:  # an environment of a server's own
    app = None
else:
    app = FastAPI(openapi_url=None)

    @app.get("/report")
    async def report() -> dict[str, int]:
        """Compute without a pause."""
        return {"fib": fib(35)}

    @app.get("/health")
    async def health() -> dict[str, bool]:
        """Answer at once, if anybody lets it."""
        return {"ok": True}


def fib(number: int) -> int:
    """Return a Fibonacci number, the slow way."""
    return number if number < 2 else fib(number - 1) + fib(number - 2)
