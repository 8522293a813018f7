"""An API gateway and ASGI server that cannot be blocked and hides nothing.

Each part is used by itself: `from clearway.plug import Conn`, `from clearway.testing import conn`.
Importing `clearway` loads none of them.
"""

__all__ = ["__version__"]

__version__ = "0.1.0.dev0"
