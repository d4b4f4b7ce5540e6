"""A study small enough to be computed on paper. The figures stand beside the rows; test_report*.py use them.

Six cases with tumour and one negative control, one reader, AB/BA crossover, two named versions.

case  control s  AI s   ratio   log2 ratio   Dice control  Dice AI   difference
  1      1200     600    1/2       -1            0.90        0.92       +0.02
  2       960     240    1/4       -2            0.80        0.79       -0.01
  3       600     300    1/2       -1            0.85        0.85        0.00
  4      1440     360    1/4       -2            0.95        0.94       -0.01
  5       480     240    1/2       -1            0.88        0.90       +0.02
  6       800     200    1/4       -2            0.90        0.88       -0.02
"""

from annotations.statistics.data import (
    Acquisition,
    AnalysisData,
    ArmRow,
    CaseRow,
    MetricRow,
    PlanSettings,
    PlantedErrorRow,
    ReadRow,
)

CONTROL_S = (1200.0, 960.0, 600.0, 1440.0, 480.0, 800.0)
AI_S = (600.0, 240.0, 300.0, 360.0, 240.0, 200.0)
CONTROL_DICE = (0.90, 0.80, 0.85, 0.95, 0.88, 0.90)
AI_DICE = (0.92, 0.79, 0.85, 0.94, 0.90, 0.88)
READER_ROWS = (1, 3, 3, 5, 2, 4)
DERIVED_ROWS = (1, 3, 3, 4, 2, 4)
TTV = (10.0, 20.0, 5.0, 40.0, 8.0, 100.0)
FIRST_VERSION = (0.70, 0.60, 0.75, 0.90, 0.80, 0.10)
SECOND_VERSION = (0.75, 0.65, 0.74, 0.92, 0.84, 0.30)

ARMS = (ArmRow("semi", "Semi-automatic", "semi_automatic"), ArmRow("ai", "AI, corrected", "ai"))


def hand_study(**settings: object) -> AnalysisData:
    plan = {
        "reader_study": "hand",
        "name": "Hand-made study",
        "plan_number": 1,
        "plan_digest": "ab" * 32,
        "is_synthetic": False,
        "arms": ARMS,
        "design": "crossover",
        "quality_margin": 0.05,
        "seed": 11,
        "resamples": 500,
        "is_data_locked": True,
        "product_version": "0.1.0",
        **settings,
    }
    return AnalysisData(
        PlanSettings(**plan),  # type: ignore[arg-type]
        cases=(*(_case(number) for number in range(1, 7)), _control()),
        reads=(*_reads("semi", CONTROL_S), *_reads("ai", AI_S), *_left_out()),
        metrics=(*_read_metrics(), *_version_metrics()),
        planted_errors=(
            PlantedErrorRow("planted", "1", "added", True),
            PlantedErrorRow("planted", "2", "removed", True),
            PlantedErrorRow("planted", "3", "removed", False),
            PlantedErrorRow("planted", "4", "truncated", None),
        ),
    )


def _case(number: int) -> CaseRow:
    centre = "Brest" if number <= 3 else "Nantes"
    return CaseRow(
        case=number,
        pseudonym=f"PT-{number:04d}",
        is_synthetic=False,
        attributes={"sex": "female" if number % 2 else "male", "age": 50.0 + number},
        centre=centre,
        is_negative_control=False,
        volume_ml=TTV[number - 1],
        contrast=float(number),
        acquisition=Acquisition(f"Scanner {centre}", (4.0, 4.0, 2.0), "PSF", 100.0 + 10 * number, 200.0),
    )


def _control() -> CaseRow:
    return CaseRow(7, "PT-0007", False, "negative_control", is_negative_control=True, volume_ml=0.0)


def _reads(arm: str, seconds: tuple[float, ...]) -> list[ReadRow]:
    is_ai = arm == "ai"
    return [
        ReadRow(
            read=f"{arm}{number}",
            reader="R01",
            case=number,
            arm=arm,
            period=1 if (number % 2 == 1) == is_ai else 2,
            position=number,
            state="submitted",
            sequence="AB" if number % 2 else "BA",
            score_row=READER_ROWS[number - 1] if is_ai else None,
            derived_row=DERIVED_ROWS[number - 1] if is_ai else None,
            active_s=one,
            wall_s=one + 100.0,
            paused_s=0.0,
            hidden_s=60.0,
            loading_s=10.0,
            computing_s=10.0,
            idle_s=20.0,
            variants={"active_t30_s": one / 2},
            ttv_ml=TTV[number - 1] * (2.0 if is_ai and number == 1 else 1.0),
            lesion_count=2,
        )
        for number, one in enumerate(seconds, start=1)
    ]


def _left_out() -> list[ReadRow]:
    """Reads that must change nothing: a later attempt, practice, a repeat, a planted error, another set, a
    negative control, and one that nobody opened."""
    one = _reads("ai", (1.0,))[0]
    extra = {
        "again": {"attempt": 2, "is_of_record": False},
        "practice": {"is_training": True},
        "repeat": {"repeat": 1, "ttv_ml": 10.0},
        "planted": {"has_planted_errors": True},
        "other": {"analysis_sets": ("safety",)},
        "control": {"case": 7, "score_row": 5},
        "unopened": {"state": "not_opened", "missing_reason": "reader left", "active_s": None},
    }
    return [ReadRow(**{**vars(one), "read": name, **changes}) for name, changes in extra.items()]


def _read_metrics() -> list[MetricRow]:
    return [
        MetricRow(
            number, "", f"{arm}{number}", dice=one, precision=one, sensitivity=one, lesion_sensitivity=1.0
        )
        for arm, values in (("semi", CONTROL_DICE), ("ai", AI_DICE))
        for number, one in enumerate(values, start=1)
    ]


def _version_metrics() -> list[MetricRow]:
    rows = []
    for order, (source, values) in enumerate((("Model 1", FIRST_VERSION), ("Model 2", SECOND_VERSION))):
        rows += [
            MetricRow(number, source, None, order, dice=one, precision=one, sensitivity=one, lesion_dice=one)
            for number, one in enumerate(values, start=1)
        ]
        rows.append(MetricRow(7, source, None, order, n_predicted=order, predicted_volume_ml=0.5 * order))
    return rows
