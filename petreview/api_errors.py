"""The one translator from errors to JSON: {"code", "message", "detail"}. Clients switch on `code`."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import OperationalError
from django.http import Http404
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler as drf_exception_handler

from annotations.errors import PetreviewError


def exception_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    if isinstance(error, PetreviewError):
        return Response(error.as_json(), status=error.http_status)
    if isinstance(error, OperationalError) and "locked" in str(error):
        # Twenty seconds of waiting were not enough: the client keeps the edit and sends it again.
        return Response(_body("busy", "The database is busy. Nothing was changed.", {}), status=503)
    response = drf_exception_handler(error, context)
    if response is None:
        return None
    response.data = _translate(error, response.data)
    return response


def _translate(error: Exception, data: Any) -> dict[str, Any]:
    if isinstance(error, Http404 | exceptions.NotFound):
        return _body("not_found", "There is no such object, or it is not yours to see.", {})
    if isinstance(error, PermissionDenied | exceptions.PermissionDenied):
        return _body("not_allowed", str(getattr(error, "detail", "")) or "Not allowed.", {})
    if isinstance(error, exceptions.NotAuthenticated | exceptions.AuthenticationFailed):
        return _body("not_signed_in", "Please sign in.", {})
    if isinstance(error, exceptions.ValidationError):
        return _body("invalid_input", "Some values are missing or not valid.", {"fields": data})
    if isinstance(error, exceptions.APIException):
        code = error.default_code if isinstance(error.default_code, str) else "error"
        return _body(code, str(error.detail), {})
    return _body("error", "The request could not be carried out.", {})


def _body(code: str, message: str, detail: dict[str, Any]) -> dict[str, Any]:
    return {"code": code, "message": message, "detail": detail}
