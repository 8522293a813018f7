"""What the built-in plugs are made of: pure pieces that several of them, or their tests, use alone.

Nothing here is promised; `clearway.plug.plugs` is the door.
"""

__all__: list[str] = []
