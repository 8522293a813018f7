"""What can go wrong with keys and tokens, named by whose fault it is."""

from __future__ import annotations

from clearway.errors import ClearwayError

__all__ = ["InvalidKeyError", "JoseError", "KeyFetchError", "TokenRefusedError", "UnknownKeyError"]


class JoseError(ClearwayError):
    """The root of this package's errors."""


class InvalidKeyError(JoseError):
    """A key cannot be used safely: the fault is the operator's, or the key publisher's."""


class KeyFetchError(JoseError):
    """The key publisher did not answer with a document that we can use."""


class TokenRefusedError(JoseError):
    """A token was refused: the fault is the client's.

        try:
            verify_token(token, keys, rules, now=wall())
        except TokenRefusedError as refusal:
            refusal.reason                        # "the token has expired"

    The reason is ours, word for word: nothing of the token is in it, and no `"` or `\\`.
    So it may be sent to the client as an `error_description` (RFC 6750 section 3).

    Attributes:
        reason: Why, in one line.
    """

    status = 401

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class UnknownKeyError(TokenRefusedError):
    """A token names a key that the key set does not hold; the publisher may have rotated its keys.

    Attributes:
        kid: The key id as the token gives it: untrusted, good for a look-up only.
    """

    def __init__(self, kid: str) -> None:
        super().__init__("the token is signed with a key that is not known here")
        self.kid = kid
