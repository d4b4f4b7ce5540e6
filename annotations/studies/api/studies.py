"""The list of studies. One study with its segmentations is in the room above (segmentations)."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotations.accounts.permissions import IsStaffRole, signed_in_user
from annotations.studies import selectors
from annotations.studies.api.serializers import StudySummarySerializer


class StudyFilterSerializer(serializers.Serializer[Any]):
    project = serializers.UUIDField(required=False)
    search = serializers.CharField(required=False, allow_blank=True, max_length=200)


class StudyListView(APIView):
    permission_classes = [IsStaffRole]

    @extend_schema(
        operation_id="list_studies",
        parameters=[OpenApiParameter("project", UUID), OpenApiParameter("search", str)],
        responses=StudySummarySerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        wanted = StudyFilterSerializer(data=request.query_params)
        wanted.is_valid(raise_exception=True)
        studies = selectors.list_studies(signed_in_user(request), **wanted.validated_data)
        return Response(StudySummarySerializer(studies, many=True).data)
