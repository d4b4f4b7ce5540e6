"""A reader study made from a seed, with known effects: for pictures, speed and shape, not for its numbers."""

import struct
import zlib

import numpy as np

from annotations.statistics.data import (
    Acquisition,
    AnalysisData,
    ArmRow,
    CaseRow,
    MetricRow,
    PatientRow,
    PictureRow,
    PlanSettings,
    PlantedErrorRow,
    ReadRow,
)

CENTRES = ("Centre A", "Centre B", "Centre C")
SCANNERS = ("Scanner 40", "Scanner 64", "Scanner 128")
VERSIONS = ("Model 1", "Model 2", "Ensemble")
ARMS = (
    ArmRow("semi", "Semi-automatic", "semi_automatic"),
    ArmRow("ai", "AI, corrected", "ai", "release 1"),
)


def made_study(
    *,
    seed: int = 1,
    cases: int = 41,
    controls: int = 10,
    readers: int = 4,
    log_effect: float = -1.2,
    is_data_locked: bool = True,
) -> AnalysisData:
    """An AB/BA crossover with `log_effect` on log time, and quality that differs little by arm."""
    random = np.random.default_rng(seed)
    settings = PlanSettings(
        reader_study="study-1",
        name="Made timing study",
        plan_number=2,
        plan_digest="0" * 64,
        is_synthetic=True,
        arms=ARMS,
        design="crossover",
        quality_margin=0.05,
        wash_out_days=28.0,
        masked=("others", "past_times", "arm"),
        seed=seed,
        is_data_locked=is_data_locked,
        clock_version="1",
        product_version="0.1.0",
    )
    rows = tuple(_case(random, number, number > cases) for number in range(1, cases + controls + 1))
    reads = _reads(random, rows, readers, log_effect)
    metrics = [_metric(random, rows[read.case - 1], read.read, "", 0.92) for read in reads]
    for order, (source, level) in enumerate(zip(VERSIONS, (0.78, 0.76, 0.8), strict=True)):
        metrics += [_metric(random, case, None, source, level, order) for case in rows]
    planted = tuple(
        PlantedErrorRow(read.read, f"{read.read} {number}", kind, bool(random.random() < 0.8), 2.0)
        for read in reads
        if read.has_planted_errors
        for number, kind in enumerate(("added", "removed", "truncated"))
    )
    patients = tuple(
        PatientRow(f"TR-{number:04d}", "training", _attributes(random), CENTRES[number % 3])
        for number in range(1, 118)
    )
    return AnalysisData(settings, rows, tuple(reads), tuple(metrics), planted, patients, _pictures(rows))


def _attributes(random: np.random.Generator) -> dict[str, str | float | None]:
    return {
        "age": float(round(random.normal(63, 10))),
        "sex": "female" if random.random() < 0.45 else "male",
        "primary_site": str(
            random.choice(["small intestine", "pancreas", "lung", "unknown"], p=[0.57, 0.2, 0.1, 0.13])
        ),
        "who_grade": None if random.random() < 0.05 else f"grade {random.integers(1, 4)}",
        "ki67_percent": float(round(random.gamma(2, 4), 1)),
    }


def _case(random: np.random.Generator, number: int, is_control: bool) -> CaseRow:
    centre = number % 3
    volume = 0.0 if is_control else float(random.lognormal(3, 1.2))
    return CaseRow(
        case=number,
        pseudonym=f"PT-{number:04d}",
        is_synthetic=True,
        data_set="negative_control" if is_control else "test",
        attributes=_attributes(random),
        centre=CENTRES[centre],
        burden_stratum="high" if volume > 20 else "low",
        is_negative_control=is_control,
        reference_lesion_count=0 if is_control else int(random.integers(1, 60)),
        volume_ml=volume,
        volume_voxels=round(volume / 0.012),
        contrast=None if is_control else float(random.lognormal(2, 0.4)),
        acquisition=Acquisition(
            SCANNERS[centre],
            (2.0, 2.0, 3.0),
            "TrueX 3i21s",
            float(random.normal(180, 10)),
            float(random.normal(200, 12)),
        ),
    )


def _reads(
    random: np.random.Generator, cases: tuple[CaseRow, ...], readers: int, log_effect: float
) -> list[ReadRow]:
    found = []
    case_effect = random.normal(0, 0.4, len(cases))
    for reader in range(1, readers + 1):
        reader_effect, opened = random.normal(0, 0.15), 0
        first_is_ai = random.permutation(np.arange(len(cases)) % 2 == 0)
        for period in (1, 2):
            for position, index in enumerate(random.permutation(len(cases)), start=1):
                opened += 1
                is_ai = bool(first_is_ai[index]) == (period == 1)
                log_time = np.log(900) + case_effect[index] + reader_effect + log_effect * is_ai
                active = float(np.exp(log_time - 0.1 * (period == 2) + random.normal(0, 0.25)))
                found.append(
                    _read(
                        random,
                        cases[index],
                        f"R{reader:02d}",
                        is_ai,
                        period,
                        position,
                        opened,
                        active,
                        first_is_ai[index],
                    )
                )
    return found


def _read(
    random: np.random.Generator,
    case: CaseRow,
    reader: str,
    is_ai: bool,
    period: int,
    position: int,
    opened: int,
    active: float,
    ai_first: bool,
) -> ReadRow:
    row = int(random.choice([1, 2, 3, 4, 5], p=[0.17, 0.08, 0.45, 0.15, 0.15])) if is_ai else None
    derived = None if row is None else int(np.clip(row + random.choice([-1, 0, 0, 0, 0, 1]), 1, 5))
    volume = case.volume_ml or 0.0
    parts = {"paused_s": 0.0, "hidden_s": 20.0, "loading_s": 4.0, "computing_s": 2.0, "idle_s": 30.0}
    return ReadRow(
        read=f"{reader}-{case.case}-{period}",
        reader=reader,
        case=case.case,
        arm="ai" if is_ai else "semi",
        period=period,
        position=position,
        state="submitted",
        sequence="AB" if ai_first else "BA",
        read_number=opened,
        has_planted_errors=is_ai and case.case % 13 == 0,
        score_row=None if case.is_negative_control else row,
        confidence=4 if is_ai else None,
        derived_row=None if case.is_negative_control else derived,
        strict_row=None
        if case.is_negative_control or derived is None
        else min(5, derived + int(random.random() < 0.1)),
        reference_row=None if case.is_negative_control else derived,
        missing_lesions=int(random.integers(0, 3)) if is_ai else None,
        false_positive_lesions=int(random.integers(0, 3)) if is_ai else None,
        partial_lesions=int(random.integers(0, 4)) if is_ai else None,
        gross_partial_lesions=0 if is_ai else None,
        active_s=active,
        wall_s=active + sum(parts.values()),
        variants={
            "active_t30_s": active * 0.94,
            "active_t120_s": active * 1.03,
            "active_gap_zero_s": active * 0.9,
            "active_and_loading_s": active + 4,
            "wall_minus_paused_s": active + sum(parts.values()),
        },
        time_to_first_edit_s=float(random.gamma(3, 8)),
        scoring_s=8.0 if is_ai else None,
        action_count=int(random.poisson(8)),
        ttv_ml=volume * float(np.exp(random.normal(0.01, 0.06))),
        lesion_count=case.reference_lesion_count,
        **parts,
    )


def _metric(
    random: np.random.Generator, case: CaseRow, read: str | None, source: str, level: float, order: int = 0
) -> MetricRow:
    if case.is_negative_control:
        count = 0 if read or random.random() < 0.5 else int(random.poisson(3))
        return MetricRow(
            case.case,
            source,
            read,
            order,
            n_true=0,
            n_predicted=count,
            n_false=count,
            true_volume_ml=0.0,
            predicted_volume_ml=count * 0.4,
        )
    size = float(np.tanh((case.volume_ml or 0) / 10))
    precision = float(np.clip(random.beta(18, 2) * (level + 0.05) * (0.75 + 0.25 * size), 0, 1))
    sensitivity = float(np.clip(random.beta(18, 2) * (level + 0.1), 0, 1))
    n = case.reference_lesion_count or 1
    found = int(random.binomial(n, min(1.0, level + 0.05)))
    false = int(random.poisson(1))
    return MetricRow(
        case=case.case,
        source=source,
        read=read,
        order=order,
        dice=2 * precision * sensitivity / (precision + sensitivity),
        precision=precision,
        sensitivity=sensitivity,
        lesion_dice=2 * found / (2 * found + false + n - found),
        lesion_precision=found / (found + false) if found + false else None,
        lesion_sensitivity=found / n,
        n_true=n,
        n_predicted=found + false,
        n_found=found,
        n_missed=n - found,
        n_false=false,
        true_volume_ml=case.volume_ml,
        predicted_volume_ml=(case.volume_ml or 0) * 1.02,
        false_positive_volume_ml=false * 0.5,
        false_negative_volume_ml=(n - found) * 0.3,
    )


def _pictures(cases: tuple[CaseRow, ...]) -> tuple[PictureRow, ...]:
    return tuple(
        PictureRow(case.case, panel, _grey(80, 160, level), 80, 160)  # type: ignore[arg-type]
        for case in cases[:2]
        for level, panel in ((240, "PET"), (200, "Reference"), (160, "AI result"))
    )


def _grey(width: int, height: int, level: int) -> bytes:
    """An even grey PNG."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    rows = b"".join(b"\0" + bytes([level] * width) for _ in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )
