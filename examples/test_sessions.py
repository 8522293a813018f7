# examples/test_sessions.py
from clearway.testing import conn, run
from examples.sessions import Sessions


def test_a_session_is_looked_up_once():
    asked = []

    async def look(session):
        asked.append(session)
        return "ada"

    plug = Sessions(look)
    request = conn("GET", "/", headers={"x-session": "s1"})

    assert run(plug, request).assigns["user"] == "ada"
    assert plug(request).assigns["user"] == "ada"
    assert asked == ["s1"]
