# examples/test_greet.py
from clearway.testing import body_of, conn
from examples.greet import app


def test_a_visitor_is_greeted_by_name():
    answer = app(conn("GET", "/hello/ada"))

    assert answer.status == 200
    assert body_of(answer) == b"hello, ada"


def test_another_path_is_not_found():
    assert app(conn("GET", "/")).status == 404
