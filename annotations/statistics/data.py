"""Everything an analysis of a reader study needs, as flat, frozen rows: no Django, no voxels.

Times are seconds, volumes mL, doses MBq. None means "not there": never 0, never a guess. Rows are
filled by annotations/exports/analysis_data.py; persons are pseudonyms only.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Start = Literal["ai", "semi_automatic", "empty"]
State = Literal["not_opened", "open", "final", "submitted", "abandoned"]
Design = Literal["parallel", "crossover", "ai_only"]
Attribute = str | float | None


@dataclass(frozen=True)
class ArmRow:
    """`key` is what ReadRow.arm names; `title` is what tables and figures print.

    trained_on: pseudonyms of the patients the release was trained on; None where it does not state them.
    """

    key: str
    title: str
    start: Start
    release: str = ""
    trained_on: tuple[str, ...] | None = None


@dataclass(frozen=True)
class PlanSettings:
    """What the locked plan says about the analysis. An option the plan leaves open keeps its default.

    control_arm, test_arm: the arms of the primary comparison; empty: semi-automatic (else empty start)
    against AI. primary_endpoint: field of ReadRow ("active_s") or MetricRow ("dice").
    secondary_endpoints: Holm-corrected; every other number is exploratory. quality_margin: largest
    acceptable loss of `quality_endpoint` (test - control > -margin), in that endpoint's unit; for "ttv" the
    endpoint is -|log(TTV / reference TTV)|. abandoned_rule "time_to_abandon": the active_s of an abandoned
    read counts. sample_size_statement:
    why so many cases, as the calculator answered and the plan kept it. is_order_random: each reader's order
    of cases was drawn from the seed.
    """

    reader_study: str
    name: str
    plan_number: int
    plan_digest: str
    is_synthetic: bool
    arms: tuple[ArmRow, ...]
    design: Design = "parallel"
    idle_threshold_s: float = 60.0
    alpha: float = 0.05
    primary_endpoint: str = "active_s"
    hypothesis: str = ""
    estimand: str = ""
    secondary_endpoints: tuple[str, ...] = ("dice", "lesion_sensitivity")
    quality_endpoint: str = "dice"
    quality_margin: float | None = None
    control_arm: str = ""
    test_arm: str = ""
    analysis_set: str = "full"
    missing_rule: str = "complete_cases"
    abandoned_rule: str = "missing"
    wash_out_days: float | None = None
    is_order_random: bool = True
    sample_size: int | None = None
    sample_size_statement: str = ""
    masked: tuple[str, ...] = ()
    seed: int = 0
    resamples: int = 2000
    is_data_locked: bool = False
    clock_version: str = ""
    product_version: str = ""
    connectivity: int = 26
    minimum_ml: float = 0.1
    tolerance_voxels: int = 1


@dataclass(frozen=True)
class Acquisition:
    """How a PET was acquired, from its DICOM tags. voxel_size_xyz_mm of the grid."""

    scanner: str | None = None
    voxel_size_xyz_mm: tuple[float, float, float] | None = None
    reconstruction: str | None = None
    time_per_bed_s: float | None = None
    dose_mbq: float | None = None


@dataclass(frozen=True)
class PatientRow:
    """A patient who is no case, for Table 2: as the training set of the release. data_set: "training"."""

    pseudonym: str
    data_set: str
    attributes: Mapping[str, Attribute] = field(default_factory=dict)
    centre: str | None = None
    acquisition: Acquisition = Acquisition()


@dataclass(frozen=True)
class CaseRow:
    """A case. `case` is CaseRow's and every other row's key (number in the reader study).

    attributes: clinical, by name (age, sex, primary_site, who_grade, ki67_percent, figo ...): numbers as
    float, categories as str. is_negative_control: the reference is known to be empty; None without a
    reference. contrast: mean tumour / mean body intensity of the reference. volume_ml: TTV of the reference.
    """

    case: int
    pseudonym: str
    is_synthetic: bool
    data_set: str = "test"
    attributes: Mapping[str, Attribute] = field(default_factory=dict)
    centre: str | None = None
    burden_stratum: str | None = None
    is_negative_control: bool | None = None
    is_training: bool = False
    reference_lesion_count: int | None = None
    volume_ml: float | None = None
    volume_voxels: int | None = None
    contrast: float | None = None
    lowest_suv_mean: float | None = None
    acquisition: Acquisition = Acquisition()


@dataclass(frozen=True)
class ReadRow:
    """One attempt at an assignment; an assignment nobody opened is one row with state "not_opened".

    sequence: order of arms of this reader and case ("AB", "BA"; "" outside crossover). read_number:
    1, 2 ... in the order this reader opened reads over all periods (training included). is_of_record: the
    attempt that counts, one an assignment: the first that was submitted, else the newest.
    analysis_sets: names of the sets the read is in ("full", "per_protocol" ...). variants: other readings of
    the same clock, by name (active_t30_s, active_gap_zero_s ...). *_row: Table 1 rows 1-5. reference_row:
    the row that follows from the AI version against the independent reference.
    """

    read: str
    reader: str
    case: int
    arm: str
    period: int
    position: int
    state: State
    sequence: str = ""
    read_number: int | None = None
    repeat: int = 0
    attempt: int = 1
    is_of_record: bool = True
    is_training: bool = False
    has_planted_errors: bool = False
    is_timing_subgroup: bool = False
    missing_reason: str = ""
    analysis_sets: tuple[str, ...] = ("full",)
    days_since_previous: float | None = None
    score_row: int | None = None
    revised_score_row: int | None = None
    confidence: int | None = None
    derived_row: int | None = None
    strict_row: int | None = None
    reference_row: int | None = None
    missing_lesions: int | None = None
    false_positive_lesions: int | None = None
    partial_lesions: int | None = None
    gross_partial_lesions: int | None = None
    wall_s: float | None = None
    active_s: float | None = None
    paused_s: float | None = None
    hidden_s: float | None = None
    loading_s: float | None = None
    computing_s: float | None = None
    idle_s: float | None = None
    variants: Mapping[str, float] = field(default_factory=dict)
    time_to_first_edit_s: float | None = None
    scoring_s: float | None = None
    job_s: float | None = None
    action_count: int | None = None
    clock_flags: tuple[str, ...] = ()
    ttv_ml: float | None = None
    lowest_suv_mean: float | None = None
    suv_max: float | None = None
    tlg: float | None = None
    lesion_count: int | None = None
    lesions_kept: int | None = None
    lesions_edited: int | None = None
    lesions_added: int | None = None
    lesions_deleted: int | None = None
    start_ttv_ml: float | None = None
    start_lesion_count: int | None = None


@dataclass(frozen=True)
class MetricRow:
    """A version against the reference of its case. Undefined ratios are None (both masks empty ...).

    source: the name tables print: the producer of a named version ("Model 1", "Ensemble"), or "" for the
    final version of a read, which `read` then names. order: place of a named version in tables.
    """

    case: int
    source: str
    read: str | None = None
    order: int = 0
    dice: float | None = None
    precision: float | None = None
    sensitivity: float | None = None
    lesion_dice: float | None = None
    lesion_dice_by_prediction: float | None = None
    lesion_precision: float | None = None
    lesion_sensitivity: float | None = None
    n_true: int | None = None
    n_predicted: int | None = None
    n_found: int | None = None
    n_missed: int | None = None
    n_false: int | None = None
    true_volume_ml: float | None = None
    predicted_volume_ml: float | None = None
    false_positive_volume_ml: float | None = None
    false_negative_volume_ml: float | None = None


@dataclass(frozen=True)
class PlantedErrorRow:
    """One error planted in the start of one read (a read that met three errors has three rows). kind:
    "added", "removed", "truncated" ...; is_corrected: None when it cannot be judged."""

    read: str
    error: str
    kind: str
    is_corrected: bool | None
    volume_ml: float | None = None


@dataclass(frozen=True)
class PictureRow:
    """A picture of an example case (report.example_cases says which): the frontal MIP as PNG bytes."""

    case: int
    panel: Literal["PET", "Reference", "AI result"]
    png: bytes
    width_px: int
    height_px: int


@dataclass(frozen=True)
class AnalysisData:
    """A whole reader study. Order of rows does not matter: every analysis sorts."""

    settings: PlanSettings
    cases: tuple[CaseRow, ...]
    reads: tuple[ReadRow, ...]
    metrics: tuple[MetricRow, ...] = ()
    planted_errors: tuple[PlantedErrorRow, ...] = ()
    patients: tuple[PatientRow, ...] = ()
    pictures: tuple[PictureRow, ...] = ()
