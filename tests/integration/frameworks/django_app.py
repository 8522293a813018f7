"""Django, by its own ASGI handler: it has no lifespan and no WebSockets."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import django
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.urls import path

if not settings.configured:
    settings.configure(ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"], SECRET_KEY="planted", LOGGING_CONFIG=None)
    django.setup()


async def hello(request: HttpRequest, name: str) -> HttpResponse:
    answer = JsonResponse({"hello": name, "started": "yes"})
    answer.set_cookie("a", "1")
    return answer


def echo(request: HttpRequest) -> HttpResponse:  # in a thread
    return HttpResponse(request.body, content_type="text/plain")


async def stream(request: HttpRequest) -> StreamingHttpResponse:
    async def pieces() -> AsyncIterator[bytes]:
        for number in range(3):
            yield b"piece %d\n" % number

    return StreamingHttpResponse(pieces(), content_type="text/plain")


async def fail(request: HttpRequest) -> HttpResponse:
    return HttpResponse("planted", status=418)


urlpatterns: list[Any] = [
    path("hello/<str:name>", hello),
    path("echo", echo),
    path("stream", stream),
    path("fail", fail),
]
app = get_asgi_application()
