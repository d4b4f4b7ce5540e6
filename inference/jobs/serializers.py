"""What the API and the live events say of a job: one form for both."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from inference.jobs.models import Job


class JobReleaseSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    name = serializers.CharField()


class JobSerializer(serializers.ModelSerializer[Job]):
    study = serializers.UUIDField(source="volume.series.study_id")
    pseudonym = serializers.CharField(source="volume.series.study.patient.pseudonym")
    volume = serializers.UUIDField(source="volume_id")
    release = JobReleaseSerializer()
    version = serializers.UUIDField(source="version_id", allow_null=True)
    segmentation = serializers.SerializerMethodField()

    class Meta:
        model = Job
        fields = [
            "id",
            "study",
            "pseudonym",
            "volume",
            "release",
            "state",
            "stage",
            "progress",
            "attempts",
            "max_attempts",
            "device",
            "error_code",
            "error_message",
            "cancel_requested",
            "version",
            "segmentation",
            "created_at",
            "started_at",
            "finished_at",
            "peak_memory_mb",
        ]
        read_only_fields = fields

    @extend_schema_field(serializers.UUIDField(allow_null=True))
    def get_segmentation(self, job: Job) -> str | None:
        return str(job.version.segmentation_id) if job.version else None


class JobRequestSerializer(serializers.Serializer[Any]):
    study = serializers.UUIDField()
    release = serializers.UUIDField()
    override_reason = serializers.CharField(required=False, default="", allow_blank=True, max_length=2000)
