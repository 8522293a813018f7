# examples/shop.py
import json


def total(items):
    return sum(price * count for price, count in items)


def fib(number):
    return number if number < 2 else fib(number - 1) + fib(number - 2)


async def answer(send, value):
    headers = [(b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(value).encode()})


async def app(scope, receive, send):
    if scope["type"] != "http":
        return
    if scope["path"] == "/report":
        await answer(send, {"fib": fib(35)})
    elif scope["path"] == "/total":
        await answer(send, {"total": total([(250, 2), (100, 1)])})
    else:
        await answer(send, {"ok": True})
