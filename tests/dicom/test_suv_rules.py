"""Each SUV rule against a number worked out by hand, and each refusal by its name."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom.dataset import Dataset

from annotations.dicom.body import (
    body_mass_kg,
    body_surface_m2,
    ideal_body_weight_kg,
    lbm_james_kg,
    lbm_janmahasatian_kg,
)
from annotations.dicom.series import ImageSeries, read_series
from annotations.dicom.suv import SuvRecord, compute_suv
from annotations.dicom.suv_inputs import SuvInputs, collect_suv_inputs
from annotations.dicom.suv_time import mean_activity_delay_s
from annotations.dicom.values import parse_datetime, parse_time
from annotations.errors import InvalidInput
from annotations.imaging.geometry import Grid
from tests.dicom import make

GRID = Grid((3, 2, 2), (4.0, 4.0, 4.0))
HOUR = 3600.0
F18 = 6586.2
CU64 = 45723.6


def record(injected: Dataset | None = None, **changes: Any) -> SuvRecord:
    stored = np.ones(GRID.shape_zyx, np.int16)
    return compute_suv(
        collect_suv_inputs(make.pet_slices(GRID, stored, injected=injected or make.injection(), **changes))
    )


def warnings(found: SuvRecord) -> set[str]:
    return {warning.code for warning in found.warnings}


def test_start_decays_the_dose_to_the_series_time() -> None:
    """74 kg, 370 MBq at 10:00, series at 11:00: 74000 / (370e6 * 2^(-3600/6586.2)) = 2.9213e-4."""
    found = record()
    assert found.rule == "BQML/START/series_time"
    assert found.factor == pytest.approx(2.92128e-4, rel=1e-5)
    assert found.decayed_dose_bq == pytest.approx(370e6 * 0.684633, rel=1e-5)
    assert found.reference_datetime == "2026-01-02T11:00:00"


def test_admin_does_not_decay_the_dose() -> None:
    found = record(DecayCorrection="ADMIN")
    assert found.factor == 74000.0 / 370e6
    assert found.rule == "BQML/ADMIN"


def test_copper_64_at_one_hour_differs_by_5_6_percent_between_start_and_admin() -> None:
    copper = make.injection(RadionuclideHalfLife=str(CU64))
    start, admin = record(copper), record(copper, DecayCorrection="ADMIN")
    assert start.factor is not None
    assert admin.factor is not None
    assert start.factor / admin.factor == pytest.approx(2 ** (1 / 12.701), rel=1e-4)


def test_series_time_set_by_later_processing_gives_way_to_the_count_back() -> None:
    """Acquired 11:00 with reference 89.858 s and 180 s of 18F: counted back to 11:00:00."""
    found = record(SeriesTime="153000")
    assert found.rule == "BQML/START/counted_back"
    assert found.factor == pytest.approx(2.92128e-4, rel=1e-4)


def test_without_frame_times_the_earliest_acquisition_counts() -> None:
    found = record(SeriesTime="153000", FrameReferenceTime=None, AcquisitionTime="110500")
    assert found.rule == "BQML/START/earliest_acquisition"
    assert found.reference_datetime == "2026-01-02T11:05:00"


def test_beds_that_disagree_are_not_counted_back() -> None:
    """One acquisition time for all beds while the frame reference time runs (seen on a GE scanner)."""
    headers = make.pet_slices(GRID, np.ones(GRID.shape_zyx, np.int16), SeriesTime="153000")
    for bed, header in enumerate(headers):
        header.FrameReferenceTime = str(180_000 * bed)
    found = compute_suv(collect_suv_inputs(headers))
    assert found.rule == "BQML/START/earliest_acquisition"
    assert found.reference_datetime == "2026-01-02T11:00:00"


@pytest.mark.parametrize(
    ("maker", "group", "creator", "offset"),
    [
        ("GE MEDICAL SYSTEMS", 0x0009, "GEMS_PETD_01", 0x0D),
        ("SIEMENS", 0x0071, "SIEMENS MED PT", 0x22),
    ],
)
def test_the_vendor_s_private_scan_time_is_used(maker: str, group: int, creator: str, offset: int) -> None:
    headers = make.pet_slices(
        GRID, np.ones(GRID.shape_zyx, np.int16), SeriesTime="153000", Manufacturer=maker
    )
    for header in headers:
        header.private_block(group, "SOMEBODY ELSE", create=True).add_new(offset, "DT", "20200101000000")
        header.private_block(group, creator, create=True).add_new(offset, "DT", "20260102105900.00")
    found = compute_suv(collect_suv_inputs(headers))
    assert found.rule == "BQML/START/vendor_scan_time"
    assert found.reference_datetime == "2026-01-02T10:59:00"


def test_a_private_value_of_another_creator_is_not_taken() -> None:
    headers = make.pet_slices(
        GRID, np.ones(GRID.shape_zyx, np.int16), SeriesTime="153000", Manufacturer="GE MEDICAL SYSTEMS"
    )
    for header in headers:
        header.private_block(0x0009, "SOMEBODY ELSE", create=True).add_new(0x0D, "DT", "20200101000000")
    assert compute_suv(collect_suv_inputs(headers)).rule == "BQML/START/counted_back"


def test_an_injection_before_midnight_is_on_the_day_before() -> None:
    found = record(
        make.injection(RadiopharmaceuticalStartTime="233000"), SeriesTime="003000", AcquisitionTime="003000"
    )
    assert found.injection_datetime == "2026-01-01T23:30:00"
    assert found.factor == pytest.approx(2.92128e-4, rel=1e-5)


def test_the_date_and_time_of_injection_wins_over_its_time() -> None:
    found = record(make.injection(RadiopharmaceuticalStartDateTime="20260102100500"))
    assert found.injection_datetime == "2026-01-02T10:05:00"
    assert warnings(found) == {"injection_times_differ"}


def none_series(tmp_path: Path) -> ImageSeries:
    """Three beds of 10 min each, acquired one after the other, not decay corrected; true activity 5000."""
    headers = make.pet_slices(
        GRID,
        np.full(GRID.shape_zyx, 1000, np.int16),
        slope=lambda z: 5.0 * 2.0 ** (-(600.0 * z + mean_activity_delay_s(600.0, F18)) / F18),
        DecayCorrection="NONE",
        CorrectedImage=["NORM", "ATTN"],
        ActualFrameDuration="600000",
    )
    for z, header in enumerate(headers):
        header.AcquisitionTime = f"11{10 * z:02d}00"
    (series,) = read_series([make.save(headers, tmp_path / "none")]).series
    return series


def test_without_decay_correction_the_voxels_are_corrected(tmp_path: Path) -> None:
    series = none_series(tmp_path)
    assert series.decay_corrected
    assert series.suv is not None
    assert series.suv.factor == pytest.approx(2.92128e-4, rel=1e-5)
    assert series.volume.values() == pytest.approx(np.full(GRID.shape_zyx, 5000.0), rel=1e-6)


def test_the_mean_activity_of_a_frame_comes_a_little_before_its_middle() -> None:
    """One half-life long: (1/k) ln(ln2 / 0.5) = T * 0.471234."""
    assert mean_activity_delay_s(F18, F18) == pytest.approx(0.4712336 * F18, rel=1e-6)
    assert mean_activity_delay_s(60.0, 1e12) == pytest.approx(30.0)


@pytest.mark.parametrize(
    ("suv_type", "sex", "mass_kg"),
    [
        ("", "F", 74.0),
        ("BW", "F", 74.0),
        ("LBMJAMES128", "M", 1.10 * 74 - 128 * (74 / 172) ** 2),
        ("LBMJAMES128", "F", 1.07 * 74 - 148 * (74 / 172) ** 2),
        ("LBM", "M", 1.10 * 74 - 120 * (74 / 172) ** 2),
        ("LBMJANMA", "M", 9270 * 74 / (6680 + 216 * 74 / 1.72**2)),
        ("LBMJANMA", "F", 9270 * 74 / (8780 + 244 * 74 / 1.72**2)),
        ("IBW", "M", 48 + 1.06 * 20),
        ("IBW", "F", 45.5 + 0.91 * 20),
        ("IBW", "O", (48 + 1.06 * 20 + 45.5 + 0.91 * 20) / 2),
    ],
)
def test_grams_per_millilitre_go_back_to_body_weight(suv_type: str, sex: str, mass_kg: float) -> None:
    found = record(Units="GML", SUVType=suv_type or None, PatientSex=sex)
    assert found.factor == pytest.approx(74.0 / mass_kg, rel=1e-12)
    assert ("sex_mean_of_formulas" in warnings(found)) == (sex == "O")


def test_square_centimetres_per_millilitre_go_back_to_body_weight() -> None:
    surface = 0.007184 * 172**0.725 * 74**0.425
    assert record(Units="CM2ML").factor == pytest.approx(74000 / (surface * 1e4), rel=1e-12)


def philips(**values: str) -> SuvRecord:
    headers = make.pet_slices(
        GRID, np.ones(GRID.shape_zyx, np.int16), Units="CNTS", Manufacturer="Philips Medical Systems"
    )
    offsets = {"suv": 0x00, "activity": 0x09}
    for header in headers:
        block = header.private_block(0x7053, "Philips PET Private Group", create=True)
        for name, value in values.items():
            block.add_new(offsets[name], "DS", value)
    return compute_suv(collect_suv_inputs(headers))


def test_philips_counts_use_the_suv_factor() -> None:
    assert philips(suv="0.000551", activity="0.7").factor == 0.000551


def test_philips_counts_use_the_activity_factor_where_the_suv_factor_is_missing_or_zero() -> None:
    for values in ({"activity": "0.5"}, {"activity": "0.5", "suv": "0.0"}):
        found = philips(**values)
        assert found.factor == pytest.approx(0.5 * 2.92128e-4, rel=1e-5)
        assert found.rule == "CNTS/START/series_time/philips_activity_factor"


def test_philips_factors_that_contradict_each_other_are_a_warning() -> None:
    assert warnings(philips(suv="0.000146064", activity="0.5")) == set()
    assert warnings(philips(suv="0.000551", activity="0.5")) == {"philips_factors_differ"}


def test_a_dose_in_megabecquerel_is_seen() -> None:
    found = record(make.injection(RadionuclideTotalDose="370"))
    assert found.factor == pytest.approx(2.92128e-4, rel=1e-5)
    assert warnings(found) == {"dose_in_mbq"}


def test_a_weight_in_grams_is_seen() -> None:
    found = record(PatientWeight="74000")
    assert found.weight_kg == 74.0
    assert "weight_in_grams" in warnings(found)


def test_an_unlikely_weight_is_a_warning() -> None:
    assert "weight_implausible" in warnings(record(PatientWeight="400"))


def test_decay_factors_of_the_scanner_are_checked() -> None:
    """Mid-frame of 180 s: 2^(89.86/6586.2) = 1.0095; 1.03 would mean another reference time."""
    assert warnings(record(DecayFactor="1.0095")) == set()
    assert warnings(record(DecayFactor="1.03")) == {"decay_factor_mismatch"}


def test_a_half_life_that_is_not_the_nuclide_s_is_a_warning() -> None:
    assert warnings(record(make.injection(RadionuclideHalfLife="6600"))) == set()
    assert warnings(record(make.injection(RadionuclideHalfLife="6700"))) == {"half_life_mismatch"}


REFUSALS: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("suv_missing_weight", {}, {"PatientWeight": None}),
    ("suv_missing_weight", {}, {"PatientWeight": "0"}),
    ("suv_missing_dose", {"RadionuclideTotalDose": None}, {}),
    ("suv_missing_dose", {"RadionuclideTotalDose": "0"}, {}),
    ("suv_dose_implausible", {"RadionuclideTotalDose": "370000"}, {}),
    ("suv_missing_half_life", {"RadionuclideHalfLife": None}, {}),
    ("suv_missing_injection_time", {"RadiopharmaceuticalStartTime": None}, {}),
    ("suv_missing_acquisition_time", {}, {"AcquisitionTime": None}),
    ("suv_injection_after_scan", {"RadiopharmaceuticalStartDateTime": "20260102113000"}, {}),
    ("suv_uptake_time_implausible", {"RadiopharmaceuticalStartDateTime": "20251202100000"}, {}),
    ("suv_units_missing", {}, {"Units": None}),
    ("suv_units_unknown", {}, {"Units": "PROPCNTS"}),
    ("suv_no_scale_factor", {}, {"Units": "CNTS"}),
    ("suv_no_scale_factor", {}, {"Units": "CNTS", "Manufacturer": "Philips Medical Systems"}),
    ("suv_type_unknown", {}, {"Units": "GML", "SUVType": "XYZ"}),
    ("suv_type_unknown", {}, {"Units": "CM2ML", "SUVType": "BW"}),
    ("suv_missing_height", {}, {"Units": "CM2ML", "PatientSize": None}),
    ("suv_height_implausible", {}, {"Units": "GML", "SUVType": "IBW", "PatientSize": "172"}),
    ("suv_missing_sex", {}, {"Units": "GML", "SUVType": "IBW", "PatientSex": None}),
    ("suv_not_attenuation_corrected", {}, {"CorrectedImage": ["DECY", "NORM"]}),
    ("suv_not_attenuation_corrected", {}, {"CorrectedImage": None}),
    ("suv_decay_correction_unknown", {}, {"DecayCorrection": None}),
    ("suv_decay_correction_unknown", {}, {"DecayCorrection": "OTHER"}),
    ("suv_decay_contradiction", {}, {"CorrectedImage": ["ATTN"]}),
    ("suv_decay_contradiction", {}, {"DecayCorrection": "NONE"}),
    (
        "suv_missing_frame_duration",
        {},
        {"DecayCorrection": "NONE", "CorrectedImage": ["ATTN"], "ActualFrameDuration": None},
    ),
]


@pytest.mark.parametrize(("code", "injected", "changes"), REFUSALS)
def test_what_is_missing_is_named_and_never_guessed(
    code: str, injected: dict[str, Any], changes: dict[str, Any]
) -> None:
    found = record(make.injection(**injected), **changes)
    assert (found.valid, found.factor) == (False, None)
    assert found.refusal_code == code
    assert found.refusal_message


def test_two_injections_are_refused() -> None:
    headers = make.pet_slices(GRID, np.ones(GRID.shape_zyx, np.int16))
    for header in headers:
        header.RadiopharmaceuticalInformationSequence = [make.injection(), make.injection()]
    assert compute_suv(collect_suv_inputs(headers)).refusal_code == "suv_several_injections"


def test_a_weight_that_differs_between_slices_is_refused() -> None:
    headers = make.pet_slices(GRID, np.ones(GRID.shape_zyx, np.int16))
    headers[1].PatientWeight = "80"
    inputs = collect_suv_inputs(headers)
    assert compute_suv(inputs).refusal_code == "suv_inconsistent"
    assert compute_suv(inputs, {"weight_kg": 74}).valid


def test_a_series_without_suv_is_still_a_volume_in_its_own_unit(tmp_path: Path) -> None:
    headers = make.pet_slices(GRID, np.ones(GRID.shape_zyx, np.int16), PatientWeight=None)
    (series,) = read_series([make.save(headers, tmp_path / "heap")]).series
    assert series.unit == "Bq/mL"
    assert series.suv is not None
    assert not series.suv.valid
    assert series.suv_max() is None


def test_corrections_make_a_new_record_and_are_named_in_it() -> None:
    first = record()
    second = compute_suv(first.inputs, {"weight_kg": 80, "dose_bq": 400e6})
    assert second.factor == pytest.approx(first.factor * (80 / 74) * (370 / 400), rel=1e-12)  # type: ignore[operator]
    assert second.corrections == {"weight_kg": 80.0, "dose_bq": 400e6}
    assert first.inputs.weight_kg == 74.0


def test_corrected_times_are_used() -> None:
    first = record()
    later = compute_suv(first.inputs, {"injection_datetime": "2026-01-02T10:30:00"})
    assert later.factor == pytest.approx(74000 / (370e6 * 2 ** (-1800 / F18)), rel=1e-12)
    moved = compute_suv(first.inputs, {"reference_datetime": "2026-01-02T12:00:00"})
    assert moved.factor == pytest.approx(74000 / (370e6 * 2 ** (-7200 / F18)), rel=1e-12)
    assert moved.rule == "BQML/START/corrected"


def test_a_corrected_dose_lifts_a_refusal() -> None:
    first = record(make.injection(RadionuclideTotalDose=None))
    assert first.refusal_code == "suv_missing_dose"
    assert compute_suv(first.inputs, {"dose_bq": 370e6}).valid


WRONG = [
    {"half_life_s": 1},
    {"weight_kg": "heavy"},
    {"weight_kg": float("nan")},
    {"weight_kg": -70},
    {"injection_datetime": "noon"},
]


@pytest.mark.parametrize("wrong", WRONG)
def test_a_correction_that_is_not_understood_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        compute_suv(record().inputs, wrong)


def test_a_record_survives_json() -> None:
    found = record(DecayFactor="1.03")
    assert SuvRecord.from_json(json.loads(json.dumps(found.to_json()))) == found
    assert compute_suv(SuvInputs.from_json(json.loads(json.dumps(found.inputs.to_json())))) == found


def test_the_screen_gets_every_input_with_its_tag() -> None:
    shown = {row["name"]: row for row in record().to_json()["shown"]}
    assert shown["weight_kg"] == {"name": "weight_kg", "tag": "(0010,1030)", "value": 74.0}
    assert shown["dose"]["tag"] == "(0018,1074)"


def test_body_measures_by_hand() -> None:
    assert lbm_james_kg(70, 175, male=True) == pytest.approx(56.52)
    assert lbm_james_kg(70, 175, male=False) == pytest.approx(51.22)
    assert lbm_janmahasatian_kg(70, 175, male=True) == pytest.approx(648900 / (6680 + 216 * 22.857143))
    assert ideal_body_weight_kg(175, male=True) == pytest.approx(72.38)
    assert body_surface_m2(70, 175) == pytest.approx(1.8481, abs=1e-4)
    assert body_mass_kg("IBW", 70, 175, "O") == pytest.approx((72.38 + 66.43) / 2)


def test_other_suvs_are_offered_where_they_can_be() -> None:
    assert record().other_factors["SUVibw"] == pytest.approx((45.5 + 0.91 * 20) / 74)
    assert set(record(PatientSize=None).other_factors.values()) == {None}
    assert record(PatientSex=None).other_factors["SUVlbm_james128"] is None
    assert record(PatientSex=None).other_factors["SUVbsa"] == pytest.approx(1.8686e4 / 74000, rel=1e-3)


def test_times_in_every_spelling_of_the_standard() -> None:
    assert parse_time("11").total_seconds() == 11 * HOUR
    assert parse_time("1130").total_seconds() == 11.5 * HOUR
    assert parse_time("113000.25").total_seconds() == 11.5 * HOUR + 0.25
    assert parse_time("11:30:00").total_seconds() == 11.5 * HOUR
    assert parse_datetime("20260102113000.5+0100") == datetime(2026, 1, 2, 11, 30, 0, 500000)
    for wrong in ("", "1", "2500", "1160", "11300x", "113000.x"):
        with pytest.raises(ValueError, match="not a DICOM"):
            parse_time(wrong)
