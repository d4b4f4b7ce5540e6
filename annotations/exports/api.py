"""Downloads: a reader study as flat files, a version as DICOM or NIfTI. Each is audited."""

from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import path
from django.utils.text import slugify
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.views import APIView

from annotations.accounts.permissions import IsCoordinator, IsStaffRole, signed_in_user
from annotations.audit.services import record
from annotations.exports.package import quick_scores
from annotations.exports.study_data import study_data
from annotations.exports.versions import FORMATS, export_version
from annotations.reads.models import ReaderStudy
from annotations.reads.selectors import get_reader_study
from annotations.segmentations.selectors import visible_version


class FormatIsOurs(BaseContentNegotiation):
    """`?format=` names the file's format here, not a renderer of the framework."""

    def select_parser(self, request: Request, parsers: Iterable[BaseParser]) -> BaseParser:
        return next(iter(parsers))

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        first = next(iter(renderers))
        return first, str(first.media_type)


class FormatSerializer(serializers.Serializer[Any]):
    format = serializers.ChoiceField(FORMATS)


def attachment(content: bytes, media_type: str, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=media_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response


def study_file_name(study: ReaderStudy, end: str) -> str:
    mark = "synthetic-" if study.is_synthetic else ""
    return f"{mark}{slugify(study.name) or study.pk}-{end}"


class VersionExportView(APIView):
    permission_classes = [IsStaffRole]
    content_negotiation_class = FormatIsOurs

    @extend_schema(
        operation_id="export_version",
        parameters=[OpenApiParameter("format", str, required=True, enum=list(FORMATS))],
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, version_id: UUID) -> HttpResponse:
        wanted = FormatSerializer(data=request.query_params)
        wanted.is_valid(raise_exception=True)
        user = signed_in_user(request)
        version = visible_version(user, version_id)
        made = export_version(version, wanted.validated_data["format"])
        record(
            actor=user,
            action="version_exported",
            object_type="version",
            object_id=version.pk,
            new={"file": made.name},
        )
        return attachment(made.content, made.media_type, made.name)


class ScoresView(APIView):
    permission_classes = [IsCoordinator]

    @extend_schema(operation_id="export_scores", responses={(200, "text/csv"): OpenApiTypes.BINARY})
    def get(self, request: Request, reader_study_id: UUID) -> HttpResponse:
        """reads_long.csv alone: for a look in between. Masked as every export is."""
        study = get_reader_study(reader_study_id)
        with TemporaryDirectory() as folder:
            path = Path(folder) / "reads_long.csv"
            quick_scores(study_data(study), path)
            content = path.read_bytes()
        _record(request, study, path.name)
        return attachment(content, "text/csv; charset=utf-8", study_file_name(study, path.name))


def _record(request: Request, study: ReaderStudy, file: str) -> None:
    record(
        actor=signed_in_user(request),
        action="reader_study_exported",
        object_type="reader_study",
        object_id=study.pk,
        new={"file": file},
    )


urlpatterns = [
    path("versions/<uuid:version_id>/export/", VersionExportView.as_view()),
    path("reader-studies/<uuid:reader_study_id>/scores.csv", ScoresView.as_view()),
]
