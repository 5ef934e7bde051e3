"""What Daphne serves: pages and API over HTTP, job progress over WebSockets."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "omdplatform.settings")
http = get_asgi_application()

from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from channels.sessions import SessionMiddlewareStack  # noqa: E402

from datasets.routing import websocket_urlpatterns  # noqa: E402
from omdplatform.body_cap import cap_bodies  # noqa: E402
from omdplatform.origins import ExplicitOrigins  # noqa: E402

cap_bodies()
application = ProtocolTypeRouter(
    {"http": http, "websocket": ExplicitOrigins(SessionMiddlewareStack(URLRouter(websocket_urlpatterns)))}
)
