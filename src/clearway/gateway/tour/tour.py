"""The tour's gateway: its configuration with random secrets, and the sample service behind it."""

from __future__ import annotations

import secrets
import socket
from collections.abc import Callable
from dataclasses import dataclass
from importlib.resources import files
from string import Template

from clearway.clock import wall
from clearway.gateway.build import parse_gateway
from clearway.gateway.config.addresses import Address
from clearway.gateway.gateway import Gateway
from clearway.gateway.process import Stopped, serve
from clearway.gateway.serving import Serving
from clearway.gateway.tour.service import sample_service
from clearway.gateway.tour.steps import Step, steps
from clearway.http import Server
from clearway.plug.jose import parse_secret, sign
from clearway.plug.plugs.parts.passwords import hash_password

__all__ = ["Tour", "serve_tour"]

USER = "demo"
TOKEN_LIFE_S = 12 * 3600
SECRET_VARIABLE = "TOUR_SECRET"  # noqa: S105  # the name of a variable


@dataclass(frozen=True, slots=True, repr=False)
class Tour:
    """The secrets of one tour.

    tour = Tour.with_random_secrets()

    Attributes:
        password: Of the user `demo`.
        secret: Signs the tokens.
        now: Seconds since the epoch, from which tokens are good for some hours.
    """

    password: str
    secret: str
    now: float

    @classmethod
    def with_random_secrets(cls) -> Tour:
        """Return a tour whose secrets nobody else knows."""
        return cls(secrets.token_hex(8), secrets.token_hex(32), wall())

    def gateway(self, listen: Address, admin: Address, sample: Address) -> Gateway:
        """Return the gateway."""
        template = Template(files(__package__).joinpath("tour.toml").read_text("utf-8"))
        text = template.substitute(
            listen=listen, admin=admin, sample=sample, hash=hash_password(self.password)
        )
        return parse_gateway(text, "the tour", environ={SECRET_VARIABLE: self.secret})

    def token(self, name: str, scope: str) -> str:
        """Return a token for `name` with the scopes in `scope`."""
        claims = {"sub": name, "scope": scope, "iat": int(self.now), "exp": int(self.now) + TOKEN_LIFE_S}
        return sign(claims, parse_secret(self.secret.encode()), "HS256")

    def steps(self, address: str, admin: str) -> list[Step]:
        """Return the commands to try."""
        reader = self.token("reader", "orders:read")
        writer = self.token("writer", "orders:read orders:write")
        return steps(address, admin, USER, self.password, reader, writer)

    def __repr__(self) -> str:
        return "<Tour>"


async def serve_tour(listen: Address, show: Callable[[list[Step]], None]) -> Stopped:
    """Serve the tour at `listen` until a signal; `show` gets the commands once all sockets listen."""
    tour = Tour.with_random_secrets()
    sample = Server(sample_service())
    sample_address = Address(*await sample.listen("127.0.0.1", 0))
    admin = Address(listen.host, _free_port(listen.host, listen.port + 1) if listen.port else 0)

    def ready(serving: Serving) -> None:
        show(tour.steps(serving.listeners[0], serving.admin_address or ""))

    try:
        return await serve(tour.gateway(listen, admin, sample_address), ready)
    finally:
        await sample.close(0)


def _free_port(host: str, wanted: int) -> int:
    """Return `wanted` if nobody listens there, else 0: any port."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, wanted))
        except (OSError, OverflowError):
            return 0
    return wanted
