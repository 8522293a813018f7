# examples/leaking_service.py
import asyncio

answers = {}
background = set()


def load(order):
    return f"order {order}: ".encode() + bytes(20_000)


async def tell_when_shipped():
    await asyncio.Event().wait()  # which nobody will ever set


async def answer(path):
    if path not in answers:
        answers[path] = load(path.rpartition("/")[2])
    task = asyncio.create_task(tell_when_shipped())
    background.add(task)
    return answers[path][:20]


def report():
    return str(sum(number**3 % 7 for number in range(3_000_000))).encode()


async def app(scope, receive, send):
    if scope["type"] != "http":
        return
    body = report() if scope["path"] == "/report" else await answer(scope["path"])
    head = [(b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 200, "headers": head})
    await send({"type": "http.response.body", "body": body})
