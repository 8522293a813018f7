"""Hosting ASGI apps: each is the endpoint of a pipeline.

from clearway.gateway.hosting import AsgiApp

pipeline = Pipeline(RequestId(), Bearer(keys), RequireAuth(), AsgiApp("shop.main:app"))
"""

from clearway.gateway.hosting.asgi_app import AsgiApp
from clearway.gateway.hosting.errors import AppError, AppImportError, AppStartError

__all__ = ["AppError", "AppImportError", "AppStartError", "AsgiApp"]
