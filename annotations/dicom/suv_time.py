"""The two moments SUV hangs on: the injection, and the moment to which the voxels are decay corrected."""

import math
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from annotations.dicom.suv_inputs import FrameTiming, SuvInputs

TIMES = ("injection_datetime", "reference_datetime")
AGREEMENT_S = 10.0
DECAY_WARNING = 0.01


class TimeMissing(Exception):
    """Internal: turned into SuvRefused by suv.py."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason, self.message = reason, message


def mean_activity_delay_s(duration_s: float, half_life_s: float) -> float:
    """Seconds from the start of a frame to the moment at which the activity equals its mean over the
    frame: (1/k) ln(k T / (1 - exp(-k T))), k = ln 2 / T_half. A little before the middle.
    """
    product = math.log(2.0) / half_life_s * duration_s
    if product < 1e-9:
        return duration_s / 2.0
    return math.log(product / -math.expm1(-product)) / (math.log(2.0) / half_life_s)


def reference_time(inputs: SuvInputs, corrections: Mapping[str, Any]) -> tuple[datetime, str]:
    """t_ref and the name of the rule. Raises TimeMissing.

    A multi-frame object that names the moment of its decay correction is taken at its word.
    START: the series time, unless it is later than an acquisition (then it was set by a later
    processing): the vendor's scan time, else the time counted back from acquisition, frame reference
    time and duration where all slices agree on it, else the earliest acquisition.
    NONE: the earliest acquisition, to which the voxels were corrected when they were read.
    """
    corrected = corrections.get("reference_datetime")
    if corrected:
        if inputs.decay_correction == "NONE":
            raise TimeMissing("suv_reference_fixed", "The voxels were corrected to the earliest acquisition.")
        return datetime.fromisoformat(corrected), "corrected"
    if inputs.decay_correction_datetime and inputs.decay_correction == "START":
        return datetime.fromisoformat(inputs.decay_correction_datetime), "decay_correction_datetime"
    acquired = [frame.acquired_at for frame in inputs.frames if frame.acquired_at]
    if not acquired or len(acquired) != len(inputs.frames):
        raise TimeMissing("suv_missing_acquisition_time", "The acquisition date and time are missing.")
    earliest = min(acquired)
    if inputs.decay_correction == "NONE":
        check_frames_for_none(inputs)
        return earliest, "earliest_acquisition"
    return _start_of_scan(inputs, earliest)


def _start_of_scan(inputs: SuvInputs, earliest: datetime) -> tuple[datetime, str]:
    series = inputs.series_datetime
    if series and datetime.fromisoformat(series) <= earliest:
        return datetime.fromisoformat(series), "series_time"
    if inputs.vendor_scan_datetime:
        return datetime.fromisoformat(inputs.vendor_scan_datetime), "vendor_scan_time"
    counted = _count_back(inputs, earliest)
    if counted is not None:
        return counted, "counted_back"
    return earliest, "earliest_acquisition"


def _count_back(inputs: SuvInputs, earliest: datetime) -> datetime | None:
    """acquisition - frame reference time + mean-activity delay, where every bed position gives the same.

    Some scanners write one acquisition time for all beds and let the frame reference time run: there the
    beds disagree and this rule must not be used (it drifts by a bed's time for each bed).
    """
    starts = []
    for frame in inputs.frames:
        acquired, half_life = frame.acquired_at, inputs.half_life_s
        if acquired is None or frame.reference_time_s is None or not frame.duration_s or not half_life:
            return None
        delay = mean_activity_delay_s(frame.duration_s, half_life)
        starts.append(acquired + timedelta(seconds=delay - frame.reference_time_s))
    spread = (max(starts) - min(starts)).total_seconds()
    first = min(starts)
    if spread > AGREEMENT_S or (first - earliest).total_seconds() > AGREEMENT_S:
        return None
    return first + (max(starts) - first) / 2


def injection_time(inputs: SuvInputs, reference: datetime) -> datetime:
    """With its own date, else on the day of the scan, a day earlier when that is later than the scan."""
    if inputs.injection_datetime:
        return datetime.fromisoformat(inputs.injection_datetime)
    if not inputs.injection_time:
        raise TimeMissing("suv_missing_injection_time", "The time of the injection is missing.")
    clock = datetime.strptime(inputs.injection_time[:8], "%H:%M:%S").time()
    moment = datetime.combine(reference.date(), clock)
    return moment if moment <= reference else moment - timedelta(days=1)


def check_frames_for_none(inputs: SuvInputs) -> None:
    """Voxels without decay correction need a start and a duration for every bed."""
    if any(not frame.duration_s for frame in inputs.frames):
        raise TimeMissing("suv_missing_frame_duration", "The duration of a frame is missing.")
    starts = {frame.acquired for frame in inputs.frames}
    offsets = {frame.reference_time_s for frame in inputs.frames}
    if len(starts) == 1 and len(offsets) > 1:
        raise TimeMissing("suv_frame_times_unclear", "Bed positions share one acquisition time.")


def decay_to_reference(frame: FrameTiming, reference: datetime, half_life_s: float) -> float:
    """Multiply uncorrected voxels of a slice by this to correct them to `reference`."""
    assert frame.acquired_at is not None
    assert frame.duration_s is not None
    offset = (frame.acquired_at - reference).total_seconds()
    exponent = (offset + mean_activity_delay_s(frame.duration_s, half_life_s)) / half_life_s
    return math.pow(2.0, exponent)


def cross_checks(inputs: SuvInputs, reference: datetime) -> list[tuple[str, str]]:
    """(code, message) of what does not fit together; nothing here changes a number."""
    found: list[tuple[str, str]] = []
    worst = _worst_decay_mismatch(inputs, reference)
    if worst is not None and worst > DECAY_WARNING:
        found.append(
            ("decay_factor_mismatch", f"The decay factors written by the scanner differ by {worst:.1%}.")
        )
    if inputs.injection_datetime and inputs.injection_time:
        dated = datetime.fromisoformat(inputs.injection_datetime).strftime("%H:%M:%S")
        if dated != inputs.injection_time[:8]:
            found.append(("injection_times_differ", "Two injection times are given and differ."))
    if any(frame.acquired_at is None for frame in inputs.frames):
        found.append(("acquisition_time_missing", "Some slices have no acquisition time."))
    return found


def _worst_decay_mismatch(inputs: SuvInputs, reference: datetime) -> float | None:
    """Largest relative difference between DecayFactor and 2^((mid-frame - t_ref) / T_half)."""
    half_life = inputs.half_life_s
    if inputs.decay_correction != "START" or not half_life:
        return None
    shared = len({frame.acquired for frame in inputs.frames}) == 1
    runs = len({frame.reference_time_s for frame in inputs.frames}) > 1
    mismatches = []
    for frame in inputs.frames:
        if not frame.decay_factor or not frame.duration_s or frame.acquired_at is None:
            continue
        offset = (frame.acquired_at - reference).total_seconds()
        if shared and runs:  # one acquisition time for all beds: the frame reference time is the offset
            offset += frame.reference_time_s or 0.0
        middle = offset + mean_activity_delay_s(frame.duration_s, half_life)
        mismatches.append(abs(frame.decay_factor / 2.0 ** (middle / half_life) - 1.0))
    return max(mismatches, default=None)
