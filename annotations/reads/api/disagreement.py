"""Model disagreement as a map and by lesion. Named so everywhere: it is no probability of an error."""

from typing import Any
from uuid import UUID

from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotations.accounts.permissions import IsReader, signed_in_user
from annotations.reads import selectors
from annotations.reads.disagreement import get_disagreement, lesion_disagreement
from annotations.segmentations.selectors import head_version
from annotations.store.responses import blob_response


class LesionDisagreementSerializer(serializers.Serializer[Any]):
    """mean, maximum: over the voxels of the lesion, 0 to 1."""

    label = serializers.IntegerField()  # type: ignore[assignment]  # Field has an attribute of this name
    mean = serializers.FloatField()
    maximum = serializers.FloatField()


class DisagreementView(APIView):
    permission_classes = [IsReader]

    @extend_schema(
        operation_id="get_disagreement",
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY, 304: None},
    )
    def get(self, request: Request, read_id: UUID) -> HttpResponseBase:
        """uint8 [z, y, x] on the PET grid: 0 to 255 is 0 to 1."""
        read = selectors.own_read(signed_in_user(request), read_id)
        return blob_response(request, get_disagreement(read).blob)


class LesionDisagreementView(APIView):
    permission_classes = [IsReader]

    @extend_schema(operation_id="list_lesion_disagreement", responses=LesionDisagreementSerializer(many=True))
    def get(self, request: Request, read_id: UUID) -> Response:
        """Of the lesions of the newest version."""
        read = selectors.own_read(signed_in_user(request), read_id)
        rows = lesion_disagreement(get_disagreement(read), head_version(read.segmentation))
        return Response(LesionDisagreementSerializer(rows, many=True).data)
