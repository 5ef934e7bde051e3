"""The application that Daphne serves: pages and API over HTTP, job progress over WebSockets."""

import os
from typing import Any

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "omdplatform.settings")
http = get_asgi_application()

from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from channels.sessions import SessionMiddlewareStack  # noqa: E402

from datasets.web.consumers import websocket_urlpatterns  # noqa: E402
from omdplatform.base.web.body_cap import cap_bodies  # noqa: E402
from omdplatform.base.web.origins import ExplicitOrigins  # noqa: E402

cap_bodies()
sockets = ExplicitOrigins(SessionMiddlewareStack(URLRouter(websocket_urlpatterns)))
routes = ProtocolTypeRouter({"http": http, "websocket": sockets})


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Daphne trusts a client's Daphne-Root-Path header. The platform is always at the root."""
    await routes({**scope, "root_path": ""}, receive, send)
