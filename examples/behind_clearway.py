# examples/behind_clearway.py
from clearway.plug import Pipeline
from clearway.plug.asgi import AsgiMiddleware
from clearway.plug.plugs import BasicAuth, RequestId, RequireAuth

USERS = {
    "ada": "$2b$10$WL.g2TlaHUkYWsVlTsUgve7NQpvhp.fz0ZA.D9DbWYuAG9EMAHu7y"
}  # made by `clearway passwd ada`


async def orders(scope, receive, send):
    conn = scope["clearway"]
    body = f"orders of {conn.principal.name}".encode()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": body})


app = AsgiMiddleware(orders, Pipeline(RequestId(), BasicAuth(USERS), RequireAuth()))
