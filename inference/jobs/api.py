"""Ask for a job, follow it, cancel it."""

import uuid
from typing import Any

from django.urls import path
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotations.accounts.permissions import IsStaffRole, signed_in_user
from annotations.errors import NotFound
from annotations.studies.selectors import studies_visible_to
from inference.jobs.models import Job, Worker
from inference.jobs.selectors import jobs_visible_to, living_workers, visible_job
from inference.jobs.serializers import JobRequestSerializer, JobSerializer
from inference.jobs.services import cancel_job, request_job
from inference.releases.selectors import release_by_id

SHOWN_AT_MOST = 500


class JobFilterSerializer(serializers.Serializer[Any]):
    study = serializers.UUIDField(required=False)
    state = serializers.ChoiceField(Job.State.choices, required=False)


class JobsView(APIView):
    permission_classes = [IsStaffRole]

    @extend_schema(
        operation_id="list_jobs",
        parameters=[
            OpenApiParameter("study", uuid.UUID),
            OpenApiParameter("state", str, enum=Job.State.values),
        ],
        responses=JobSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        wanted = JobFilterSerializer(data=request.query_params)
        wanted.is_valid(raise_exception=True)
        jobs = jobs_visible_to(signed_in_user(request))
        if "study" in wanted.validated_data:
            jobs = jobs.filter(volume__series__study=wanted.validated_data["study"])
        if "state" in wanted.validated_data:
            jobs = jobs.filter(state=wanted.validated_data["state"])
        return Response(JobSerializer(jobs[:SHOWN_AT_MOST], many=True).data)

    @extend_schema(
        operation_id="request_job",
        request=JobRequestSerializer,
        responses={201: JobSerializer, 200: JobSerializer},
    )
    def post(self, request: Request) -> Response:
        """201 with a new job, or 200 with the unfinished one of the same release and volume."""
        user = signed_in_user(request)
        wanted = JobRequestSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        study = studies_visible_to(user).filter(pk=wanted.validated_data["study"]).first()
        if study is None:
            raise NotFound("There is no such study, or it is not yours to see.")
        job, is_new = request_job(
            study=study,
            release=release_by_id(wanted.validated_data["release"]),
            requested_by=user,
            override_reason=wanted.validated_data["override_reason"],
        )
        code = status.HTTP_201_CREATED if is_new else status.HTTP_200_OK
        return Response(JobSerializer(visible_job(user=user, job_id=job.pk)).data, status=code)


class JobView(APIView):
    permission_classes = [IsStaffRole]

    @extend_schema(operation_id="get_job", responses=JobSerializer)
    def get(self, request: Request, job_id: uuid.UUID) -> Response:
        return Response(JobSerializer(visible_job(user=signed_in_user(request), job_id=job_id)).data)


class CancelJobView(APIView):
    permission_classes = [IsStaffRole]

    @extend_schema(operation_id="cancel_job", request=None, responses=JobSerializer)
    def post(self, request: Request, job_id: uuid.UUID) -> Response:
        user = signed_in_user(request)
        job = visible_job(user=user, job_id=job_id)
        return Response(JobSerializer(cancel_job(job=job, cancelled_by=user)).data)


class LivingWorkersSerializer(serializers.Serializer[Any]):
    """Workers that live: `gpu` run jobs, `cpu` run imports and other short work."""

    gpu = serializers.IntegerField(min_value=0)
    cpu = serializers.IntegerField(min_value=0)


class WorkersView(APIView):
    """So that nobody waits for a worker that does not run."""

    permission_classes = [IsStaffRole]

    @extend_schema(operation_id="living_workers", responses=LivingWorkersSerializer)
    def get(self, request: Request) -> Response:
        counts = {queue.value: living_workers(queue) for queue in Worker.Queue}
        return Response(LivingWorkersSerializer(counts).data)


urlpatterns = [
    path("workers/", WorkersView.as_view()),
    path("jobs/", JobsView.as_view()),
    path("jobs/<uuid:job_id>/", JobView.as_view()),
    path("jobs/<uuid:job_id>/cancel/", CancelJobView.as_view()),
]
