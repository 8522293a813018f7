"""A real nginx behind the gateway: what goes through arrives, byte for byte, both ways."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.integration.nginx import nginx
from tests.integration.program import program

pytestmark = [pytest.mark.slow, pytest.mark.peers("nginx")]

CONFIG = """
listen = "127.0.0.1:0"
plugs = ["request_id"]
[upstreams.nginx]
targets = ["127.0.0.1:{port}"]
[[routes]]
path = "/*rest"
upstream = "nginx"
"""
SIZES = [0, 1, 65_535, 65_536, 1_000_000, 40_000_000]
PIECE = 70_000


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("nginx")


@pytest.fixture(scope="module")
def client(folder: Path) -> Iterator[httpx.Client]:
    """A client of a gateway before nginx."""
    with nginx(folder) as port:
        (folder / "gateway.toml").write_text(CONFIG.format(port=port))
        with (
            program(folder / "gateway.toml") as running,
            httpx.Client(base_url=f"http://{running.address}", timeout=30) as client,
        ):
            yield client


def content(size: int) -> bytes:
    return random.Random(size).randbytes(size)


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def stored(folder: Path, size: int) -> str:
    """Store a file of `size` bytes that nginx serves, and return its name."""
    name = f"download-{size}"
    (folder / "files" / name).write_bytes(content(size))
    return name


@pytest.mark.parametrize("size", SIZES)
def test_a_file_is_downloaded_as_it_is(folder: Path, client: httpx.Client, size: int) -> None:
    response = client.get(f"/{stored(folder, size)}")

    assert response.status_code == 200
    assert response.headers["content-length"] == str(size)
    assert digest(response.content) == digest(content(size))


@pytest.mark.parametrize("size", SIZES[4:])  # of smaller files nginx knows the length after all
def test_a_file_is_downloaded_in_chunks(folder: Path, client: httpx.Client, size: int) -> None:
    response = client.get(f"/chunked/{stored(folder, size)}")

    assert response.headers.get("transfer-encoding") == "chunked"
    assert digest(response.content) == digest(content(size))


@pytest.mark.parametrize("chunked", [False, True], ids=["length", "chunked"])
@pytest.mark.parametrize("size", SIZES)
def test_a_file_is_uploaded_as_it_is(folder: Path, client: httpx.Client, size: int, chunked: bool) -> None:
    name, data = f"upload-{size}-{chunked}", content(size)
    pieces = (data[at : at + PIECE] for at in range(0, size, PIECE))

    response = client.put(f"/{name}", content=pieces if chunked else data)

    assert response.status_code in (201, 204)
    assert digest((folder / "files" / name).read_bytes()) == digest(data)


def test_head_says_what_get_would(folder: Path, client: httpx.Client) -> None:
    name = stored(folder, 65_536)

    head, get = client.head(f"/{name}"), client.get(f"/{name}")

    assert head.headers["content-length"] == get.headers["content-length"]
    assert (head.content, head.headers["etag"]) == (b"", get.headers["etag"])


def test_a_file_that_did_not_change_is_not_sent_again(folder: Path, client: httpx.Client) -> None:
    name = stored(folder, 1_000_000)
    etag = client.get(f"/{name}").headers["etag"]

    for _ in range(3):
        response = client.get(f"/{name}", headers={"if-none-match": etag})
        assert (response.status_code, response.content) == (304, b"")


def test_a_part_of_a_file_is_a_part(folder: Path, client: httpx.Client) -> None:
    response = client.get(f"/{stored(folder, 65_536)}", headers={"range": "bytes=100-199"})

    assert response.status_code == 206
    assert response.content == content(65_536)[100:200]


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"])
def test_nginx_is_told_who_asks_for_what(client: httpx.Client, method: str) -> None:
    response = client.request(method, "/echo?a=%20b", headers={"host": "shop.example"})

    assert response.text == f"{method} /echo?a=%20b 127.0.0.1 shop.example\n"


def test_an_error_of_nginx_is_its_own(client: httpx.Client) -> None:
    response = client.get("/nope")

    assert response.status_code == 404
    assert "nginx" in response.text
    assert "x-request-id" in response.headers
