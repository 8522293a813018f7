"""Signed tokens, verified strictly: JWS, JWT and JWK over `cryptography`, with keys parsed once.

from clearway.clock import wall
from clearway.plug.jose import ClaimRules, StaticKeys, verify_token

keys = StaticKeys.from_env("JWT_SECRET", algorithms=["HS256"])
rules = ClaimRules(issuers=frozenset({"https://id.example"}), audiences=frozenset({"orders"}))
verify_token(token, keys.current(), rules, now=wall()).claims["sub"]
"""

from clearway.plug.jose.algorithms import ALGORITHMS, Algorithm
from clearway.plug.jose.claims import MAX_LEEWAY_S, ClaimRules
from clearway.plug.jose.errors import (
    InvalidKeyError,
    JoseError,
    KeyFetchError,
    TokenRefusedError,
    UnknownKeyError,
)
from clearway.plug.jose.fetch import https_fetch
from clearway.plug.jose.jwk import parse_jwk
from clearway.plug.jose.jws import MAX_TOKEN_BYTES, Jws, verify_jws
from clearway.plug.jose.jwt import VerifiedToken, verify_token
from clearway.plug.jose.key import Key, make_key
from clearway.plug.jose.keyset import KeySet, parse_key_set
from clearway.plug.jose.pem import parse_pem, parse_secret
from clearway.plug.jose.remote import RemoteKeys, RemoteKeysStatistics
from clearway.plug.jose.sign import sign, sign_bytes
from clearway.plug.jose.sources import KeySource, StaticKeys

__all__ = [
    "ALGORITHMS",
    "MAX_LEEWAY_S",
    "MAX_TOKEN_BYTES",
    "Algorithm",
    "ClaimRules",
    "InvalidKeyError",
    "JoseError",
    "Jws",
    "Key",
    "KeyFetchError",
    "KeySet",
    "KeySource",
    "RemoteKeys",
    "RemoteKeysStatistics",
    "StaticKeys",
    "TokenRefusedError",
    "UnknownKeyError",
    "VerifiedToken",
    "https_fetch",
    "make_key",
    "parse_jwk",
    "parse_key_set",
    "parse_pem",
    "parse_secret",
    "sign",
    "sign_bytes",
    "verify_jws",
    "verify_token",
]
