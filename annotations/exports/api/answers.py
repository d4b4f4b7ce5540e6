"""What the downloads of this room share."""

from collections.abc import Iterable

from django.http import HttpResponse
from django.utils.text import slugify
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from annotations.reads.models import ReaderStudy


class FormatIsOurs(BaseContentNegotiation):
    """`?format=` names the file's format here, not a renderer of the framework."""

    def select_parser(self, request: Request, parsers: Iterable[BaseParser]) -> BaseParser:
        return next(iter(parsers))

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        first = next(iter(renderers))
        return first, str(first.media_type)


def attachment(content: bytes, media_type: str, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=media_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response


def study_file_name(study: ReaderStudy, end: str) -> str:
    mark = "synthetic-" if study.is_synthetic else ""
    return f"{mark}{slugify(study.name) or study.pk}-{end}"
