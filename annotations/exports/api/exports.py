"""Exports of a reader study: ask for one, follow it, cancel it, download it. Coordinators only."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotations.accounts.models import User
from annotations.accounts.permissions import IsCoordinator, signed_in_user
from annotations.audit.services import record
from annotations.errors import NotFound
from annotations.exports import services
from annotations.exports.api.answers import attachment, study_file_name
from annotations.exports.models import Export
from annotations.exports.quick import quick_scores
from annotations.exports.study_data import study_data
from annotations.exports.wish import FORMATS, PARTS
from annotations.reads.selectors import reader_study_for

SHOWN_AT_MOST = 50


class NewExportSerializer(serializers.Serializer[Any]):
    parts = serializers.ListField(child=serializers.ChoiceField(PARTS), default=["tables"])
    formats = serializers.ListField(child=serializers.ChoiceField(FORMATS), default=list(FORMATS))


class ExportSerializer(serializers.ModelSerializer[Export]):
    state = serializers.ChoiceField(Export.State.choices, read_only=True)
    parts = serializers.ListField(child=serializers.ChoiceField(PARTS), read_only=True)
    formats = serializers.ListField(child=serializers.ChoiceField(FORMATS), read_only=True)
    requested_by = serializers.SerializerMethodField()
    has_file = serializers.SerializerMethodField()

    class Meta:
        model = Export
        fields = (
            "id",
            "state",
            "parts",
            "formats",
            "is_masked",
            "stage",
            "done",
            "total",
            "requested_by",
            "has_file",
            "file_name",
            "size_bytes",
            "sha256",
            "error_code",
            "error_message",
            "created_at",
            "finished_at",
        )
        read_only_fields = fields

    def get_requested_by(self, export: Export) -> str:
        user = export.requested_by
        return (user.get_full_name() or user.username) if user else ""

    def get_has_file(self, export: Export) -> bool:
        return export.state == Export.State.DONE and export.file_removed_at is None


def export_for(user: User, export_id: UUID) -> Export:
    """Of a reader study the user may see. Raises NotFound."""
    export = Export.objects.select_related("reader_study", "requested_by").filter(pk=export_id).first()
    if export is None:
        raise NotFound("There is no such export.")
    reader_study_for(user, export.reader_study_id)
    return export


class ExportListView(APIView):
    permission_classes = [IsCoordinator]

    @extend_schema(operation_id="list_exports", responses=ExportSerializer(many=True))
    def get(self, request: Request, reader_study_id: UUID) -> Response:
        """Newest first."""
        study = reader_study_for(signed_in_user(request), reader_study_id)
        exports = (
            Export.objects.filter(reader_study=study).select_related("requested_by").order_by("-created_at")
        )
        return Response(ExportSerializer(exports[:SHOWN_AT_MOST], many=True).data)

    @extend_schema(
        operation_id="create_export", request=NewExportSerializer, responses={201: ExportSerializer}
    )
    def post(self, request: Request, reader_study_id: UUID) -> Response:
        user = signed_in_user(request)
        study = reader_study_for(user, reader_study_id)
        wish = NewExportSerializer(data=request.data)
        wish.is_valid(raise_exception=True)
        export = services.request_export(study=study, by=user, **wish.validated_data)
        return Response(ExportSerializer(export).data, status=status.HTTP_201_CREATED)


class ExportView(APIView):
    permission_classes = [IsCoordinator]

    @extend_schema(operation_id="get_export", responses=ExportSerializer)
    def get(self, request: Request, export_id: UUID) -> Response:
        return Response(ExportSerializer(export_for(signed_in_user(request), export_id)).data)


class CancelExportView(APIView):
    permission_classes = [IsCoordinator]

    @extend_schema(operation_id="cancel_export", request=None, responses=ExportSerializer)
    def post(self, request: Request, export_id: UUID) -> Response:
        user = signed_in_user(request)
        export = services.cancel_export(export=export_for(user, export_id), by=user)
        return Response(ExportSerializer(export).data)


class ExportFileView(APIView):
    permission_classes = [IsCoordinator]

    @extend_schema(operation_id="download_export", responses={(200, "application/zip"): OpenApiTypes.BINARY})
    def get(self, request: Request, export_id: UUID) -> HttpResponseBase:
        user = signed_in_user(request)
        export = export_for(user, export_id)
        path = services.open_download(export=export, by=user)
        response = FileResponse(path.open("rb"), as_attachment=True, filename=export.file_name)
        response["Content-Type"] = "application/zip"
        response["Cache-Control"] = "private, no-store"
        return response


class ScoresView(APIView):
    permission_classes = [IsCoordinator]

    @extend_schema(operation_id="export_scores", responses={(200, "text/csv"): OpenApiTypes.BINARY})
    def get(self, request: Request, reader_study_id: UUID) -> HttpResponse:
        """reads_long.csv alone: for a look in between. Masked as every export is."""
        user = signed_in_user(request)
        study = reader_study_for(user, reader_study_id)
        with TemporaryDirectory() as folder:
            path = Path(folder) / "reads_long.csv"
            quick_scores(study_data(study), path)
            content = path.read_bytes()
        record(
            actor=user,
            action="reader_study_exported",
            object_type="reader_study",
            object_id=study.pk,
            new={"file": path.name},
        )
        return attachment(content, "text/csv; charset=utf-8", study_file_name(study, path.name))
