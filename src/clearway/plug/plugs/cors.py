"""Let pages of other origins read our answers (the CORS protocol of the Fetch standard)."""

from __future__ import annotations

import re
from collections.abc import Iterable

from clearway.plug.conn import Conn
from clearway.plug.errors import PlugOptionError
from clearway.plug.headers import Headers
from clearway.plug.plugs.parts.options import header_name, texts, whole
from clearway.plug.problem import problem

__all__ = ["Cors"]

ANY = "*"

_ORIGIN = re.compile(
    r"[a-z][a-z0-9+.-]*://(?:\*\.)?(?:[a-z0-9_-]+(?:\.[a-z0-9_-]+)*|\[[0-9a-f:]+\])(?::\d{1,5})?"
)
_DEFAULT_PORT = re.compile(r"http://.*:80|https://.*:443")
_METHOD = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")

# What we say, we say alone: an upstream's word beside ours would make two, and browsers then believe neither.
_OURS = frozenset({b"access-control-allow-origin", b"access-control-allow-credentials",
                   b"access-control-expose-headers"})  # fmt: skip


class Cors:
    """Answer preflights, and tell browsers which pages may read the answers.

    A preflight (OPTIONS with `origin` and `access-control-request-method`) is answered and halted: with 204
    and what is allowed, or with 403 for an origin that is not.
    Every other request passes, also from an origin that is not allowed: then the browser keeps the answer
    from the page.

        Cors(["https://app.example.org", "https://*.example.org"], credentials=True)
        Cors("*")

    Options:
        origins: Origins as browsers send them; `https://*.example.org` takes every subdomain, but not
            `https://example.org` itself; `"*"` takes all.
        methods: Methods that a page may use besides GET, HEAD and POST, which need no leave.
        headers: Request headers that a page may set; `"*"` takes all but `authorization`.
        expose: Response headers that a page may read.
        credentials: Let browsers send cookies and credentials; not together with a `"*"` anywhere.
        max_age_s: Seconds for which a browser may remember the answer to a preflight.

    Put it before the plugs that require credentials: a preflight carries none.
    CORS loosens what browsers forbid; it keeps nobody else out.

    Source: the Fetch standard, section "CORS protocol".
    """

    def __init__(
        self,
        origins: Iterable[str],
        *,
        methods: Iterable[str] = ("PUT", "PATCH", "DELETE"),
        headers: Iterable[str] = (),
        expose: Iterable[str] = (),
        credentials: bool = False,
        max_age_s: int = 600,
    ) -> None:
        wanted = [origins] if isinstance(origins, str) else texts("origins", origins)
        if not wanted:
            raise PlugOptionError("Cors allows no origin", hint='name origins, or "*" for all')
        self.any_origin = ANY in wanted
        self._exact = frozenset(_checked_origin(origin) for origin in wanted if "*" not in origin)
        self._wildcard = _subdomains(origin for origin in wanted if "*" in origin and origin != ANY)
        usable = _methods(methods)
        allowed = _names("headers", headers)
        exposed = _names("expose", expose)
        self.credentials = credentials
        if credentials and (self.any_origin or ANY in [*usable, *allowed, *exposed]):
            raise PlugOptionError(
                'Cors cannot take credentials together with "*": any page on the web could act as the user',
                hint="name the origins, methods and headers",
            )
        self._with_answer = _fields(("access-control-expose-headers", exposed))
        self._with_preflight = _fields(
            ("access-control-allow-methods", usable),
            ("access-control-allow-headers", allowed),
            ("access-control-max-age", [str(whole("max_age_s", max_age_s, least=0))]),
        )

    def __call__(self, conn: Conn) -> Conn:
        if conn.method == "OPTIONS" and _is_preflight(conn.headers):
            return self._preflight(conn)
        return conn.register_before_send(self._mark)

    def allows(self, origin: str) -> bool:
        """Tell whether pages of `origin` may read our answers."""
        if self.any_origin or origin in self._exact:
            return True
        return self._wildcard is not None and self._wildcard.fullmatch(origin) is not None

    def _preflight(self, conn: Conn) -> Conn:
        marked = self._mark(conn)
        if not self.allows(conn.headers.get("origin") or ""):
            return problem(marked, 403, "pages of this origin may not ask").halt()
        answer = Headers(
            (*marked.resp_headers.delete("access-control-expose-headers"), *self._with_preflight)
        )
        return marked.put_resp_headers(answer).send_resp(204).halt()

    def _mark(self, conn: Conn) -> Conn:
        headers = conn.resp_headers.delete_raw(_OURS)
        if not self.any_origin:
            headers = _vary_by_origin(
                headers
            )  # also without an origin, or a cache would give that answer to all
        origin = conn.headers.get("origin")
        if origin is not None and self.allows(origin):
            headers = Headers((*headers, *self._grant(origin), *self._with_answer))
        return conn.put_resp_headers(headers)

    def _grant(self, origin: str) -> tuple[tuple[bytes, bytes], ...]:
        allowed = b"*" if self.any_origin else origin.encode("ascii")
        grant = (b"access-control-allow-origin", allowed)
        return (grant, (b"access-control-allow-credentials", b"true")) if self.credentials else (grant,)

    def __repr__(self) -> str:
        return f"<Cors {ANY if self.any_origin else f'{len(self._exact)} origins'}>"


def _is_preflight(headers: Headers) -> bool:
    return (
        headers.get_raw(b"origin") is not None
        and headers.get_raw(b"access-control-request-method") is not None
    )


def _vary_by_origin(headers: Headers) -> Headers:
    named = [word.strip().lower() for value in headers.get_all("vary") for word in value.split(",")]
    return headers if "origin" in named or ANY in named else headers.add("vary", "origin")


# Options


def _checked_origin(origin: str) -> str:
    if not _ORIGIN.fullmatch(origin) or _DEFAULT_PORT.fullmatch(origin):
        raise PlugOptionError(
            f"{origin!r} is not an origin as browsers send it",
            hint="write https://app.example.org: lower-case, no path, no default port, * as first label only",
        )
    return origin


def _subdomains(origins: Iterable[str]) -> re.Pattern[str] | None:
    patterns = [
        re.escape(_checked_origin(origin)).replace(r"\*", "[a-z0-9_-]+(?:\\.[a-z0-9_-]+)*")
        for origin in origins
    ]
    return re.compile("|".join(patterns)) if patterns else None


def _methods(methods: Iterable[str]) -> list[str]:
    found = [*texts("methods", methods)]
    for method in found:
        if not _METHOD.fullmatch(method):
            raise PlugOptionError(f"{method!r} is not a method")
    return found


def _names(option: str, names: Iterable[str]) -> list[str]:
    return [name if name == ANY else header_name(option, name).decode() for name in texts(option, names)]


def _fields(*fields: tuple[str, list[str]]) -> tuple[tuple[bytes, bytes], ...]:
    return tuple(Headers.of((name, ", ".join(values))).raw[0] for name, values in fields if values)
