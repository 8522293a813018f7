# examples/sessions.py
from collections.abc import Awaitable, Callable

from clearway.plug import Conn

Look = Callable[[str], Awaitable[str | None]]


class Sessions:
    """Assign the user of the session that a header names.

    Options:
        look: Finds a session's user, for instance in a database.
    """

    def __init__(self, look: Look) -> None:
        self.look = look
        self.known: dict[str, str] = {}

    def __call__(self, conn: Conn) -> Conn | Awaitable[Conn]:
        session = conn.headers.get("x-session")
        if session is None:
            return conn
        if session in self.known:
            return conn.assign("user", self.known[session])
        return self.find(conn, session)

    async def find(self, conn: Conn, session: str) -> Conn:
        user = await self.look(session)
        if user is None:
            return conn
        self.known[session] = user
        return conn.assign("user", user)
