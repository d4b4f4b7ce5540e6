"""The web process: Django over HTTP, live events over WebSocket."""

import os
from concurrent.futures import ThreadPoolExecutor
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "petreview.settings")

from django.core.asgi import get_asgi_application

http = get_asgi_application()  # loads the apps, which the imports below need

from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from channels.sessions import SessionMiddlewareStack  # noqa: E402
from django.urls import path  # noqa: E402

from annotations.reads.consumers import websocket_routes as reading_routes  # noqa: E402
from inference.jobs.consumers import websocket_routes as job_routes  # noqa: E402
from petreview.origin import SameOrigin  # noqa: E402
from petreview.startup import refuse_unsafe_start  # noqa: E402

# The server imports this inside its event loop, where Django allows no query: ask from a thread.
with ThreadPoolExecutor(max_workers=1) as _executor:
    _executor.submit(refuse_unsafe_start).result()

# Channels routes consumers as Django routes views; the stubs know views only.
_path: Any = path
_routes = URLRouter([_path(route, consumer) for route, consumer in (job_routes | reading_routes).items()])
application = ProtocolTypeRouter({"http": http, "websocket": SameOrigin(SessionMiddlewareStack(_routes))})
