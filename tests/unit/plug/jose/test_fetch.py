"""Keys come over https, or from this machine."""

from __future__ import annotations

import pytest

from clearway.plug.jose import InvalidKeyError, RemoteKeys

URL = "https://id.example/jwks.json"


@pytest.mark.parametrize(
    ("url", "name"),
    [
        (URL, URL),
        ("https://id.example:8443/a?key=hunter2#x", "https://id.example:8443/a"),
        ("http://127.0.0.1:9000/jwks", "http://127.0.0.1:9000/jwks"),
        ("http://127.8.8.8/jwks", "http://127.8.8.8/jwks"),
        ("http://[::1]:9000/jwks", "http://[::1]:9000/jwks"),
        ("http://localhost/jwks", "http://localhost/jwks"),
    ],
)
def test_a_url_is_https_or_on_this_machine(url: str, name: str) -> None:
    assert RemoteKeys(url).name == name


@pytest.mark.parametrize(
    "url",
    [
        "http://id.example/jwks",
        "http://10.0.0.1/jwks",
        "http://0.0.0.0/jwks",
        "http://127.0.0.1.evil.example/jwks",
        "http://localhost.evil.example/jwks",
        "HTTP://id.example/jwks",
        "file:///etc/passwd",
        "ftp://id.example/jwks",
        "https://",
        "https:///jwks",
        "//id.example/jwks",
        "id.example/jwks",
        "",
        "https://user:hunter2@id.example/jwks",
        "https://hunter2@id.example/jwks",
        "https://[::1/jwks",
        "https://id.example:hunter2/jwks",
    ],
)
def test_any_other_url_is_refused(url: str) -> None:
    with pytest.raises(InvalidKeyError) as caught:
        RemoteKeys(url)

    assert "hunter2" not in str(caught.value)


def test_plain_http_can_be_allowed() -> None:
    assert RemoteKeys("http://id.internal/jwks", allow_http=True).name == "http://id.internal/jwks"
    with pytest.raises(InvalidKeyError):
        RemoteKeys("file:///etc/passwd", allow_http=True)
