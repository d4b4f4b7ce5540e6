"""What a coordinator sees of results: reads at a look, one read's timeline and differences, progress."""

from typing import Any

from rest_framework import serializers

from annotations.reads.api.serializers import DerivedSerializer
from annotations.reads.api.study_serializers import PLANTED_KINDS, PersonSerializer, ReadResultSerializer
from annotations.reads.models import EventKind, Exemption

DIFFERENCES = ("kept", "missing", "false_positive", "partial", "gross_partial")
PARTS = ("paused", "hidden", "loading", "computing", "idle", "active")


class ResultsSerializer(serializers.Serializer[Any]):
    """cut_off: reads submitted later are not in it; null for all."""

    cut_off = serializers.DateTimeField(allow_null=True)
    reads = ReadResultSerializer(many=True)


class LookRequestSerializer(serializers.Serializer[Any]):
    number = serializers.IntegerField(min_value=1)
    reason = serializers.CharField(max_length=4000)


class LookSerializer(serializers.Serializer[Any]):
    number = serializers.IntegerField()
    title = serializers.CharField()
    taken_at = serializers.DateTimeField()


class SegmentSerializer(serializers.Serializer[Any]):
    from_ms = serializers.IntegerField()
    to_ms = serializers.IntegerField()
    part = serializers.ChoiceField(PARTS)
    reason = serializers.CharField(allow_blank=True)


class TimelineEventSerializer(serializers.Serializer[Any]):
    """page_load: 1, 2 ... in the order of their first events. late: came after submit, outside the times."""

    at_ms = serializers.IntegerField()
    kind = serializers.ChoiceField(EventKind.choices)
    page_load = serializers.IntegerField()
    data = serializers.DictField()  # type: ignore[assignment]  # attribute of Serializer
    late = serializers.BooleanField()


class ActionTimeSerializer(serializers.Serializer[Any]):
    """seconds: active time from the action before it (or the start) to each action with this tool."""

    tool = serializers.CharField()
    count = serializers.IntegerField()
    seconds = serializers.FloatField()


class LesionTimeSerializer(serializers.Serializer[Any]):
    label = serializers.IntegerField()  # type: ignore[assignment]  # attribute of Serializer
    actions = serializers.IntegerField()
    seconds = serializers.FloatField()


class TimelineSerializer(serializers.Serializer[Any]):
    """ms from the first interactive PET image. The segments leave no hole and sum to the parts."""

    read = serializers.UUIDField()
    start_ms = serializers.IntegerField()
    end_ms = serializers.IntegerField(allow_null=True)
    idle_threshold_s = serializers.FloatField()
    parts = serializers.DictField(child=serializers.IntegerField())
    segments = SegmentSerializer(many=True)
    events = TimelineEventSerializer(many=True)
    variants = serializers.DictField(child=serializers.IntegerField(), help_text="ms by name")
    actions = ActionTimeSerializer(many=True)
    lesions = LesionTimeSerializer(many=True)
    flags = serializers.ListField(child=serializers.CharField())


class DifferenceSerializer(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(DIFFERENCES)
    ai_components = serializers.IntegerField()
    final_components = serializers.IntegerField()
    ai_ml = serializers.FloatField()
    final_ml = serializers.FloatField()
    common_ml = serializers.FloatField()
    centroid_xyz_mm = serializers.ListField(child=serializers.FloatField())
    ai_labels = serializers.ListField(child=serializers.IntegerField())
    final_labels = serializers.ListField(child=serializers.IntegerField())


class AgainstReferenceSerializer(serializers.Serializer[Any]):
    """The final version against the reference; null where a ratio is not defined."""

    dice = serializers.FloatField(allow_null=True)
    precision = serializers.FloatField(allow_null=True)
    sensitivity = serializers.FloatField(allow_null=True)
    true_volume_ml = serializers.FloatField()
    final_volume_ml = serializers.FloatField()
    lesions_true = serializers.IntegerField()
    lesions_found = serializers.IntegerField()
    false_lesions = serializers.IntegerField()
    lesion_sensitivity = serializers.FloatField(allow_null=True)
    lesion_dice = serializers.FloatField(allow_null=True)
    connectivity = serializers.IntegerField()
    false_positive_volume_ml = serializers.FloatField()
    false_negative_volume_ml = serializers.FloatField()


class CorrectionSerializer(serializers.Serializer[Any]):
    """share: of the wrong voxels, how many the reader put right; corrected from half on."""

    kind = serializers.ChoiceField(PLANTED_KINDS)
    label = serializers.IntegerField()  # type: ignore[assignment]  # attribute of Serializer
    voxel_count = serializers.IntegerField()
    volume_ml = serializers.FloatField()
    centroid_xyz_mm = serializers.ListField(child=serializers.FloatField())
    share = serializers.FloatField(allow_null=True)
    corrected = serializers.BooleanField(allow_null=True)


class DifferencesSerializer(serializers.Serializer[Any]):
    """derived: AI against final; reference_row: AI against the reference. lesions: AI to final."""

    derived = DerivedSerializer(allow_null=True)
    reference_row = DerivedSerializer(allow_null=True)
    lesions = DifferenceSerializer(many=True)
    against_reference = AgainstReferenceSerializer(allow_null=True)
    planted = CorrectionSerializer(many=True, allow_null=True)


class ExemptionRequestSerializer(serializers.Serializer[Any]):
    rule = serializers.ChoiceField(Exemption.Rule.choices)
    reason = serializers.CharField(max_length=4000)


class ExemptionSerializer(serializers.Serializer[Any]):
    assignment = serializers.UUIDField()
    rule = serializers.ChoiceField(Exemption.Rule.choices)
    reason = serializers.CharField()
    granted_at = serializers.DateTimeField()


class ReopenedSerializer(serializers.Serializer[Any]):
    read = serializers.UUIDField()
    attempt = serializers.IntegerField()


class AbandonedSerializer(serializers.Serializer[Any]):
    read = serializers.UUIDField()
    state = serializers.CharField()


class TotalsSerializer(serializers.Serializer[Any]):
    assignments = serializers.IntegerField()
    not_opened = serializers.IntegerField()
    open = serializers.IntegerField()
    submitted = serializers.IntegerField()
    abandoned = serializers.IntegerField()


class ReaderProgressSerializer(serializers.Serializer[Any]):
    reader = PersonSerializer()
    assignments = serializers.IntegerField()
    submitted = serializers.IntegerField()
    open = serializers.IntegerField()
    abandoned = serializers.IntegerField()
    training = serializers.ChoiceField(["none", "pending", "passed", "failed", "exempted"])
    last_submitted_at = serializers.DateTimeField(allow_null=True)
    next_opens_at = serializers.DateTimeField(allow_null=True)


class PooledSerializer(serializers.Serializer[Any]):
    """Over all arms. Null where nothing was timed."""

    n = serializers.IntegerField()
    median_active_s = serializers.FloatField(allow_null=True)
    q1_active_s = serializers.FloatField(allow_null=True)
    q3_active_s = serializers.FloatField(allow_null=True)


class FlagSerializer(serializers.Serializer[Any]):
    read = serializers.UUIDField()
    reader = serializers.IntegerField()
    case_number = serializers.IntegerField()
    flag = serializers.CharField()
    detail = serializers.CharField(allow_blank=True)


class WaitingSerializer(serializers.Serializer[Any]):
    case_number = serializers.IntegerField()
    reason = serializers.ChoiceField(["start_missing"])


class PlannedLookSerializer(serializers.Serializer[Any]):
    number = serializers.IntegerField()
    title = serializers.CharField()
    after_submitted = serializers.IntegerField()
    reached = serializers.BooleanField()
    taken_at = serializers.DateTimeField(allow_null=True)
    by = serializers.CharField(allow_null=True)


class ProgressSerializer(serializers.Serializer[Any]):
    """Nothing of it is by arm, before the data lock or after."""

    at = serializers.DateTimeField()
    state = serializers.CharField()
    totals = TotalsSerializer()
    readers = ReaderProgressSerializer(many=True)
    pooled = PooledSerializer()
    flags = FlagSerializer(many=True)
    waiting = WaitingSerializer(many=True)
    looks = PlannedLookSerializer(many=True)


class AdjudicationRequestSerializer(serializers.Serializer[Any]):
    """reads: submitted reads of the case. chosen: one of them, where the method is choice."""

    method = serializers.ChoiceField(["choice", "majority", "staple"])
    reads = serializers.ListField(child=serializers.UUIDField(), min_length=2, max_length=16)
    chosen = serializers.UUIDField(required=False, allow_null=True, default=None)
    reason = serializers.CharField(max_length=4000)


class AdjudicatedSerializer(serializers.Serializer[Any]):
    version = serializers.UUIDField()
    parameters = serializers.DictField()


class CaseReadSerializer(serializers.Serializer[Any]):
    """A submitted read for the adjudicator. It does not say the arm."""

    read = serializers.UUIDField()
    reader = PersonSerializer()
    final_version = serializers.UUIDField()
    lesion_count = serializers.IntegerField()
    ttv_ml = serializers.FloatField()
