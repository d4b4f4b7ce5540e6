"""Upload and import: make a run, send files in any number of requests, start it, follow it, cancel it."""

from pathlib import Path
from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotations.accounts.models import User
from annotations.accounts.permissions import IsDataManager, IsStaffRole, signed_in_user
from annotations.errors import InvalidInput, NotFound
from annotations.studies import selectors, services
from annotations.studies.api.projects import managed_project
from annotations.studies.api.serializers import ImportRunSerializer
from annotations.studies.api.upload_parser import PathKeepingMultiPartParser, sent_path, temporary_path
from annotations.studies.models import ImportRun

SHOWN_AT_MOST = 200


class ImportFilterSerializer(serializers.Serializer[Any]):
    project = serializers.UUIDField(required=False)


class NewImportSerializer(serializers.Serializer[Any]):
    project = serializers.UUIDField()


class FilesSerializer(serializers.Serializer[Any]):
    """Any number of parts named "files"; the file name is the path inside the dropped folder."""

    files = serializers.ListField(child=serializers.FileField())


class ReceivedSerializer(serializers.Serializer[Any]):
    received = serializers.IntegerField()


def managed_run(user: User, run_id: UUID) -> ImportRun:
    """A run of a project the user manages. Raises NotFound."""
    runs = ImportRun.objects.filter(project__in=selectors.projects_managed_by(user))
    run = runs.filter(pk=run_id).first()
    if run is None:
        raise NotFound("There is no such import, or it is not yours to see.")
    return run


class ImportListView(APIView):
    def get_permissions(self) -> list[Any]:
        return [IsStaffRole() if self.request.method == "GET" else IsDataManager()]

    @extend_schema(
        operation_id="list_imports",
        parameters=[OpenApiParameter("project", UUID)],
        responses=ImportRunSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        wanted = ImportFilterSerializer(data=request.query_params)
        wanted.is_valid(raise_exception=True)
        runs = selectors.imports_visible_to(signed_in_user(request)).filter(**wanted.validated_data)
        return Response(ImportRunSerializer(runs.order_by("-created_at")[:SHOWN_AT_MOST], many=True).data)

    @extend_schema(
        operation_id="create_import", request=NewImportSerializer, responses={201: ImportRunSerializer}
    )
    def post(self, request: Request) -> Response:
        form = NewImportSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        user = signed_in_user(request)
        project = managed_project(user, form.validated_data["project"])
        run = services.create_import_run(project=project, started_by=user)
        return Response(ImportRunSerializer(run).data, status=status.HTTP_201_CREATED)


class ImportView(APIView):
    permission_classes = [IsStaffRole]

    @extend_schema(operation_id="get_import", responses=ImportRunSerializer)
    def get(self, request: Request, run_id: UUID) -> Response:
        run = selectors.imports_visible_to(signed_in_user(request)).filter(pk=run_id).first()
        if run is None:
            raise NotFound("There is no such import, or it is not yours to see.")
        return Response(ImportRunSerializer(run).data)


class ImportFilesView(APIView):
    permission_classes = [IsDataManager]
    parser_classes = [PathKeepingMultiPartParser]

    @extend_schema(
        operation_id="send_import_files",
        request={"multipart/form-data": FilesSerializer},
        responses=ReceivedSerializer,
    )
    def post(self, request: Request, run_id: UUID) -> Response:
        """The same file again replaces the earlier one, so a request may be repeated."""
        run = managed_run(signed_in_user(request), run_id)
        services.check_receiving(run=run)
        files = request.FILES.getlist("files")
        if not files:
            raise InvalidInput("The request brings no files.")
        for file in files:
            services.receive_file(run=run, name=sent_path(file), source=Path(temporary_path(file)))
        return Response(ReceivedSerializer({"received": len(files)}).data)


class StartImportView(APIView):
    permission_classes = [IsDataManager]

    @extend_schema(operation_id="start_import", request=None, responses=ImportRunSerializer)
    def post(self, request: Request, run_id: UUID) -> Response:
        run = managed_run(signed_in_user(request), run_id)
        files = services.count_files(run)
        if not files:
            raise InvalidInput("Nothing was uploaded.")
        return Response(ImportRunSerializer(services.queue_import(run=run, files_total=files)).data)


class CancelImportView(APIView):
    permission_classes = [IsDataManager]

    @extend_schema(operation_id="cancel_import", request=None, responses=ImportRunSerializer)
    def post(self, request: Request, run_id: UUID) -> Response:
        run = managed_run(signed_in_user(request), run_id)
        return Response(ImportRunSerializer(services.cancel_import(run=run)).data)
