"""What a Bearer token costs: remembered, checked anew, and absent, for each algorithm.

    python -m benchmarks.tokens

Each figure is the fastest of several repetitions, in microseconds; the copy of the conn that every plug with
something to say pays for is given beside it.
"""

from __future__ import annotations

import sys
import timeit
from collections.abc import Callable

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from clearway.clock import wall
from clearway.plug import Conn
from clearway.plug.jose import Key, KeySet, StaticKeys, make_key, sign
from clearway.plug.plugs.bearer import Bearer
from clearway.testing import conn

REPEATS = 7
ISSUER, AUDIENCE = "https://id.example", "orders"
FIELDS = (("accept", "*/*"), ("accept-encoding", "gzip"), ("user-agent", "bench"), ("x-request-id", "0" * 20))


def keys() -> dict[str, Key]:
    """Return a private key for each family of algorithms."""
    rsa_key = rsa.generate_private_key(65537, 2048)
    return {
        "HS256": make_key(bytes(range(32)), algorithms=["HS256"]),
        "RS256": make_key(rsa_key, kid="2026-01", algorithms=["RS256"]),
        "PS256": make_key(rsa_key, kid="2026-01", algorithms=["PS256"]),
        "ES256": make_key(ec.generate_private_key(ec.SECP256R1()), kid="2026-01"),
        "ES384": make_key(ec.generate_private_key(ec.SECP384R1()), kid="2026-01"),
        "ES512": make_key(ec.generate_private_key(ec.SECP521R1()), kid="2026-01"),
        "EdDSA": make_key(ed25519.Ed25519PrivateKey.generate(), kid="2026-01"),
    }


def microseconds(call: Callable[[], object]) -> float:
    """Return how long one call takes at best."""
    timer = timeit.Timer(call)
    number = max(100, timer.autorange()[0] // 10)
    return min(timer.repeat(REPEATS, number)) / number * 1e6


def plug(key: Key, cache_size: int) -> Bearer:
    """Return a plug that knows this key alone."""
    source = StaticKeys(KeySet([key.verify_only()]))
    return Bearer(source, issuer=ISSUER, audience=AUDIENCE, cache_size=cache_size)


def request(key: Key) -> Conn:
    """Return a request with a token as issuers write them."""
    now = int(wall())
    dates = {"iat": now, "exp": now + 3600}
    claims = {"iss": ISSUER, "aud": AUDIENCE, "sub": "acme", "scope": "read write", **dates}
    return conn("GET", "/", headers=[*FIELDS, ("authorization", f"Bearer {sign(claims, key)}")])


def main() -> int:
    """Measure and print."""
    print(f"{'alg':8}{'token':>8}{'remembered':>12}{'of it copy':>12}{'checked':>10}")
    for alg, key in keys().items():
        asked, remembering, forgetful = request(key), plug(key, 10_000), plug(key, 0)
        principal = remembering(asked).principal
        assert principal is not None
        size = len(asked.headers.get("authorization") or "") - len("Bearer ")
        hit = microseconds(lambda: remembering(asked))  # noqa: B023  # called before the loop goes on
        copy = microseconds(lambda: asked.put_principal(principal))  # noqa: B023
        miss = microseconds(lambda: forgetful(asked))  # noqa: B023
        print(f"{alg:8}{size:>6} B{hit:>12.2f}{copy:>12.2f}{miss:>10.1f}")
    absent, any_plug = conn("GET", "/", headers=list(FIELDS)), plug(make_key(bytes(32)), 0)
    print(f"no token: {microseconds(lambda: any_plug(absent)):.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
