# examples/greet.py
from clearway.plug import Conn, Pipeline, Router, get


def greet(conn: Conn) -> Conn:
    return conn.send_resp(200, f"hello, {conn.params['name']}")


app = Pipeline(Router(get("/hello/:name", greet)))
