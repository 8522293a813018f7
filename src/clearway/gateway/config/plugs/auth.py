"""Plugs that say who is asking, and those that insist."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from clearway.gateway.config.plugs.section import PlugConfig
from clearway.gateway.config.section import Count, EnvName, FileName, Seconds, Texts

__all__ = ["BasicAuthConfig", "BearerConfig", "RequireAuthConfig", "ScopesConfig"]

_KEY_SOURCES = ("secret_env", "key_file", "jwks_file", "jwks_url")

# Written out, because asking jose for them would load cryptography for every configuration.
AlgorithmName = Literal[
    "HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512",
    "ES256", "ES384", "ES512", "EdDSA", "Ed25519",
]  # fmt: skip
_REMOTE_ONLY = ("jwks_refresh_s", "jwks_cooldown_s", "jwks_timeout_s", "jwks_allow_http")


class BasicAuthConfig(PlugConfig):
    """Verify Basic credentials if there are any."""

    use: Literal["basic_auth"]
    users: dict[str, str] | None = Field(
        None,
        description="Password hashes by user name, as `clearway passwd` prints them; this or `htpasswd`.",
    )
    htpasswd: FileName | None = Field(
        None, description="An htpasswd file of bcrypt or argon2id hashes; read again when it changes."
    )
    realm: str = Field("clearway", description="Named in the challenge.")
    cache_size: Annotated[int, Field(ge=2)] = Field(10_000, description="Verified credentials remembered.")
    cache_ttl_s: Seconds = Field(300.0, description="Seconds for which they are.")
    hash_threads: Count = Field(
        2, description="Threads that check passwords: the cores that a flood of wrong ones can keep busy."
    )
    max_pending: Count = Field(64, description="Checks that may run or wait; a request past that gets 503.")

    @model_validator(mode="after")
    def _one_source(self) -> BasicAuthConfig:
        if (self.users is None) == (self.htpasswd is None):
            raise ValueError("needs either users or htpasswd")
        return self

    def sources(self) -> list[str]:
        """Return which of the keys that name passwords are given."""
        return [name for name in ("users", "htpasswd") if getattr(self, name) is not None]


class BearerConfig(PlugConfig):
    """Verify a Bearer JWT if there is one."""

    use: Literal["bearer"]
    secret_env: EnvName | None = Field(
        None,
        description="Environment variable that holds the key: a shared secret of at least 32 bytes, a PEM "
        "key, a JWK or a JWK Set.",
    )
    key_file: FileName | None = Field(None, description="PEM file that holds one public key.")
    jwks_file: FileName | None = Field(None, description="File that holds a JWK Set.")
    jwks_url: str | None = Field(
        None, description="Where a JWK Set is published; fetched in the background, and kept when that fails."
    )
    jwks_refresh_s: Seconds = Field(300.0, description="Seconds between two fetches of `jwks_url`.")
    jwks_cooldown_s: Seconds = Field(
        30.0, description="At most one fetch per so many seconds because of tokens that name an unknown key."
    )
    jwks_timeout_s: Seconds = Field(5.0, description="Seconds for one fetch.")
    jwks_allow_http: bool = Field(
        False, description="Fetch keys over plain http: whoever is on the way can then sign tokens."
    )
    kid: str | None = Field(None, description="The id of the key from `secret_env` or `key_file`.")
    issuer: Texts | None = Field(None, description="The `iss` that tokens must have; any unless given.")
    audience: Texts | None = Field(
        None,
        description="Our name, or names, in `aud`; without one, tokens that name an audience are refused.",
    )
    any_audience: bool = Field(
        False, description="Take tokens for every audience; the upstreams must then check it."
    )
    algorithms: list[AlgorithmName] | None = Field(
        None, min_length=1, description="Narrows the algorithms that the keys allow, for instance to `RS256`."
    )
    leeway_s: Annotated[float, Field(ge=0, le=60)] = Field(
        0.0, description="Seconds by which clocks may differ, 0 to 60."
    )
    required: list[str] = Field(default_factory=list, description="Claims that tokens must have.")
    typ: str | None = Field(
        None, description="The `typ` header that tokens must have, for instance `at+jwt`."
    )
    realm: str = Field("clearway", description="Named in the challenge.")
    scope_claim: str = Field(
        "scope", description="Claim that holds the scopes; `scp` is read where it is absent."
    )
    principal_claim: str = Field("sub", description="Claim that holds the principal's name.")
    cache_size: Annotated[int, Field(ge=0)] = Field(
        10_000, description="Verified tokens remembered; 0 checks every signature anew."
    )
    cache_ttl_s: Seconds = Field(300.0, description="Seconds for which they are, at most.")
    max_token_bytes: Count = Field(16_384, description="A longer token is refused unread.")

    @model_validator(mode="after")
    def _one_source(self) -> BearerConfig:
        given = self.sources()
        if len(given) != 1:
            found = f"has {' and '.join(given)}" if given else "has no key"
            raise ValueError(f"{found}: give one of {', '.join(_KEY_SOURCES)}")
        if self.jwks_url is None and (stray := [k for k in _REMOTE_ONLY if k in self.model_fields_set]):
            raise ValueError(f"{stray[0]} means nothing without jwks_url")
        return self

    def sources(self) -> list[str]:
        """Return which of the keys that name a key source are given."""
        return [name for name in _KEY_SOURCES if getattr(self, name) is not None]


class RequireAuthConfig(PlugConfig):
    """Answer 401 to requests whose sender is not known."""

    use: Literal["require_auth"]


class ScopesConfig(PlugConfig):
    """Answer 403 to callers who lack a scope."""

    use: Literal["scopes"]
    scopes: list[str] = Field(min_length=1, description="The scopes that a caller must have, all of them.")
