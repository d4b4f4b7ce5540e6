"""Download of one version as DICOM or NIfTI. Audited."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.views import APIView

from annotations.accounts.permissions import IsStaffRole, signed_in_user
from annotations.audit.services import record
from annotations.exports.api.answers import FormatIsOurs, attachment
from annotations.exports.versions import FORMATS, export_version
from annotations.segmentations.selectors import staff_version


class FormatSerializer(serializers.Serializer[Any]):
    format = serializers.ChoiceField(FORMATS)


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
        version = staff_version(user, version_id)
        made = export_version(version, wanted.validated_data["format"])
        record(
            actor=user,
            action="version_exported",
            object_type="version",
            object_id=version.pk,
            new={"file": made.name},
        )
        return attachment(made.content, made.media_type, made.name)
