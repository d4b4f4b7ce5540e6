"""The model releases: seen by those who start jobs, changed by administrators."""

import uuid
from pathlib import Path
from typing import Any

from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotations.accounts.permissions import IsAdministrator, IsStaffRole, signed_in_user
from inference.releases.models import ModelRelease
from inference.releases.selectors import all_releases, release_by_id
from inference.releases.services import register_release, set_release_active


class ReleaseSerializer(serializers.ModelSerializer[ModelRelease]):
    tracers = serializers.ListField(child=serializers.CharField(), source="options.tracers")

    class Meta:
        model = ModelRelease
        fields = [
            "id",
            "name",
            "method",
            "fingerprint",
            "is_synthetic",
            "is_active",
            "tracers",
            "model_card",
            "registered_at",
        ]
        read_only_fields = fields


class RegisterReleaseSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=120)
    folder = serializers.CharField(max_length=500, help_text="A folder on the server.")


class SwitchReleaseSerializer(serializers.Serializer[Any]):
    is_active = serializers.BooleanField()


class ReleasesView(APIView):
    def get_permissions(self) -> list[BasePermission]:
        return [IsAdministrator()] if self.request.method == "POST" else [IsStaffRole()]

    @extend_schema(operation_id="list_releases", responses=ReleaseSerializer(many=True))
    def get(self, request: Request) -> Response:
        return Response(ReleaseSerializer(all_releases(), many=True).data)

    @extend_schema(
        operation_id="register_release", request=RegisterReleaseSerializer, responses={201: ReleaseSerializer}
    )
    def post(self, request: Request) -> Response:
        wanted = RegisterReleaseSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        release = register_release(
            name=wanted.validated_data["name"],
            folder=Path(wanted.validated_data["folder"]),
            registered_by=signed_in_user(request),
        )
        return Response(ReleaseSerializer(release).data, status=status.HTTP_201_CREATED)


class ReleaseView(APIView):
    permission_classes = [IsAdministrator]

    @extend_schema(
        operation_id="switch_release", request=SwitchReleaseSerializer, responses=ReleaseSerializer
    )
    def patch(self, request: Request, release_id: uuid.UUID) -> Response:
        wanted = SwitchReleaseSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        release = set_release_active(
            release=release_by_id(release_id),
            is_active=wanted.validated_data["is_active"],
            changed_by=signed_in_user(request),
        )
        return Response(ReleaseSerializer(release).data)


urlpatterns = [
    path("releases/", ReleasesView.as_view()),
    path("releases/<uuid:release_id>/", ReleaseView.as_view()),
]
