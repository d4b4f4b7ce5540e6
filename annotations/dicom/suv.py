"""SUVbw from the headers of a PET series, by the rule that its units and decay correction ask for.

    SUVbw = value * factor,   BQML: factor = weight[g] / (dose[Bq] * 2^(-(t_ref - t_injection) / T_half))

`value` is stored * slope + intercept of the slice. Rules: Vacha et al., "Comprehensive Manual for SUV
Computation and Digital Reference Objects" (2026); QIBA FDG-PET profile; vendors' conformance statements.
What is missing is never guessed: the record is then invalid and says why.
"""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from annotations.dicom import body, nuclides, suv_time
from annotations.dicom.suv_inputs import TAGS, SuvInputs
from annotations.errors import InvalidInput, PetreviewError

CODE_VERSION = "1"
RELATIVE_WARNING = 0.01
MEGABECQUEREL_LIMIT = 1e4  # a dose below is in MBq (10 GBq is more than anyone is given)
DOSE_RANGE_BQ = (1e6, 2e10)
WEIGHT_RANGE_KG = (2.0, 350.0)
GRAMS_LIMIT = 1000.0
HEIGHT_RANGE_M = (0.3, 2.5)
CORRECTABLE = ("weight_kg", "height_m", "sex", "dose_bq", "injection_datetime", "reference_datetime")


class SuvRefused(PetreviewError):
    """Why a series has no SUV. `reason` becomes the record's refusal code."""

    code = "suv_refused"

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message, reason=reason)
        self.reason = reason


@dataclass(frozen=True)
class SuvWarning:
    code: str
    message: str


@dataclass(frozen=True)
class SuvRecord:
    """One SUV revision. factor: SUVbw per unit of the series, None when not valid. rule: the path taken.

    other_factors: multiply SUVbw by them to get SUVlbm (g/mL), SUVibw (g/mL), SUVbsa (cm2/mL); None where
    height or sex is missing. decayed_dose_bq: dose at reference_datetime.
    """

    valid: bool
    factor: float | None
    rule: str
    reference_datetime: str | None
    injection_datetime: str | None
    dose_bq: float | None
    decayed_dose_bq: float | None
    weight_kg: float | None
    inputs: SuvInputs
    corrections: dict[str, Any] = field(default_factory=dict)
    warnings: tuple[SuvWarning, ...] = ()
    other_factors: dict[str, float | None] = field(default_factory=dict)
    refusal_code: str = ""
    refusal_message: str = ""
    code_version: str = CODE_VERSION

    def to_json(self) -> dict[str, Any]:
        """Plain JSON; `shown` lists every input with its tag, for the screen."""
        return {**asdict(self), "inputs": self.inputs.to_json(), "shown": self._shown()}

    def _shown(self) -> list[dict[str, Any]]:
        data = self.inputs.to_json()
        return [{"name": name, "tag": tag, "value": data[name]} for name, tag in TAGS.items()]

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "SuvRecord":
        plain = {name: value for name, value in data.items() if name != "shown"}
        plain["inputs"] = SuvInputs.from_json(plain["inputs"])
        plain["warnings"] = tuple(SuvWarning(**warning) for warning in plain["warnings"])
        return cls(**plain)


@dataclass
class _Work:
    """What the rules find on their way; becomes the record."""

    inputs: SuvInputs
    reference: datetime | None = None
    injection: datetime | None = None
    dose_bq: float | None = None
    decayed_dose_bq: float | None = None
    weight_kg: float | None = None
    rule: str = ""
    corrections: dict[str, Any] = field(default_factory=dict)
    warnings: list[SuvWarning] = field(default_factory=list)

    def warn(self, code: str, message: str) -> None:
        self.warnings.append(SuvWarning(code, message))


def compute_suv(inputs: SuvInputs, corrections: Mapping[str, Any] | None = None) -> SuvRecord:
    """The record of a series, or a revision of it with corrected values (keys: CORRECTABLE; times are
    ISO strings). Never raises for a series without SUV: the record is then not valid and says why.
    Raises InvalidInput for a correction that is not understood.
    """
    applied = check_corrections(corrections or {})
    work = _Work(apply_to_inputs(inputs, applied), corrections=applied)
    for note in inputs.notes:
        work.warn("private_creator_missing", note)
    try:
        factor = _factor(work)
    except SuvRefused as refusal:
        return _record(work, None, refusal)
    return _record(work, factor, None)


def refused_record(code: str, message: str) -> SuvRecord:
    """The record of a series whose tags cannot even be read."""
    return _record(_Work(SuvInputs()), None, SuvRefused(code, message))


def check_corrections(corrections: Mapping[str, Any]) -> dict[str, Any]:
    """The corrections as plain JSON values. Raises InvalidInput."""
    unknown = sorted(set(corrections) - set(CORRECTABLE))
    if unknown:
        raise InvalidInput(f"{', '.join(unknown)} cannot be corrected.", correctable=list(CORRECTABLE))
    result: dict[str, Any] = {}
    for name, value in corrections.items():
        try:
            if name.endswith("_datetime"):
                result[name] = datetime.fromisoformat(str(value)).replace(tzinfo=None).isoformat()
            elif name == "sex":
                result[name] = str(value).upper()
            else:
                result[name] = _positive(float(value))
        except (TypeError, ValueError) as error:
            raise InvalidInput(f"The correction of {name} is not understood: {value!r}.") from error
    return result


def _positive(value: float) -> float:
    if not 0 < value < math.inf:
        raise ValueError("not a positive number")
    return value


def apply_to_inputs(inputs: SuvInputs, corrections: Mapping[str, Any]) -> SuvInputs:
    """reference_datetime is not an input tag; suv_time takes it from the corrections."""
    changed = dict(corrections)
    changed.pop("reference_datetime", None)
    if "dose_bq" in changed:
        changed["dose"] = changed.pop("dose_bq")
    fixed = {"weight_kg": "PatientWeight", "height_m": "PatientSize"}
    settled = {tag for name, tag in fixed.items() if name in corrections}
    left = tuple(name for name in inputs.inconsistent if name not in settled)
    return replace(inputs, **changed, inconsistent=left)


def _factor(work: _Work) -> float:
    inputs = work.inputs
    if inputs.inconsistent:
        raise SuvRefused("suv_inconsistent", f"{', '.join(inputs.inconsistent)} differ between slices.")
    if "ATTN" not in inputs.corrected_image:
        raise SuvRefused("suv_not_attenuation_corrected", "The series is not attenuation corrected.")
    rules = {"BQML": _from_activity, "GML": _from_gml, "CM2ML": _from_cm2ml, "CNTS": _from_counts}
    if not inputs.units:
        raise SuvRefused("suv_units_missing", "The series does not say its units.")
    if inputs.units not in rules:
        raise SuvRefused("suv_units_unknown", f"Units {inputs.units!r} cannot be turned into SUV.")
    return rules[inputs.units](work)


def _from_activity(work: _Work) -> float:
    """Weight over the dose that was left at the moment to which the voxels are corrected."""
    weight_g = _weight_kg(work) * 1000.0
    dose = _dose_bq(work)
    work.rule = f"{work.inputs.units}/{work.inputs.decay_correction or '-'}"
    _check_decay_flag(work.inputs)
    half_life = _half_life(work)
    if work.inputs.decay_correction == "ADMIN":
        work.decayed_dose_bq = dose
        return weight_g / dose
    injected, reference = _times(work)
    elapsed = (reference - injected).total_seconds()
    work.decayed_dose_bq = dose * 2.0 ** (-elapsed / half_life)
    _warn_uptake(work, elapsed, half_life)
    return weight_g / work.decayed_dose_bq


def _check_decay_flag(inputs: SuvInputs) -> None:
    if inputs.decay_correction not in ("START", "ADMIN", "NONE"):
        found = inputs.decay_correction or "(missing)"
        raise SuvRefused("suv_decay_correction_unknown", f"Decay correction {found!r} is not understood.")
    corrected = "DECY" in inputs.corrected_image
    if corrected and inputs.decay_correction == "NONE":
        raise SuvRefused("suv_decay_contradiction", "Decay correction is NONE, yet the image is marked DECY.")
    if not corrected and inputs.decay_correction != "NONE":
        raise SuvRefused(
            "suv_decay_contradiction",
            f"Decay correction is {inputs.decay_correction}, yet the image is not marked DECY.",
        )


def _from_gml(work: _Work) -> float:
    suv_type = work.inputs.suv_type or "BW"
    work.rule = f"GML/{suv_type}"
    if suv_type == "BW":
        return 1.0
    if suv_type not in body.BODY_MASS:
        raise SuvRefused("suv_type_unknown", f"SUV type {suv_type!r} is not understood.")
    weight, height_cm, sex = _weight_kg(work), _height_cm(work), _sex(work)
    return weight / body.body_mass_kg(suv_type, weight, height_cm, sex)


def _from_cm2ml(work: _Work) -> float:
    work.rule = "CM2ML/BSA"
    if work.inputs.suv_type not in ("", "BSA"):
        raise SuvRefused("suv_type_unknown", f"SUV type {work.inputs.suv_type!r} does not go with cm2/mL.")
    weight, height_cm = _weight_kg(work), _height_cm(work)
    return weight * 1000.0 / (body.body_surface_m2(weight, height_cm) * 1e4)


def _from_counts(work: _Work) -> float:
    """Philips: counts times its private SUV factor, or times its activity factor and then as Bq/mL."""
    inputs = work.inputs
    if not inputs.manufacturer.upper().startswith("PHILIPS"):
        raise SuvRefused("suv_no_scale_factor", "Counts can be turned into SUV for Philips scanners only.")
    if inputs.philips_suv_factor is not None and not {"weight_kg", "dose_bq", *suv_time.TIMES} & set(
        work.corrections
    ):
        _compare_philips_factors(work)
        work.rule = "CNTS/philips_suv_factor"
        return inputs.philips_suv_factor
    if inputs.philips_activity_factor is None:
        raise SuvRefused("suv_no_scale_factor", "Neither of the two Philips scale factors is there.")
    factor = _from_activity(work) * inputs.philips_activity_factor
    work.rule += "/philips_activity_factor"
    return factor


def _compare_philips_factors(work: _Work) -> None:
    """Where both factors and everything else is there, they must give the same SUV."""
    inputs = work.inputs
    if inputs.philips_suv_factor is None or inputs.philips_activity_factor is None:
        return
    trial = _Work(inputs, corrections=work.corrections)
    try:
        other = _from_activity(trial) * inputs.philips_activity_factor
    except SuvRefused:
        return
    if abs(other / inputs.philips_suv_factor - 1.0) > RELATIVE_WARNING:
        work.warn("philips_factors_differ", "The two Philips scale factors give different SUVs.")


def _weight_kg(work: _Work) -> float:
    weight = work.inputs.weight_kg
    if weight is None or weight <= 0:
        raise SuvRefused("suv_missing_weight", "The patient's weight is missing.")
    if weight > GRAMS_LIMIT:
        work.warn("weight_in_grams", f"A weight of {weight:g} is taken as grams.")
        weight /= 1000.0
    if not WEIGHT_RANGE_KG[0] <= weight <= WEIGHT_RANGE_KG[1]:
        work.warn("weight_implausible", f"A weight of {weight:g} kg is not plausible.")
    work.weight_kg = weight
    return weight


def _height_cm(work: _Work) -> float:
    height = work.inputs.height_m
    if height is None or height <= 0:
        raise SuvRefused("suv_missing_height", "The patient's height is missing.")
    if not HEIGHT_RANGE_M[0] <= height <= HEIGHT_RANGE_M[1]:
        raise SuvRefused("suv_height_implausible", f"A height of {height:g} m is not plausible.")
    return height * 100.0


def _sex(work: _Work) -> str:
    sex = work.inputs.sex
    if not sex:
        raise SuvRefused("suv_missing_sex", "The patient's sex is missing.")
    if sex not in ("M", "F"):
        work.warn("sex_mean_of_formulas", "Sex is neither M nor F: the mean of both formulas is used.")
    return sex


def _dose_bq(work: _Work) -> float:
    if work.inputs.injections > 1 and "dose_bq" not in work.corrections:
        raise SuvRefused("suv_several_injections", "More than one injection is recorded.")
    dose = work.inputs.dose
    if dose is None or dose <= 0:
        raise SuvRefused("suv_missing_dose", "The injected dose is missing.")
    if dose < MEGABECQUEREL_LIMIT and "dose_bq" not in work.corrections:
        work.warn("dose_in_mbq", f"A dose of {dose:g} is taken as MBq.")
        dose *= 1e6
    if not DOSE_RANGE_BQ[0] <= dose <= DOSE_RANGE_BQ[1]:
        raise SuvRefused("suv_dose_implausible", f"A dose of {dose:g} Bq is not plausible.")
    work.dose_bq = dose
    return dose


def _half_life(work: _Work) -> float:
    half_life = work.inputs.half_life_s
    if half_life is None or half_life <= 0:
        raise SuvRefused("suv_missing_half_life", "The half-life of the nuclide is missing.")
    off = nuclides.half_life_mismatch(work.inputs.nuclide, half_life)
    if off is not None and abs(off) > RELATIVE_WARNING:
        work.warn(
            "half_life_mismatch",
            f"The half-life of {half_life:g} s is {off:+.1%} from that of {work.inputs.nuclide}.",
        )
    return half_life


def _times(work: _Work) -> tuple[datetime, datetime]:
    """Injection and reference time. Raises SuvRefused."""
    try:
        reference, how = suv_time.reference_time(work.inputs, work.corrections)
        injected = suv_time.injection_time(work.inputs, reference)
    except suv_time.TimeMissing as error:
        raise SuvRefused(error.reason, error.message) from error
    work.reference, work.injection = reference, injected
    work.rule += f"/{how}"
    if injected > reference:
        raise SuvRefused("suv_injection_after_scan", "The injection is later than the start of the scan.")
    for code, message in suv_time.cross_checks(work.inputs, reference):
        work.warn(code, message)
    return injected, reference


def _warn_uptake(work: _Work, elapsed_s: float, half_life_s: float) -> None:
    if elapsed_s > 10 * half_life_s or elapsed_s > timedelta(days=7).total_seconds():
        raise SuvRefused("suv_uptake_time_implausible", f"{elapsed_s / 3600:.1f} h from injection to scan.")
    if elapsed_s > 3 * half_life_s or elapsed_s < 60:
        work.warn("uptake_time_unusual", f"{elapsed_s / 60:.0f} min from injection to scan.")


def _record(work: _Work, factor: float | None, refusal: SuvRefused | None) -> SuvRecord:
    return SuvRecord(
        valid=factor is not None,
        factor=factor,
        rule=work.rule,
        reference_datetime=work.reference.isoformat() if work.reference else None,
        injection_datetime=work.injection.isoformat() if work.injection else None,
        dose_bq=work.dose_bq,
        decayed_dose_bq=work.decayed_dose_bq,
        weight_kg=work.weight_kg,
        inputs=work.inputs,
        corrections=work.corrections,
        warnings=tuple(work.warnings),
        other_factors=_other_factors(work.inputs),
        refusal_code=refusal.reason if refusal else "",
        refusal_message=refusal.message if refusal else "",
    )


def _other_factors(inputs: SuvInputs) -> dict[str, float | None]:
    """SUVbw times these. None where weight, height or sex is missing or the formula fails."""
    names = {
        "SUVlbm_james128": "LBMJAMES128",
        "SUVlbm_morgan120": "LBM",
        "SUVlbm_janmahasatian": "LBMJANMA",
        "SUVibw": "IBW",
    }
    work = _Work(inputs)
    result: dict[str, float | None] = dict.fromkeys([*names, "SUVbsa"])
    try:
        weight, height_cm = _weight_kg(work), _height_cm(work)
        result["SUVbsa"] = body.body_surface_m2(weight, height_cm) * 1e4 / (weight * 1000.0)
        sex = _sex(work)
    except SuvRefused:
        return result
    for name, suv_type in names.items():
        mass = body.body_mass_kg(suv_type, weight, height_cm, sex)
        result[name] = mass / weight if mass > 0 else None
    return result
