"""What this room's answers look like."""

from typing import Any

import numpy as np
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from annotations.accounts.models import User
from annotations.imaging.orientation import patient_orientation
from annotations.studies.models import ImportRun, PatientKey, Project, Study, SuvRevision, Volume
from annotations.studies.selectors import (
    current_suv_revision,
    default_ct_volume,
    default_pet_volume,
    volume_grid,
)


class NamedProblemSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    message = serializers.CharField()


class ProjectSerializer(serializers.ModelSerializer[Project]):
    patient_count = serializers.IntegerField(read_only=True)
    study_count = serializers.IntegerField(read_only=True)
    data_managers: "serializers.SlugRelatedField[User]" = serializers.SlugRelatedField(
        slug_field="username", many=True, read_only=True
    )

    class Meta:
        model = Project
        fields = [
            "id",
            "name",
            "pseudonym_prefix",
            "is_synthetic",
            "deidentification",
            "patient_count",
            "study_count",
            "data_managers",
        ]


class ProjectRefSerializer(serializers.ModelSerializer[Project]):
    class Meta:
        model = Project
        fields = ["id", "name"]


class StudySummarySerializer(serializers.ModelSerializer[Study]):
    """Volumes are chosen by the rules in selectors.py; `suv_valid` speaks of `pet_volume`."""

    pseudonym = serializers.CharField(source="patient.pseudonym")
    project = ProjectRefSerializer()
    tracer = serializers.SerializerMethodField()
    modalities = serializers.SerializerMethodField()
    pet_volume = serializers.SerializerMethodField()
    ct_volume = serializers.SerializerMethodField()
    suv_valid = serializers.SerializerMethodField()
    segmentation_count = serializers.IntegerField()

    class Meta:
        model = Study
        fields = [
            "id",
            "pseudonym",
            "project",
            "study_date",
            "description",
            "tracer",
            "is_synthetic",
            "modalities",
            "pet_volume",
            "ct_volume",
            "suv_valid",
            "segmentation_count",
            "created_at",
        ]

    def get_tracer(self, study: Study) -> str:
        pet = default_pet_volume(study)
        return pet.series.tracer if pet else ""

    def get_modalities(self, study: Study) -> list[str]:
        return sorted({series.modality for series in study.series.all()})

    @extend_schema_field(serializers.UUIDField(allow_null=True))
    def get_pet_volume(self, study: Study) -> str | None:
        pet = default_pet_volume(study)
        return str(pet.pk) if pet else None

    @extend_schema_field(serializers.UUIDField(allow_null=True))
    def get_ct_volume(self, study: Study) -> str | None:
        ct = default_ct_volume(study)
        return str(ct.pk) if ct else None

    def get_suv_valid(self, study: Study) -> bool:
        pet = default_pet_volume(study)
        revision = current_suv_revision(pet) if pet else None
        return revision is not None and revision.factor is not None


class GridSerializer(serializers.Serializer[Any]):
    """Arrays [z, y, x]; tuples x, y, z; LPS mm. direction: row-major 3x3, columns are the index axes."""

    shape_zyx = serializers.ListField(child=serializers.IntegerField(), min_length=3, max_length=3)
    spacing_xyz_mm = serializers.ListField(child=serializers.FloatField(), min_length=3, max_length=3)
    origin_xyz_mm = serializers.ListField(child=serializers.FloatField(), min_length=3, max_length=3)
    direction = serializers.ListField(child=serializers.FloatField(), min_length=9, max_length=9)


class VolumeSummarySerializer(serializers.ModelSerializer[Volume]):
    modality = serializers.CharField(source="series.modality")
    grid = GridSerializer()

    class Meta:
        model = Volume
        fields = ["id", "modality", "part", "unit", "grid", "created_at"]


class SeriesSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    modality = serializers.CharField()
    description = serializers.CharField()
    volumes = VolumeSummarySerializer(many=True)


class SuvSerializer(serializers.ModelSerializer[SuvRevision]):
    """refusal: why there is no valid SUV. record: every input with its tag, rule and cross-checks."""

    revision = serializers.IntegerField(source="number")
    valid = serializers.SerializerMethodField()
    rule = serializers.SerializerMethodField()
    warnings = serializers.SerializerMethodField()
    refusal = serializers.SerializerMethodField()
    record = serializers.DictField()

    class Meta:
        model = SuvRevision
        fields = ["id", "revision", "factor", "valid", "rule", "warnings", "refusal", "reason", "record"]

    def get_valid(self, revision: SuvRevision) -> bool:
        return revision.factor is not None

    def get_rule(self, revision: SuvRevision) -> str:
        return str(revision.record.get("rule", ""))

    @extend_schema_field(NamedProblemSerializer(many=True))
    def get_warnings(self, revision: SuvRevision) -> list[dict[str, str]]:
        return list(revision.record.get("warnings", []))

    @extend_schema_field(NamedProblemSerializer(allow_null=True))
    def get_refusal(self, revision: SuvRevision) -> dict[str, str] | None:
        code = revision.record.get("refusal_code")
        return {"code": code, "message": revision.record["refusal_message"]} if code else None


class MipHeaderSerializer(serializers.Serializer[Any]):
    """Frames uint8 [angle][row][column]; value = scale_max * (byte / 255)^2 in `unit`.

    Row 0 is at the feet; columns run to the viewer's right. A place u = (column - (columns - 1) / 2) *
    pixel_spacing_mm[0] to the right of the axis shows what lies at u = x cos a + y sin a, with x mm along
    `left_xyz` and y mm along `back_xyz` from `centre_xyz_mm`; rows go pixel_spacing_mm[1] along `head_xyz`.
    """

    angles_deg = serializers.ListField(child=serializers.FloatField())
    rows = serializers.IntegerField()
    columns = serializers.IntegerField()
    pixel_spacing_mm = serializers.ListField(child=serializers.FloatField(), min_length=2, max_length=2)
    scale_max = serializers.FloatField()
    companding = serializers.ChoiceField(choices=["sqrt"])
    unit = serializers.CharField()
    centre_xyz_mm = serializers.ListField(child=serializers.FloatField(), min_length=3, max_length=3)
    left_xyz = serializers.ListField(child=serializers.FloatField(), min_length=3, max_length=3)
    back_xyz = serializers.ListField(child=serializers.FloatField(), min_length=3, max_length=3)
    head_xyz = serializers.ListField(child=serializers.FloatField(), min_length=3, max_length=3)


class VolumeSerializer(serializers.Serializer[Any]):
    """value = float32(float32(stored) * slope[z]) + intercept[z], all in float32; suv_ gives SUVbw."""

    id = serializers.UUIDField()
    modality = serializers.CharField()
    unit = serializers.CharField()
    grid = GridSerializer()
    grid_digest = serializers.CharField()
    dtype = serializers.ChoiceField(choices=["int16", "uint16"])
    slopes_f32 = serializers.ListField(child=serializers.FloatField())
    intercepts_f32 = serializers.ListField(child=serializers.FloatField())
    voxels_digest = serializers.CharField()
    voxels_bytes = serializers.IntegerField()
    frame_of_reference_uid = serializers.CharField()
    tracer = serializers.CharField()
    suv = SuvSerializer(allow_null=True)
    suv_slopes_f32 = serializers.ListField(child=serializers.FloatField(), allow_null=True)
    suv_intercepts_f32 = serializers.ListField(child=serializers.FloatField(), allow_null=True)
    mip = MipHeaderSerializer(allow_null=True)
    max_deviation_mm = serializers.FloatField()
    warnings = serializers.ListField(child=serializers.CharField())


def volume_json(volume: Volume, revision: SuvRevision | None) -> dict[str, Any]:
    """The content of VolumeSerializer, under one SUV revision (None: not a PET)."""
    factor = revision.factor if revision else None
    return {
        "id": volume.pk,
        "modality": volume.series.modality,
        "unit": volume.unit,
        "grid": volume.grid,
        "grid_digest": volume.grid_digest,
        "dtype": volume.dtype,
        "slopes_f32": _float32(volume.slopes, 1.0),
        "intercepts_f32": _float32(volume.intercepts, 1.0),
        "voxels_digest": volume.voxels.digest,
        "voxels_bytes": volume.voxels.size_bytes,
        "frame_of_reference_uid": volume.series.frame_of_reference_uid,
        "tracer": volume.series.tracer,
        "suv": revision,
        "suv_slopes_f32": None if factor is None else _float32(volume.slopes, factor),
        "suv_intercepts_f32": None if factor is None else _float32(volume.intercepts, factor),
        "mip": mip_json(volume, factor),
        "max_deviation_mm": volume.max_deviation_mm,
        "warnings": volume.warnings,
    }


def mip_json(volume: Volume, factor: float | None) -> dict[str, Any] | None:
    """The MIP header in SUVbw where there is a factor, else in the volume's own unit."""
    header = volume.mip_header
    if header is None:
        return None
    grid = volume_grid(volume)
    orientation = patient_orientation(grid)
    left, back, head = (
        grid.axes[:, 2 - axis] * (-1.0 if flipped else 1.0)
        for axis, flipped in zip(orientation.order[::-1], orientation.flipped[::-1], strict=True)
    )
    middle = [(count - 1) / 2 for count in grid.shape_zyx[::-1]]
    return {
        "angles_deg": header["angles_deg"],
        "rows": header["rows"],
        "columns": header["columns"],
        "pixel_spacing_mm": [header["pixel_mm"], header["row_mm"]],
        "scale_max": header["scale_max"] * (1.0 if factor is None else factor),
        "companding": header["companding"],
        "unit": header["unit"] if factor is None else "SUVbw",
        "centre_xyz_mm": grid.index_to_world(middle).tolist(),
        "left_xyz": left.tolist(),
        "back_xyz": back.tolist(),
        "head_xyz": head.tolist(),
    }


def _float32(values: list[float], factor: float) -> list[float]:
    """As StoredVolume.values rounds them: the factor goes in in float64, then one rounding."""
    rounded: list[float] = (np.asarray(values, dtype=np.float64) * factor).astype(np.float32).tolist()
    return rounded


class ImportRefusalSerializer(serializers.Serializer[Any]):
    file = serializers.CharField()
    code = serializers.CharField()
    message = serializers.CharField()


class ImportedSeriesSerializer(serializers.Serializer[Any]):
    series_instance_uid = serializers.CharField()
    modality = serializers.CharField()
    shape_zyx = serializers.ListField(child=serializers.IntegerField())
    spacing_xyz_mm = serializers.ListField(child=serializers.FloatField())
    unit = serializers.CharField()
    suv_factor = serializers.FloatField(allow_null=True)
    suv_max = serializers.FloatField(allow_null=True)


class ImportedLesionSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    volume_ml = serializers.FloatField()
    suv_max = serializers.FloatField(allow_null=True)
    suv_mean = serializers.FloatField(allow_null=True)


class ImportedSegmentationSerializer(serializers.Serializer[Any]):
    label = serializers.CharField()  # type: ignore[assignment]  # Field has an attribute of this name
    lesions = ImportedLesionSerializer(many=True)


class ImportedStudySerializer(serializers.Serializer[Any]):
    study_instance_uid = serializers.CharField()
    series = ImportedSeriesSerializer(many=True)
    segmentations = ImportedSegmentationSerializer(many=True)


class DeidentificationReportSerializer(serializers.Serializer[Any]):
    """For each attribute in how many of the objects it was removed, emptied, changed or cleaned."""

    profile = serializers.CharField()
    objects = serializers.IntegerField()
    removed = serializers.DictField(child=serializers.IntegerField())
    emptied = serializers.DictField(child=serializers.IntegerField())
    changed = serializers.DictField(child=serializers.IntegerField())
    cleaned = serializers.DictField(child=serializers.IntegerField())


class ImportReportSerializer(serializers.Serializer[Any]):
    """deidentification: only where the project de-identifies."""

    studies = ImportedStudySerializer(many=True)
    refusals = ImportRefusalSerializer(many=True)
    deidentification = DeidentificationReportSerializer(required=False)


class ImportRunSerializer(serializers.ModelSerializer[ImportRun]):
    """report is empty until the run has ended."""

    project = serializers.UUIDField(source="project_id")
    report = serializers.SerializerMethodField()
    error = serializers.SerializerMethodField()

    class Meta:
        model = ImportRun
        fields = [
            "id",
            "project",
            "state",
            "stage",
            "files_total",
            "files_done",
            "cancel_requested",
            "report",
            "error",
            "created_at",
            "finished_at",
        ]

    @extend_schema_field(ImportReportSerializer)
    def get_report(self, run: ImportRun) -> dict[str, Any]:
        return {"studies": [], "refusals": [], **run.report}

    @extend_schema_field(NamedProblemSerializer(allow_null=True))
    def get_error(self, run: ImportRun) -> dict[str, str] | None:
        return {"code": run.error_code, "message": run.error_message} if run.error_code else None


class PatientKeySerializer(serializers.ModelSerializer[PatientKey]):
    pseudonym = serializers.CharField(source="patient.pseudonym")

    class Meta:
        model = PatientKey
        fields = ["pseudonym", "source_patient_id", "source_patient_name"]
