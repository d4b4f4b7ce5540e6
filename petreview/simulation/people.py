"""Somebody signed in, without a network between: each call runs through the whole of the web app."""

import json
from typing import Any

from django.test import Client

from annotations.accounts.models import User


class Refused(RuntimeError):
    """The API refused what a scripted person did. `code` is its name for it, `detail` what it adds."""

    def __init__(self, method: str, path: str, status: int, answer: Any) -> None:
        named = answer if isinstance(answer, dict) else {}
        self.code = str(named.get("code", status))
        self.detail: dict[str, Any] = named.get("detail") or {}
        super().__init__(f"{method} {path}: {status} {self.code} {named.get('message', '')} {self.detail}")


class Person:
    def __init__(self, user: User) -> None:
        self.user = user
        self._client = Client(SERVER_NAME="127.0.0.1", raise_request_exception=True)

    def sign_in(self) -> None:
        """A new session: the old one has run out when the simulated clock went on by days."""
        self._client.force_login(self.user)

    def get(self, path: str) -> Any:
        return self._json("GET", path, self._client.get(f"/api/{path}"))

    def get_bytes(self, path: str) -> bytes:
        answer: Any = self._client.get(f"/api/{path}")
        if answer.status_code != 200:
            raise Refused("GET", path, answer.status_code, _content(answer))
        return b"".join(answer.streaming_content) if answer.streaming else answer.content

    def post(self, path: str, body: Any) -> Any:
        return self._send("POST", path, body)

    def patch(self, path: str, body: Any) -> Any:
        return self._send("PATCH", path, body)

    def _send(self, method: str, path: str, body: Any) -> Any:
        answer = self._client.generic(method, f"/api/{path}", json.dumps(body), "application/json")
        return self._json(method, path, answer)

    def _json(self, method: str, path: str, answer: Any) -> Any:
        content = _content(answer)
        if answer.status_code >= 400:
            raise Refused(method, path, answer.status_code, content)
        return content


def _content(answer: Any) -> Any:
    if answer.headers.get("Content-Type", "").startswith("application/json"):
        return answer.json()
    return None
