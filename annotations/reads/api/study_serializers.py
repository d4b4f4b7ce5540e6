"""What a coordinator sends and sees of a reader study and its plan."""

from typing import Any

from rest_framework import serializers

from annotations.reads.design import DesignForm, _Form
from annotations.reads.models import Arm, CaseRole, Read
from annotations.studies.api.serializers import ProjectRefSerializer

STATES = ("draft", "running", "amending", "data_locked")
RESULT_STATES = ("not_opened", *Read.State.values)
START_STATES = ("ready", "missing", "not_needed")
PLANTED_KINDS = ("added", "removed", "truncated")


class NewArmSerializer(serializers.Serializer[Any]):
    start = serializers.ChoiceField(Arm.Start.choices)
    release_fingerprint = serializers.CharField(required=False, allow_blank=True, max_length=64, default="")
    release_name = serializers.CharField(required=False, allow_blank=True, max_length=200, default="")


class NewReaderStudySerializer(serializers.Serializer[Any]):
    """Either `design`, as much of it as is known, or the short form of a routine review: cases (studies),
    readers and one arm; every reader reads every case once, in any order.
    """

    project = serializers.UUIDField()
    name = serializers.CharField(max_length=160)
    description = serializers.CharField(max_length=4000, required=False, allow_blank=True, default="")
    design = serializers.DictField(required=False, allow_null=True, default=None)
    cases = serializers.ListField(child=serializers.UUIDField(), max_length=5000, required=False)
    readers = serializers.ListField(child=serializers.IntegerField(), max_length=500, required=False)
    arm = NewArmSerializer(required=False)
    idle_threshold_s = serializers.IntegerField(min_value=1, max_value=3600, required=False, default=60)
    masked = serializers.ListField(child=serializers.CharField(), required=False, default=list)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        short = {"cases", "readers", "arm"}
        if attrs["design"] is None and not short <= set(attrs):
            raise serializers.ValidationError("Give a design, or cases, readers and an arm.")
        return attrs


class SignatureSerializer(serializers.Serializer[Any]):
    """zone: IANA name of where the signer is, as 'Europe/Copenhagen'."""

    password = serializers.CharField(trim_whitespace=False)
    meaning = serializers.CharField(max_length=400)
    zone = serializers.CharField(max_length=60, required=False, default="UTC")


class LockSerializer(SignatureSerializer):
    allocation_digest = serializers.CharField(max_length=64, required=False, allow_blank=True, default="")


class PlanSerializer(serializers.Serializer[Any]):
    number = serializers.IntegerField()
    locked_at = serializers.DateTimeField(allow_null=True)
    locked_by = serializers.CharField(allow_null=True)
    meaning = serializers.CharField()
    digest = serializers.CharField()
    idle_threshold_s = serializers.IntegerField()
    masked = serializers.ListField(child=serializers.CharField())


class CountsSerializer(serializers.Serializer[Any]):
    cases = serializers.IntegerField()
    readers = serializers.IntegerField()
    assignments = serializers.IntegerField()
    opened = serializers.IntegerField()
    submitted = serializers.IntegerField()


class CaseSerializer(serializers.Serializer[Any]):
    """id: null in a draft, whose cases are not stored yet."""

    id = serializers.UUIDField(allow_null=True)
    number = serializers.IntegerField()
    pseudonym = serializers.CharField()
    study = serializers.UUIDField()
    reference = serializers.UUIDField(allow_null=True)


class PersonSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    username = serializers.CharField()
    name = serializers.CharField()


class ClockSerializer(serializers.Serializer[Any]):
    """Every part of the clock, in seconds; the six parts sum to wall_s exactly (design.md, The clock)."""

    wall_s = serializers.FloatField()
    paused_s = serializers.FloatField()
    hidden_s = serializers.FloatField()
    loading_s = serializers.FloatField()
    computing_s = serializers.FloatField()
    idle_s = serializers.FloatField()
    active_s = serializers.FloatField()
    scoring_s = serializers.FloatField(allow_null=True)
    time_to_first_edit_s = serializers.FloatField(allow_null=True)
    idle_threshold_s = serializers.FloatField()
    variants = serializers.DictField(child=serializers.FloatField())
    flags = serializers.ListField(child=serializers.CharField())
    code_version = serializers.CharField()


class AgreementSerializer(serializers.Serializer[Any]):
    """Whether the reader's first row is the derived, strict, reference row; null where one is missing."""

    derived = serializers.BooleanField(allow_null=True)
    strict = serializers.BooleanField(allow_null=True)
    reference = serializers.BooleanField(allow_null=True)


class PlantedCountSerializer(serializers.Serializer[Any]):
    planted = serializers.IntegerField()
    corrected = serializers.IntegerField()


class NegativeControlSerializer(serializers.Serializer[Any]):
    """A case without a final lesion: what the AI drew there, by number and mL."""

    n_ai = serializers.IntegerField()
    ai_volume_ml = serializers.FloatField()


class ReadResultSerializer(serializers.Serializer[Any]):
    """One row an attempt, and one for an assignment that nobody opened. Times are of submitted reads.
    is_record: the first submitted attempt. Where results are masked, what a read gave is null.
    """

    assignment = serializers.UUIDField()
    read = serializers.UUIDField(allow_null=True)
    reader = PersonSerializer()
    case_number = serializers.IntegerField()
    shown_number = serializers.IntegerField()
    pseudonym = serializers.CharField()
    arm = serializers.ChoiceField(Arm.Start.choices, allow_null=True)
    arm_key = serializers.CharField(allow_null=True)
    plan_number = serializers.IntegerField()
    role = serializers.ChoiceField(CaseRole.choices)
    period = serializers.IntegerField()
    position = serializers.IntegerField()
    repeat = serializers.IntegerField()
    stratum = serializers.CharField()
    sequence = serializers.CharField(allow_null=True)
    in_timing_subgroup = serializers.BooleanField()
    attempt = serializers.IntegerField(allow_null=True)
    reason = serializers.CharField()
    is_record = serializers.BooleanField()
    state = serializers.ChoiceField(RESULT_STATES)
    row = serializers.IntegerField(allow_null=True)
    confidence = serializers.IntegerField(allow_null=True)
    revised_row = serializers.IntegerField(allow_null=True)
    derived_row = serializers.IntegerField(allow_null=True)
    strict_row = serializers.IntegerField(allow_null=True)
    reference_row = serializers.IntegerField(allow_null=True)
    agreement = AgreementSerializer(allow_null=True)
    negative_control = NegativeControlSerializer(allow_null=True)
    planted = PlantedCountSerializer(allow_null=True)
    wall_s = serializers.FloatField(allow_null=True)
    active_s = serializers.FloatField(allow_null=True)
    actions = serializers.IntegerField(allow_null=True)
    clock = ClockSerializer(allow_null=True)
    flags = serializers.ListField(child=serializers.CharField())
    final_version = serializers.UUIDField(allow_null=True)
    submitted_at = serializers.DateTimeField(allow_null=True)


class ReaderStudySummarySerializer(serializers.Serializer[Any]):
    """plan: the one in force, else the draft. results_open: what a read gave may be seen by arm now."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    description = serializers.CharField()
    project = ProjectRefSerializer()
    is_synthetic = serializers.BooleanField()
    state = serializers.ChoiceField(STATES)
    results_open = serializers.BooleanField()
    data_locked_at = serializers.DateTimeField(allow_null=True)
    plan = PlanSerializer()
    counts = CountsSerializer()
    created_at = serializers.DateTimeField()


class ReaderStudySerializer(ReaderStudySummarySerializer):
    cases = CaseSerializer(many=True)
    readers = PersonSerializer(many=True)
    reads = ReadResultSerializer(many=True)


class ProblemSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    field = serializers.CharField()
    message = serializers.CharField()
    severity = serializers.ChoiceField(["error", "warning"])


class PlanSignatureSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    meaning = serializers.CharField()
    at = serializers.DateTimeField()
    zone = serializers.CharField()
    local_time = serializers.CharField()
    digest = serializers.CharField()


class PlanVersionSerializer(serializers.Serializer[Any]):
    number = serializers.IntegerField()
    locked_at = serializers.DateTimeField(allow_null=True)
    reason = serializers.CharField()
    digest = serializers.CharField()
    name = serializers.CharField(allow_blank=True)
    meaning = serializers.CharField(allow_blank=True)


class WholePlanSerializer(serializers.Serializer[Any]):
    """design: every key (annotations/reads/design.py). revision: to be named by the next change."""

    number = serializers.IntegerField()
    revision = serializers.IntegerField()
    locked_at = serializers.DateTimeField(allow_null=True)
    signature = PlanSignatureSerializer(allow_null=True)
    reason = serializers.CharField()
    digest = serializers.CharField()
    name = serializers.CharField()
    description = serializers.CharField()
    design = DesignForm()
    problems = ProblemSerializer(many=True)
    versions = PlanVersionSerializer(many=True)


class PlanChangeSerializer(_Form):
    """design: top-level keys of the design, each replaced as a whole."""

    revision = serializers.IntegerField(min_value=1)
    design = serializers.DictField(required=False, default=dict)
    name = serializers.CharField(max_length=160, required=False)
    description = serializers.CharField(max_length=4000, required=False, allow_blank=True)


class DropSerializer(serializers.Serializer[Any]):
    revision = serializers.IntegerField(min_value=1)


class BurdenSerializer(serializers.Serializer[Any]):
    ttv_ml = serializers.FloatField()
    lesion_count = serializers.IntegerField()


class CaseStartSerializer(serializers.Serializer[Any]):
    arm = serializers.CharField()
    state = serializers.ChoiceField(START_STATES)
    version = serializers.UUIDField(allow_null=True)
    is_planted = serializers.BooleanField()


class PreviewCaseSerializer(serializers.Serializer[Any]):
    number = serializers.IntegerField()
    study = serializers.UUIDField()
    pseudonym = serializers.CharField(allow_null=True)
    attributes = serializers.DictField(child=serializers.CharField())
    role = serializers.ChoiceField(CaseRole.choices)
    reference = serializers.UUIDField(allow_null=True)
    burden = BurdenSerializer(allow_null=True)
    stratum = serializers.CharField(allow_blank=True)
    in_timing_subgroup = serializers.BooleanField()
    starts = CaseStartSerializer(many=True)


class PreviewRowSerializer(serializers.Serializer[Any]):
    """kept: opened under an earlier version of the plan; stays as it is."""

    reader = serializers.IntegerField()
    case_number = serializers.IntegerField()
    arm = serializers.CharField()
    period = serializers.IntegerField()
    position = serializers.IntegerField()
    repeat = serializers.IntegerField()
    shown_number = serializers.IntegerField()
    role = serializers.ChoiceField(CaseRole.choices)
    stratum = serializers.CharField(allow_blank=True)
    sequence = serializers.CharField()
    in_timing_subgroup = serializers.BooleanField()
    kept = serializers.BooleanField()


class BalanceSerializer(serializers.Serializer[Any]):
    reader = serializers.IntegerField()
    period = serializers.IntegerField()
    arm = serializers.CharField()
    stratum = serializers.CharField(allow_blank=True)
    cases = serializers.IntegerField()


class PreviewSerializer(serializers.Serializer[Any]):
    """allocation_digest: to be named by the lock, so that nothing else is locked than what was seen."""

    allocation_digest = serializers.CharField()
    seed = serializers.IntegerField()
    problems = ProblemSerializer(many=True)
    cases = PreviewCaseSerializer(many=True)
    rows = PreviewRowSerializer(many=True)
    balance = BalanceSerializer(many=True)


class CandidateVersionSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    title = serializers.CharField()
    producer_kind = serializers.CharField()
    producer_name = serializers.CharField()
    producer_fingerprint = serializers.CharField(allow_blank=True)
    number = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    lesion_count = serializers.IntegerField()
    ttv_ml = serializers.FloatField()
    is_planted = serializers.BooleanField()


class CandidateSerializer(serializers.Serializer[Any]):
    """A study that could be a case: its demographics, and the versions that could be reference or start."""

    study = serializers.UUIDField()
    pseudonym = serializers.CharField()
    description = serializers.CharField(allow_blank=True)
    tracer = serializers.CharField(allow_blank=True)
    is_synthetic = serializers.BooleanField()
    attributes = serializers.DictField(child=serializers.CharField())
    pet_volume = serializers.UUIDField()
    valid_suv = serializers.BooleanField()
    versions = CandidateVersionSerializer(many=True)


class NewPlantedSerializer(serializers.Serializer[Any]):
    version = serializers.UUIDField()
    seed = serializers.IntegerField(min_value=0, max_value=2**53 - 1)
    added = serializers.IntegerField(min_value=0, max_value=20, required=False, default=0)
    removed = serializers.IntegerField(min_value=0, max_value=20, required=False, default=0)
    truncated = serializers.IntegerField(min_value=0, max_value=20, required=False, default=0)


class PlantedErrorSerializer(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(PLANTED_KINDS)
    label = serializers.IntegerField()  # type: ignore[assignment]  # attribute of Serializer
    volume_ml = serializers.FloatField()
    centroid_xyz_mm = serializers.ListField(child=serializers.FloatField())


class PlantedSerializer(serializers.Serializer[Any]):
    version = serializers.UUIDField()
    errors = PlantedErrorSerializer(many=True)  # type: ignore[assignment]  # attribute of Serializer
