"""What this room's answers look like. Nothing a plan masks is in an answer to a reader."""

from typing import Any

from rest_framework import serializers

from annotations.reads.design import FALLBACK_RULES
from annotations.reads.models import CaseRole, EventKind, Read
from annotations.segmentations.api import VersionSerializer

SHOWN_STARTS = ("precomputed", "semi_automatic", "empty")
WORKLIST_STATES = (
    "waiting",
    "ready",
    "later",
    "washout",
    "training_review",
    "closed",
    "open",
    "final",
    "submitted",
    "abandoned",
)


class WorklistItemSerializer(serializers.Serializer[Any]):
    """waiting_for: why the state is waiting, in words. waiting_share: 0 to 1 where it is known."""

    assignment = serializers.UUIDField()
    case_number = serializers.IntegerField()
    case_count = serializers.IntegerField()
    pseudonym = serializers.CharField()
    reader_study = serializers.CharField()
    tracer = serializers.CharField()
    role = serializers.ChoiceField(CaseRole.choices)
    period = serializers.IntegerField()
    state = serializers.ChoiceField(WORKLIST_STATES)
    is_next = serializers.BooleanField()
    opens_at = serializers.DateTimeField(allow_null=True)
    waiting_for = serializers.CharField(allow_null=True)
    waiting_share = serializers.FloatField(allow_null=True)
    read = serializers.UUIDField(allow_null=True)
    is_synthetic = serializers.BooleanField()
    opened_at = serializers.DateTimeField(allow_null=True)
    submitted_at = serializers.DateTimeField(allow_null=True)


LESION_FLAGS = ("missed_by_ai", "false_positive", "partial", "too_large", "uncertain", "remark")
"""What a reader may say of a single lesion beside the score; the counts of the record come from voxels."""


class LesionFlagSerializer(serializers.Serializer[Any]):
    label = serializers.IntegerField(min_value=1, max_value=65535)  # type: ignore[assignment]  # of Serializer
    flag = serializers.ChoiceField(LESION_FLAGS)
    remark = serializers.CharField(
        required=False, allow_blank=True, default="", max_length=400, trim_whitespace=False
    )


class ScoreSerializer(serializers.Serializer[Any]):
    row = serializers.IntegerField(min_value=1, max_value=5)
    confidence = serializers.IntegerField(
        min_value=1, max_value=5, required=False, allow_null=True, default=None
    )
    comment = serializers.CharField(
        required=False, allow_blank=True, default="", max_length=4000, trim_whitespace=False
    )
    lesion_flags = LesionFlagSerializer(
        many=True,
        required=False,
        allow_null=True,
        default=None,
        max_length=1000,  # type: ignore[call-arg]  # of the list it makes
    )


class RevisionSerializer(serializers.Serializer[Any]):
    """A revised score: kept beside the first, with its reason."""

    row = serializers.IntegerField(min_value=1, max_value=5)
    confidence = serializers.IntegerField(
        min_value=1, max_value=5, required=False, allow_null=True, default=None
    )
    comment = serializers.CharField(required=False, allow_blank=True, default="", max_length=4000)
    reason = serializers.CharField(max_length=4000)


class ReasonSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=4000)


class DerivedSerializer(serializers.Serializer[Any]):
    """The row that follows from the voxels (annotations/imaging/table1.py)."""

    row = serializers.IntegerField(allow_null=True)
    n_final = serializers.IntegerField()
    n_ai = serializers.IntegerField()
    missing = serializers.IntegerField()
    false_positive = serializers.IntegerField()
    partial = serializers.IntegerField()  # type: ignore[assignment]  # attribute of Serializer
    gross_partial = serializers.IntegerField()
    found_half_or_less = serializers.BooleanField(allow_null=True)
    strict_row = serializers.IntegerField(allow_null=True)
    strict_missing = serializers.IntegerField()
    strict_false_positive = serializers.IntegerField()
    ai_volume_ml = serializers.FloatField()
    final_volume_ml = serializers.FloatField()
    tolerance_voxels = serializers.IntegerField()
    minimum_ml = serializers.FloatField()
    connectivity = serializers.IntegerField()


class WindowSerializer(serializers.Serializer[Any]):
    """SUVbw at black and at white."""

    lower = serializers.FloatField()
    upper = serializers.FloatField()


class ImagesSerializer(serializers.Serializer[Any]):
    pet_volume = serializers.UUIDField()
    ct_volume = serializers.UUIDField(allow_null=True)


class FallbackSerializer(serializers.Serializer[Any]):
    """What the plan says for the case that neither liver nor spleen can be used. suv: with `fixed` only."""

    rule = serializers.ChoiceField(FALLBACK_RULES)
    suv = serializers.FloatField(allow_null=True)


class ReadSerializer(serializers.Serializer[Any]):
    """next_images: of the next assignment where it may be opened now; fetching them opens nothing.
    asks_site: the plan wants a site for every lesion.
    scored: whether the read needs a score. derived: shown after the first score, where the plan allows.
    start_version: its labels are those of the first version of this read's own lineage; null where the
    plan masks arm or release, too: it would say which cases start alike.
    """

    id = serializers.UUIDField()
    assignment = serializers.UUIDField()
    state = serializers.ChoiceField(Read.State.choices)
    case_number = serializers.IntegerField()
    case_count = serializers.IntegerField()
    pseudonym = serializers.CharField()
    role = serializers.ChoiceField(CaseRole.choices)
    start = serializers.ChoiceField(SHOWN_STARTS)
    tracer = serializers.CharField()
    reader_study = serializers.CharField()
    is_synthetic = serializers.BooleanField()
    pet_volume = serializers.UUIDField()
    ct_volume = serializers.UUIDField(allow_null=True)
    suv_revision = serializers.UUIDField(allow_null=True)
    start_version = serializers.UUIDField(allow_null=True)
    first_version = serializers.UUIDField()
    head = VersionSerializer()
    scored = serializers.BooleanField()
    score = ScoreSerializer(allow_null=True)
    derived = DerivedSerializer(allow_null=True)
    tools = serializers.ListField(child=serializers.CharField())
    fallback = FallbackSerializer()
    window = WindowSerializer()
    next_assignment = serializers.UUIDField(allow_null=True)
    next_images = ImagesSerializer(allow_null=True)
    has_disagreement = serializers.BooleanField()
    asks_site = serializers.BooleanField()
    clinical = serializers.DictField(child=serializers.CharField())
    idle_prompt_s = serializers.FloatField()
    event_count = serializers.IntegerField()


class LesionTextSerializer(serializers.Serializer[Any]):
    label = serializers.IntegerField(min_value=1, max_value=65535)  # type: ignore[assignment]  # as above
    name = serializers.CharField(required=False, allow_blank=True)
    site = serializers.CharField(required=False, allow_blank=True)
    physiological_class = serializers.CharField(required=False, allow_blank=True)
    comment = serializers.CharField(required=False, allow_blank=True)
    boundary_rule = serializers.CharField(required=False, allow_blank=True)


class EditSerializer(serializers.Serializer[Any]):
    """patch: base64 of little-endian uint32 quads (start, length, old, new) on the flat [z, y, x] index."""

    id = serializers.UUIDField()
    parent = serializers.UUIDField()  # type: ignore[assignment]  # as above
    tool = serializers.RegexField(r"^[a-z][a-z0-9_]{0,39}$")
    parameters = serializers.DictField(required=False, default=dict)
    grid_digest = serializers.CharField(max_length=64)
    patch = serializers.CharField(allow_blank=True)
    lesions = LesionTextSerializer(many=True, required=False, default=list)


class EventSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    page_load = serializers.UUIDField()
    sequence = serializers.IntegerField(min_value=0, max_value=2**31 - 1)
    kind = serializers.ChoiceField(EventKind.choices)
    monotonic_ms = serializers.FloatField(min_value=0)
    client_time = serializers.DateTimeField()
    data = serializers.DictField(required=False, default=dict)  # type: ignore[assignment]  # as above


class EventsSerializer(serializers.Serializer[Any]):
    """page_load: of the page that asks; without it `elsewhere` is empty. Without events it only asks."""

    events = EventSerializer(many=True)
    page_load = serializers.UUIDField(required=False, allow_null=True, default=None)


class RecordedSerializer(serializers.Serializer[Any]):
    """head, state: of the read now. elsewhere: other loads of the page that show it and were not closed."""

    stored = serializers.IntegerField()
    known = serializers.IntegerField()
    late = serializers.IntegerField()
    head = serializers.UUIDField()
    state = serializers.ChoiceField(Read.State.choices)
    elsewhere = serializers.ListField(child=serializers.UUIDField())


class ArrivedSerializer(serializers.Serializer[Any]):
    """What must have arrived: the newest version and the number of events, of all pages together."""

    head = serializers.UUIDField()
    event_count = serializers.IntegerField(min_value=0)
