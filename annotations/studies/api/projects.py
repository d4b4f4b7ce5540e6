"""Projects, the key table, clinical attributes."""

from typing import Any
from uuid import UUID

from django.db import transaction
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotations.accounts.models import Role, User
from annotations.accounts.permissions import (
    IsAdministrator,
    IsDataManager,
    IsStaffRole,
    roles,
    signed_in_user,
)
from annotations.audit.services import record as audit
from annotations.errors import NotFound
from annotations.studies import selectors, services
from annotations.studies.api.serializers import (
    ImportRefusalSerializer,
    PatientKeySerializer,
    ProjectSerializer,
)
from annotations.studies.models import Project


class NewProjectSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=120)
    pseudonym_prefix = serializers.RegexField(r"^[A-Za-z0-9]{1,12}$", default="PT")
    deidentification = serializers.ChoiceField(
        choices=Project.Deidentification.choices, default=Project.Deidentification.BASIC
    )


class ProjectChangeSerializer(serializers.Serializer[Any]):
    """data_managers: user names, all of them."""

    data_managers = serializers.ListField(child=serializers.CharField(max_length=150))


class AttributesFileSerializer(serializers.Serializer[Any]):
    file = serializers.FileField()


class AttributesResultSerializer(serializers.Serializer[Any]):
    """updated: patients whose attributes changed; refusals name the row in `file`."""

    updated = serializers.IntegerField()
    refusals = ImportRefusalSerializer(many=True)


def managed_project(user: User, project_id: UUID) -> Project:
    """The project, when the user is its data manager. Raises NotFound otherwise."""
    project = selectors.projects_managed_by(user).filter(pk=project_id).first()
    if project is None:
        raise NotFound("There is no such project, or it is not yours to manage.")
    return project


class ProjectListView(APIView):
    def get_permissions(self) -> list[Any]:
        allowed = (
            IsStaffRole if self.request.method == "GET" else roles(Role.ADMINISTRATOR, Role.DATA_MANAGER)
        )
        return [allowed()]

    @extend_schema(operation_id="list_projects", responses=ProjectSerializer(many=True))
    def get(self, request: Request) -> Response:
        return Response(ProjectSerializer(selectors.list_projects(signed_in_user(request)), many=True).data)

    @extend_schema(
        operation_id="create_project", request=NewProjectSerializer, responses={201: ProjectSerializer}
    )
    def post(self, request: Request) -> Response:
        form = NewProjectSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        user = signed_in_user(request)
        project = services.create_project(created_by=user, **form.validated_data)
        created = selectors.list_projects(user).get(pk=project.pk)
        return Response(ProjectSerializer(created).data, status=status.HTTP_201_CREATED)


class ProjectView(APIView):
    permission_classes = [IsAdministrator]

    @extend_schema(
        operation_id="update_project", request=ProjectChangeSerializer, responses=ProjectSerializer
    )
    def patch(self, request: Request, project_id: UUID) -> Response:
        form = ProjectChangeSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        user = signed_in_user(request)
        project = selectors.list_projects(user).filter(pk=project_id).first()
        if project is None:
            raise NotFound("There is no such project.")
        services.set_data_managers(project=project, usernames=form.validated_data["data_managers"], by=user)
        return Response(ProjectSerializer(selectors.list_projects(user).get(pk=project_id)).data)


class AttributesView(APIView):
    permission_classes = [IsDataManager]
    parser_classes = [MultiPartParser]

    @extend_schema(
        operation_id="import_attributes",
        request={"multipart/form-data": AttributesFileSerializer},
        responses=AttributesResultSerializer,
    )
    def post(self, request: Request, project_id: UUID) -> Response:
        user = signed_in_user(request)
        project = managed_project(user, project_id)
        form = AttributesFileSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        content = form.validated_data["file"].read()
        result = services.import_attributes(project=project, content=content, imported_by=user)
        return Response(AttributesResultSerializer(result).data)


class PatientKeyFilterSerializer(serializers.Serializer[Any]):
    project = serializers.UUIDField()


class PatientKeyListView(APIView):
    """Which PatientID a pseudonym stands for. Every look is audited."""

    permission_classes = [IsDataManager]

    @extend_schema(
        operation_id="list_patient_keys",
        parameters=[OpenApiParameter("project", UUID, required=True)],
        responses=PatientKeySerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        wanted = PatientKeyFilterSerializer(data=request.query_params)
        wanted.is_valid(raise_exception=True)
        user = signed_in_user(request)
        project = managed_project(user, wanted.validated_data["project"])
        with transaction.atomic():
            audit(actor=user, action="patient_keys_viewed", object_type="project", object_id=project.pk)
            keys = list(selectors.list_patient_keys(project))
        return Response(PatientKeySerializer(keys, many=True).data)
