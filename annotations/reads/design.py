"""What a plan may say: every key with its default, its form and its limits. One place, no database.

A draft may be incomplete; what is still missing is said by `services/drafts.py` as problems. A value of
the wrong kind is refused here by the name of its field.
"""

import copy
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from rest_framework import serializers

from annotations.errors import InvalidInput
from annotations.reads.allocation import KINDS
from annotations.reads.models import Arm, CaseRole
from annotations.reads.tools import ALWAYS, TOOLS
from annotations.segmentations.digests import normal_json

MASKABLE = ("others", "past_times", "release", "arm", "derived", "clinical", "disagreement", "pseudonym")
"""What a plan may hide from its readers: others' results, past times, the release, the arm, the derived
row after the score, the clinical attributes, the model's disagreement, the pseudonym.
"""

MOST_CASES, MOST_READERS = 5000, 500
FALLBACK_RULES = ("reader", "fixed", "not_evaluable")
SAMPLE_SIZE_KINDS = ("log_time", "noninferiority")
PASS_RULES = ("completed", "dice", "lesion_sensitivity")
SET_RULES = ("all_allocated", "all_submitted", "per_protocol")


class _Form(serializers.Serializer[Any]):
    """Refuses keys it does not know: a misspelt one would be a setting that is silently not there."""

    def to_internal_value(self, data: Any) -> Any:
        unknown = sorted(set(data) - set(self.fields)) if isinstance(data, Mapping) else []
        if unknown:
            raise serializers.ValidationError({name: ["There is no such setting."] for name in unknown})
        return super().to_internal_value(data)


class CaseForm(_Form):
    study = serializers.UUIDField()
    volume = serializers.UUIDField(allow_null=True, default=None)
    reference = serializers.UUIDField(allow_null=True, default=None)
    role = serializers.ChoiceField(CaseRole.choices, default=CaseRole.MAIN.value)
    starts = serializers.DictField(child=serializers.UUIDField(), default=dict)


class ArmForm(_Form):
    key = serializers.RegexField(r"^[a-z][a-z0-9_]{0,19}$")
    title = serializers.CharField(max_length=80, allow_blank=True, default="")
    start = serializers.ChoiceField(Arm.Start.choices)
    source = serializers.ChoiceField(["release", "version"], default="release")  # type: ignore[assignment]  # Field has an attribute of this name
    release_name = serializers.CharField(max_length=200, allow_blank=True, default="")
    release_fingerprint = serializers.CharField(max_length=64, allow_blank=True, default="")
    tools = serializers.ListField(child=serializers.CharField(max_length=40), allow_null=True, default=None)

    def validate_tools(self, names: list[str] | None) -> list[str] | None:
        """A misspelt name would forbid its tool without a word."""
        unknown = [name for name in names or () if name not in (*TOOLS, *ALWAYS)]
        if unknown:
            raise serializers.ValidationError(f'There is no tool "{unknown[0]}".')
        return names


class FallbackForm(_Form):
    """What the semi-automatic method does where neither liver nor spleen can be used.

    reader: a fixed SUV of the reader's choice, or "not evaluable". fixed: the whole body above `suv`,
    or "not evaluable". not_evaluable: the statement alone.
    """

    rule = serializers.ChoiceField(FALLBACK_RULES, default="reader")
    suv = serializers.FloatField(min_value=0.1, max_value=200, allow_null=True, default=None)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if (attrs["rule"] == "fixed") != (attrs["suv"] is not None):
            raise serializers.ValidationError(
                {"suv": ["A fixed threshold names its SUV; no other rule does."]}
            )
        return attrs


class StrataForm(_Form):
    by = serializers.ChoiceField(["none", "ttv", "lesion_count"], default="none")
    of = serializers.ChoiceField(["reference", "ai"], default="reference")
    split = serializers.ChoiceField(["median", "thresholds"], default="median")
    thresholds = serializers.ListField(child=serializers.FloatField(min_value=0), max_length=9, default=list)

    def validate_thresholds(self, limits: list[float]) -> list[float]:
        if sorted(set(limits)) != limits:
            raise serializers.ValidationError("Thresholds are given in ascending order, each once.")
        return limits


class AllocationForm(_Form):
    kind = serializers.ChoiceField(KINDS, default="single")
    seed = serializers.IntegerField(min_value=0, max_value=2**53 - 1)
    order = serializers.ChoiceField(["fixed", "free"], default="fixed")
    crossover_cases = serializers.ChoiceField(["all", "timing_subgroup"], default="all")
    strata = StrataForm(default=dict)


class PassRuleForm(_Form):
    kind = serializers.ChoiceField(PASS_RULES, default="completed")
    minimum = serializers.FloatField(min_value=0, max_value=1, allow_null=True, default=None)


class TrainingForm(_Form):
    pass_rule = PassRuleForm(default=dict)


class RepeatsForm(_Form):
    cases = serializers.IntegerField(min_value=0, max_value=MOST_CASES, default=0)
    arm = serializers.CharField(max_length=20, allow_null=True, default=None)


class WindowForm(_Form):
    lower = serializers.FloatField(min_value=0)
    upper = serializers.FloatField(max_value=1000)

    def validate(self, attrs: dict[str, float]) -> dict[str, float]:
        if attrs["upper"] <= attrs["lower"]:
            raise serializers.ValidationError("The window ends above where it begins.")
        return attrs


class BoundaryForm(_Form):
    method = serializers.CharField(max_length=80, allow_blank=True, default="")
    minimum_ml = serializers.FloatField(min_value=0, max_value=100, default=0.1)


class SecondReadForm(_Form):
    adjudication = serializers.ChoiceField(["none", "choice", "majority", "staple"], default="none")
    readers = serializers.IntegerField(min_value=2, max_value=16, default=2)
    adjudicator = serializers.IntegerField(allow_null=True, default=None)


class QualityForm(_Form):
    short_s = serializers.FloatField(min_value=0, default=30)
    idle_share = serializers.FloatField(min_value=0, max_value=1, default=0.5)
    long_gap_s = serializers.FloatField(min_value=0, default=1800)


class LookForm(_Form):
    title = serializers.CharField(max_length=120)
    after_submitted = serializers.IntegerField(min_value=1)


class NoninferiorityForm(_Form):
    measure = serializers.ChoiceField(["dice", "ttv", "lesion_sensitivity", ""], allow_blank=True, default="")
    margin = serializers.FloatField(min_value=0, allow_null=True, default=None)


class SetForm(_Form):
    name = serializers.CharField(max_length=60)
    rule = serializers.ChoiceField(SET_RULES)


class SampleSizeForm(_Form):
    """The question and the answer that the number of cases follows from, as of `sample-size/`.

    Empty: the plan gives no calculation. Else cases and statement are both there, and what the kind needs.
    """

    kind = serializers.ChoiceField(SAMPLE_SIZE_KINDS, required=False)
    cases = serializers.IntegerField(min_value=2, max_value=100_000, required=False)
    statement = serializers.CharField(max_length=2000, required=False)
    power = serializers.FloatField(min_value=0.01, max_value=1, required=False)
    alpha = serializers.FloatField(min_value=0.0001, max_value=0.5, required=False)
    readers = serializers.IntegerField(min_value=1, max_value=1000, required=False)
    reader_correlation = serializers.FloatField(min_value=0, max_value=1, required=False)
    sd = serializers.FloatField(min_value=0, required=False)
    ratio = serializers.FloatField(min_value=0, required=False)
    margin = serializers.FloatField(min_value=0, required=False)
    expected_difference = serializers.FloatField(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not attrs:
            return attrs
        of_kind = {"log_time": ["sd", "ratio"], "noninferiority": ["sd", "margin"]}
        needed = ["cases", "statement", *of_kind.get(attrs.get("kind", ""), [])]
        missing = [name for name in needed if attrs.get(name) in (None, "")]
        if missing:
            raise serializers.ValidationError({missing[0]: ["A sample size needs this too."]})
        return attrs


class AnalysisForm(_Form):
    hypothesis = serializers.CharField(max_length=4000, allow_blank=True, default="")
    primary_endpoint = serializers.CharField(max_length=60, allow_blank=True, default="active_s")
    estimand = serializers.CharField(max_length=4000, allow_blank=True, default="")
    alpha = serializers.FloatField(min_value=0.0001, max_value=0.5, default=0.05)
    secondary_endpoints = serializers.ListField(child=serializers.CharField(max_length=60), default=list)
    sample_size = SampleSizeForm(default=dict)
    noninferiority = NoninferiorityForm(default=dict)
    sets = SetForm(many=True, default=lambda: [{"name": "all submitted", "rule": "all_submitted"}])
    primary_set = serializers.CharField(max_length=60, default="all submitted")
    missing_rule = serializers.ChoiceField(
        ["complete_cases", "worst_case", "multiple_imputation"], default="complete_cases"
    )
    abandoned_rule = serializers.ChoiceField(["missing", "time_to_abandon"], default="missing")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        names = [one["name"] for one in attrs["sets"]]
        if len(set(names)) != len(names) or attrs["primary_set"] not in names:
            raise serializers.ValidationError("The primary analysis set is one of the sets, each named once.")
        return attrs


class DesignForm(_Form):
    cases = CaseForm(many=True, max_length=MOST_CASES, default=list)  # type: ignore[call-arg]  # of the list it makes
    readers = serializers.ListField(child=serializers.IntegerField(), max_length=MOST_READERS, default=list)
    arms = ArmForm(many=True, max_length=8, default=list)  # type: ignore[call-arg]  # of the list it makes
    fallback = FallbackForm(default=dict)
    allocation = AllocationForm()
    washout_days = serializers.FloatField(min_value=0, max_value=3650, default=28)
    timing_subgroup = serializers.IntegerField(min_value=1, allow_null=True, default=None)
    training = TrainingForm(default=dict)
    repeats = RepeatsForm(default=dict)
    masked = serializers.ListField(child=serializers.ChoiceField(MASKABLE), default=list)
    clinical_shown = serializers.ListField(
        child=serializers.CharField(max_length=60), allow_null=True, default=None
    )
    window = WindowForm(allow_null=True, default=None)
    boundary = BoundaryForm(default=dict)
    partial_tolerance_voxels = serializers.IntegerField(min_value=1, max_value=1000, default=1)
    idle_threshold_s = serializers.IntegerField(min_value=1, max_value=3600, default=60)
    ask_site = serializers.BooleanField(default=False)
    second_read = SecondReadForm(default=dict)
    quality = QualityForm(default=dict)
    interim_looks = LookForm(many=True, max_length=20, default=list)  # type: ignore[call-arg]  # of the list it makes
    analysis = AnalysisForm(default=dict)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        studies = [one["study"] for one in attrs["cases"]]
        keys = [one["key"] for one in attrs["arms"]]
        for name, values in (("cases", studies), ("readers", attrs["readers"]), ("arms", keys)):
            if len(set(values)) != len(values):
                raise serializers.ValidationError({name: ["One is named twice."]})
        return attrs


def read_design(given: Mapping[str, Any]) -> dict[str, Any]:
    """The whole design as plain JSON, defaults filled in. `allocation.seed` has to be there.

    Raises InvalidInput whose detail names the field.
    """
    form = DesignForm(data=_with_defaults(given, DesignForm()))
    if not form.is_valid():
        field, reason = _first_error(form.errors)
        raise InvalidInput(f"The plan cannot be so: {field}: {reason}", field=field, fields=form.errors)
    values: dict[str, Any] = normal_json(_plain(form.validated_data))
    values["masked"] = sorted(set(values["masked"]))
    return values


def change_design(design: Mapping[str, Any], change: Mapping[str, Any]) -> dict[str, Any]:
    """`design` with whole top-level keys replaced. The seed stays where the change names none."""
    changed = copy.deepcopy(dict(design)) | dict(change)
    if isinstance(changed.get("allocation"), Mapping):
        changed["allocation"] = {"seed": design["allocation"]["seed"]} | dict(changed["allocation"])
    return read_design(changed)


def arm_of(design: Mapping[str, Any], key: str) -> dict[str, Any]:
    return next(dict(arm) for arm in design["arms"] if arm["key"] == key)


def _with_defaults(given: Any, form: serializers.Serializer[Any]) -> Any:
    """An empty table for each sub-form that is not given, so that its own defaults are filled in."""
    if not isinstance(given, Mapping):
        return given
    filled = dict(given)
    for name, field in form.fields.items():
        if isinstance(field, _Form) and (name in filled or field.default is dict):
            filled[name] = _with_defaults(filled.get(name, {}), field)
    return filled


def _plain(data: Any) -> Any:
    if isinstance(data, Mapping):
        return {name: _plain(value) for name, value in data.items()}
    if isinstance(data, list | tuple):
        return [_plain(value) for value in data]
    return str(data) if isinstance(data, UUID) else data


def _first_error(errors: Any, where: str = "") -> tuple[str, str]:
    """("allocation.kind", "reason") of the first field that is refused."""
    if isinstance(errors, Mapping):
        name, inner = next((name, inner) for name, inner in errors.items() if inner)
        part = "" if name == "non_field_errors" else str(name)
        return _first_error(inner, ".".join(filter(None, (where, part))))
    if isinstance(errors, list):
        for number, one in enumerate(errors):
            if isinstance(one, Mapping) and one:
                return _first_error(one, f"{where}[{number}]")
        return where, str(errors[0])
    return where, str(errors)
