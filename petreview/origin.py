"""A browser sends cookies with a WebSocket from any page, so only our own pages may open one."""

from typing import Any
from urllib.parse import urlsplit

from asgiref.typing import ASGIReceiveCallable, ASGISendCallable, WebSocketScope
from channels.security.websocket import WebsocketDenier
from django.conf import settings
from django.http.request import split_domain_port, validate_host


class SameOrigin:
    """Denies a WebSocket whose Origin is neither the Host it was sent to nor a trusted origin."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner

    async def __call__(
        self, scope: WebSocketScope, receive: ASGIReceiveCallable, send: ASGISendCallable
    ) -> None:
        application: Any = self.inner if is_own_origin(scope) else WebsocketDenier()
        await application(scope, receive, send)


def is_own_origin(scope: WebSocketScope) -> bool:
    headers = {name.lower(): value.decode("latin-1") for name, value in scope["headers"]}
    origin, host = headers.get(b"origin", ""), headers.get(b"host", "")
    if origin in settings.CSRF_TRUSTED_ORIGINS:
        return True
    return urlsplit(origin).netloc == host and validate_host(
        split_domain_port(host)[0], settings.ALLOWED_HOSTS
    )
