"""The web process: Django over HTTP, live events over WebSocket."""

import os
from concurrent.futures import ThreadPoolExecutor

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "petreview.settings")

from django.core.asgi import get_asgi_application

http = get_asgi_application()

from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter

from inference.jobs.consumers import websocket_urlpatterns
from petreview.origin import SameOrigin
from petreview.startup import refuse_unsafe_start

# The server imports this inside its event loop, where Django allows no query: ask from a thread.
with ThreadPoolExecutor(max_workers=1) as _executor:
    _executor.submit(refuse_unsafe_start).result()

application = ProtocolTypeRouter(
    {"http": http, "websocket": SameOrigin(AuthMiddlewareStack(URLRouter(websocket_urlpatterns)))}
)
