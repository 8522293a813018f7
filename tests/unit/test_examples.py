"""What the guides show in Python works: each file is run, its tests are run, and each stands on a page."""

from __future__ import annotations

import hashlib
import hmac
import importlib
import re
from base64 import b64encode
from types import ModuleType

import pytest

from clearway.gateway.hosting import AsgiApp
from clearway.plug import Conn, RequestError, Sent
from clearway.testing import MockClock, body_of, conn, run
from tests.house.source import ROOT, short
from tests.unit.plug.asgi.stage import Stage, http_scope

EXAMPLES = sorted((ROOT / "examples").glob("*.py"))
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
FENCE = re.compile(r"^```python\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def example(name: str) -> ModuleType:
    return importlib.import_module(f"examples.{name}")


TESTS = [
    (path.stem, name)
    for path in EXAMPLES
    if path.stem.startswith("test_")
    for name in re.findall(r"^def (test_\w+)", path.read_text(), re.MULTILINE)
]


@pytest.mark.parametrize(("module", "name"), TESTS)
def test_a_test_that_a_guide_shows_passes(module: str, name: str) -> None:
    getattr(example(module), name)()


@pytest.mark.parametrize("path", EXAMPLES, ids=short)
def test_an_example_is_shown_as_it_is(path: object) -> None:
    text = path.read_text()  # type: ignore[attr-defined]

    assert text.startswith(f"# {short(path)}\n")  # type: ignore[arg-type]
    assert any(text in FENCE.findall(page.read_text()) for page in PAGES)


def test_server_timing_tells_the_client_and_remembers_what_was_sent() -> None:
    clock = MockClock(0.25)
    plug = example("server_timing").ServerTiming(clock)

    sent = plug(conn("GET", "/")).send_resp(200)
    for hook in sent.after_send:
        hook(sent, Sent(0, 0.5, "complete"))
        hook(sent, Sent(0, 9.0, "client_closed"))

    assert sent.resp_headers.get("server-timing") == "app;dur=250.0"
    assert plug.slowest_s == 0.5


def signed(body: bytes, secret: bytes) -> Conn:
    signature = hmac.new(secret, body, hashlib.sha256).hexdigest()
    return conn("POST", "/", headers={"x-signature": signature}, body=body)


def test_a_signed_webhook_passes_with_its_body_to_read() -> None:
    async def echo(conn: Conn) -> Conn:
        return conn.send_resp(200, await conn.fetch_body())

    passed = run(example("webhook").SignedBody(b"secret"), signed(b"paid", b"secret"))

    assert body_of(run(echo, passed)) == b"paid"


@pytest.mark.parametrize(
    ("request_", "status"), [(signed(b"paid", b"guess"), 403), (conn("POST", "/", body=b"x" * 65537), 413)]
)
def test_another_webhook_does_not_pass(request_: Conn, status: int) -> None:
    with pytest.raises(RequestError) as raised:
        run(example("webhook").SignedBody(b"secret"), request_)

    assert raised.value.status == status


async def test_a_body_may_be_changed_as_it_streams() -> None:
    answer = example("upper").shout(conn("POST", "/", body=[b"hel", b"lo"]))

    assert [piece async for piece in answer.resp_body] == [b"HEL", b"LO"]


@pytest.mark.parametrize(("password", "status"), [("lovelace", 200), ("guess", 401)])
async def test_an_asgi_app_is_protected(password: str, status: int) -> None:
    credentials = b64encode(f"ada:{password}".encode()).decode()

    stage = await Stage().play(
        example("behind_clearway").app, http_scope(headers=[("authorization", f"Basic {credentials}")])
    )

    assert stage.status == status
    assert (stage.body == b"orders of ada") == (status == 200)


def test_the_shop_answers_what_its_guide_shows() -> None:
    app = AsgiApp(example("shop").app)

    assert [body_of(run(app, conn("GET", path))) for path in ("/total", "/health")] == [
        b'{"total": 600}',
        b'{"ok": true}',
    ]
