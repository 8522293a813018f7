"""What an adapter makes of an error: the answer to the client, and the word for how the request ended."""

from __future__ import annotations

import logging

from clearway.errors import ClearwayError
from clearway.plug.conn import Conn, State, without_response
from clearway.plug.errors import conn_at_failure
from clearway.plug.problem import problem
from clearway.plug.stream import Stream

__all__ = ["failure_answer", "is_fault_of_ours", "outcome_of"]

log = logging.getLogger("clearway.plug")

_BY_STATUS = {408: "client_timeout", 413: "body_too_large", 414: "target_too_long", 431: "head_too_large"}


def failure_answer(error: BaseException, conn: Conn) -> Conn:
    """Return the request's newest conn, sent as the problem that `error` stands for.

    `conn` is the one that the pipeline was called with.
    Only our own errors choose a status and speak to the client: what another library's error says is nothing
    that we know to be free of secrets.
    The `before_send` hooks run. If one of them fails too, the answer goes out without them.
    A response that a plug had decided is dropped: when a plug sends without halting and the next one raises,
    that next one may be the login that was meant to stand before.
    """
    newest = conn_at_failure(error, conn)
    if isinstance(newest.resp_body, Stream):
        newest.resp_body.cancel()
    status, detail = 500, "the server failed; its log has the request id"
    if isinstance(error, ClearwayError) and error.status != 500:
        status, detail = error.status, error.public
    if newest.state is State.UNSET:
        try:
            return problem(newest, status, detail)
        except Exception:
            log.exception("a before_send hook failed while an error was answered")
    return problem(without_response(newest), status, detail)


def is_fault_of_ours(error: BaseException) -> bool:
    """Tell whether somebody should look at the code: a 500, and no error that names another status."""
    return _status_of(error) == 500


def outcome_of(error: BaseException) -> str:
    """Return the word that logs and metrics use for how a request ended."""
    named = getattr(error, "outcome", None)
    if isinstance(named, str):
        return named
    status = _status_of(error)
    return _BY_STATUS.get(status, "bad_request" if 400 <= status < 500 else "error")


def _status_of(error: BaseException) -> int:
    return error.status if isinstance(error, ClearwayError) else 500
