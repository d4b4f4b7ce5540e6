"""The one error base. Everything the product refuses is refused by name.

`code` is what a client switches on and never changes; `message` is one sentence of plain clinical
English; `detail` says what was wanted and what was got. `petreview/api_errors.py` is the only place
that turns these into HTTP answers.
"""

from typing import Any, ClassVar


class PetreviewError(Exception):
    """Base of every refusal. `http_status` is what the API answers with."""

    code: ClassVar[str] = "error"
    http_status: ClassVar[int] = 400

    def __init__(self, message: str, **detail: Any) -> None:
        super().__init__(message)
        self.message = message
        self.detail: dict[str, Any] = detail

    def as_json(self) -> dict[str, Any]:
        return {"code": self.code, "message": self.message, "detail": self.detail}


class NotFound(PetreviewError):
    code = "not_found"
    http_status = 404


class NotAllowed(PetreviewError):
    code = "not_allowed"
    http_status = 403


class InvalidInput(PetreviewError):
    code = "invalid_input"
    http_status = 400


class Conflict(PetreviewError):
    code = "conflict"
    http_status = 409


class StorageFull(PetreviewError):
    code = "storage_full"
    http_status = 507
