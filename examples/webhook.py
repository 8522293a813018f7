# examples/webhook.py
import hmac

from clearway.plug import Conn, RequestError, Stream


class SignedBody:
    """Refuse a webhook whose body is not signed with `secret`.

    Options:
        secret: Shared with the sender.
        max_bytes: The longest body that is looked at.
    """

    def __init__(self, secret: bytes, max_bytes: int = 64 * 1024) -> None:
        self.secret = secret
        self.max_bytes = max_bytes

    async def __call__(self, conn: Conn) -> Conn:
        body = await conn.fetch_body(self.max_bytes)
        want = hmac.new(self.secret, body, "sha256").hexdigest()
        have = conn.headers.get("x-signature", "")
        if not hmac.compare_digest(want.encode(), have.encode()):
            raise RequestError(403, "the signature is not the body's")
        return conn.put_body(Stream.of(body))
