"""Sessions with CSRF. Apart from api_errors.py because DRF imports it while it is itself being imported."""

from rest_framework import authentication
from rest_framework.request import Request


class SessionAuthentication(authentication.SessionAuthentication):
    """A missing session is 401, so that the client can ask to sign in again."""

    def authenticate_header(self, request: Request) -> str:
        return "Session"
