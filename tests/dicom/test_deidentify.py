"""What the de-identifying transform keeps, moves and takes out of one object."""

import copy
import tarfile
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from dicomanonymizer.dicom_anonymization_databases import dicomfields_2026c as table_e1_1
from hypothesis import given
from hypothesis import strategies as st
from pydicom.dataset import Dataset
from pydicom.tag import Tag
from pydicom.uid import generate_uid

from annotations.dicom.deidentify import BasicProfile, KnownPatient, hide_names
from annotations.dicom.deidentify.elements import Cleaner
from annotations.dicom.deidentify.moments import age_at, grouped_age, shift_date, shift_datetime
from annotations.dicom.deidentify.profile import _rule
from annotations.dicom.deidentify.words import clean_text, is_known_code
from annotations.dicom.part10 import parse_part10
from annotations.dicom.read_files import Heap, read_heap
from annotations.dicom.refusals import BadTag, MissingTag, Refusal
from annotations.dicom.suv import SuvRecord, compute_suv
from annotations.dicom.suv_inputs import collect_suv_inputs
from annotations.dicom.transform import SourcePatient
from annotations.imaging.geometry import Grid
from tests.dicom import make
from tests.dicom.test_objects_of_others import box, rtstruct
from tests.dicom.test_suv_reference_objects import NAMES
from tests.shared_data import shared

GRID = Grid((3, 2, 2), (4.0, 4.0, 4.0))
SECRET = bytes(range(32))


def slices(injected: Dataset | None = None, **changes: Any) -> list[Dataset]:
    stored = np.ones(GRID.shape_zyx, np.int16)
    return make.pet_slices(GRID, stored, injected=injected or make.injection(), **changes)


def read_back(datasets: list[Dataset]) -> list[Dataset]:
    """As they come from a file, without pixels."""
    return [parse_part10(make.encode(ds)).header for ds in datasets]


def suv_of(headers: list[Dataset]) -> SuvRecord:
    return compute_suv(collect_suv_inputs(headers))


def deidentified(headers: list[Dataset], profile: BasicProfile | None = None) -> list[Dataset]:
    profile = profile or BasicProfile(SECRET)
    return [profile(header) for header in headers]


def assert_suv_is_the_same(before: list[Dataset]) -> tuple[SuvRecord, SuvRecord]:
    there = suv_of(before)
    profile = BasicProfile(SECRET)
    here = suv_of(deidentified(before, profile))
    assert there.valid, there.refusal_message
    assert here.factor == there.factor
    assert here.rule == there.rule
    moved = timedelta(days=profile.offset_days("SYNTHETIC-1"))
    assert datetime.fromisoformat(here.reference_datetime) == (
        datetime.fromisoformat(there.reference_datetime) + moved
    )
    return there, here


def private(ds: Dataset, group: int, creator: str, offset: int, vr: str, value: str) -> Dataset:
    ds.private_block(group, creator, create=True).add_new(offset, vr, value)
    return ds


# -- SUV -----------------------------------------------------------------------------------------


def test_suv_is_the_same_after_as_before() -> None:
    assert_suv_is_the_same(read_back(slices()))


def test_suv_is_the_same_across_midnight() -> None:
    """Injected at 23:30 without a date, scanned at 00:40 the next day."""
    late = make.injection(RadiopharmaceuticalStartTime="233000")
    headers = read_back(slices(late, SeriesTime="004000", AcquisitionTime="004000"))
    there, _ = assert_suv_is_the_same(headers)
    assert there.decayed_dose_bq == pytest.approx(370e6 * 2 ** (-70 * 60 / 6586.2))


def test_suv_is_the_same_across_midnight_with_a_dated_injection() -> None:
    late = make.injection(RadiopharmaceuticalStartDateTime="20260101233000.500000+0100")
    headers = read_back(slices(late, SeriesTime="004000", AcquisitionTime="004000"))
    there, _ = assert_suv_is_the_same(headers)
    assert there.decayed_dose_bq == pytest.approx(370e6 * 2 ** (-(70 * 60 - 0.5) / 6586.2))


@pytest.mark.parametrize(
    ("maker", "group", "creator", "offset"),
    [
        ("GE MEDICAL SYSTEMS", 0x0009, "GEMS_PETD_01", 0x0D),
        ("SIEMENS", 0x0071, "SIEMENS MED PT", 0x22),
    ],
)
def test_a_private_scan_time_moves_with_the_rest(maker: str, group: int, creator: str, offset: int) -> None:
    """The series was made later than the scan: the vendor's own time counts, here the day before."""
    made = slices(Manufacturer=maker, SeriesDate="20260103", SeriesTime="000100")
    for ds in made:
        ds.AcquisitionDate, ds.AcquisitionTime = "20260102", "235500"
        ds.RadiopharmaceuticalInformationSequence[0].RadiopharmaceuticalStartTime = "225000"
        private(ds, group, creator, offset, "DT", "20260102235000.00")
        private(ds, group, creator, offset + 1, "LO", "SOMEBODY")
    headers = read_back(made)
    there, here = assert_suv_is_the_same(headers)
    assert there.rule.endswith("vendor_scan_time")
    assert here.inputs.vendor_scan_datetime != there.inputs.vendor_scan_datetime
    left = [element for element in headers[0] if element.tag.is_private]
    assert left[0].value == creator
    assert len(left) == 2


def test_a_private_scan_time_that_lost_its_creator_is_kept() -> None:
    made = slices(Manufacturer="GE MEDICAL SYSTEMS", SeriesTime="120000")
    for ds in made:
        ds.add_new(0x0009100D, "DT", "20260102105900.00")
    assert_suv_is_the_same(read_back(made))


def test_philips_factors_are_kept_and_nothing_else_of_philips() -> None:
    made = slices(Manufacturer="Philips Medical Systems", Units="CNTS")
    for ds in made:
        private(ds, 0x7053, "Philips PET Private Group", 0x00, "DS", "0.000412")
        private(ds, 0x7053, "Philips PET Private Group", 0x09, "DS", "1.5")
        private(ds, 0x7053, "Philips PET Private Group", 0x18, "LO", "Doe^Jane")
    headers = read_back(made)
    before = suv_of(headers)
    after = suv_of(deidentified(headers))
    assert (after.factor, after.rule) == (before.factor, before.rule)
    assert after.factor is not None
    assert "Doe" not in str(headers[0])


@pytest.mark.parametrize(
    ("keyword", "value"),
    [("SeriesTime", "SOMEBODY"), ("AcquisitionDate", "SOMEBODY"), ("PatientWeight", "SOMEBODY")],
)
def test_a_value_that_suv_needs_and_nobody_can_read_refuses_the_object(keyword: str, value: str) -> None:
    """Left out it would be another SUV. The message does not repeat it."""
    (header, *_) = read_back(slices())
    header[keyword]._value = value
    with pytest.raises(BadTag) as refused:
        BasicProfile(SECRET)(header)
    assert value not in refused.value.message


def test_a_private_time_nobody_can_read_refuses_the_object() -> None:
    (header, *_) = read_back([private(ds, 0x0009, "GEMS_PETD_01", 0x0D, "LO", "Jane") for ds in slices()])
    with pytest.raises(BadTag, match="private value"):
        BasicProfile(SECRET)(header)


@pytest.fixture(scope="module")
def reference_objects(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dro")
    with tarfile.open(shared("ibsi_suv_dro") / "dro.tar.xz") as archive:
        archive.extractall(folder, filter="data")
    return folder / "DRO"


@pytest.mark.parametrize("name", NAMES)
def test_suv_of_the_reference_objects_is_the_same(reference_objects: Path, name: str) -> None:
    files = sorted((reference_objects / f"DRO_{name}" / "PT").iterdir())
    headers = [parse_part10(path.read_bytes()).header for path in (*files[:3], *files[-3:])]
    before = suv_of(headers)
    after = suv_of(deidentified(headers))
    assert before.factor is not None
    assert (after.factor, after.rule) == (before.factor, before.rule)
    assert {w.code for w in after.warnings} == {w.code for w in before.warnings}


# -- dates, ages -----------------------------------------------------------------------------------


@given(st.dates(min_value=datetime(1950, 1, 1).date()), st.integers(-3680, -30))
def test_dates_move_by_whole_days(day: Any, offset: int) -> None:
    moved = shift_date(day.strftime("%Y%m%d"), offset)
    assert moved is not None
    assert datetime.strptime(moved, "%Y%m%d").date() == day + timedelta(days=offset)


def test_date_times_keep_their_time_of_day() -> None:
    assert shift_datetime("20260301003000.25", -1) == "20260228003000.250000"
    assert shift_datetime("20240301235959+0100", -1) == "20240229235959"
    assert shift_datetime("SOMEBODY", -1) is None
    assert shift_date("00010101", -1) is None


def test_one_offset_for_all_objects_of_a_patient_and_another_for_the_next() -> None:
    profile = BasicProfile(SECRET)
    offsets = {name: profile.offset_days(name) for name in ("A", "B", "C", "D")}
    assert len(set(offsets.values())) == 4
    assert all(-3680 <= days <= -30 for days in offsets.values())
    assert {name: BasicProfile(SECRET).offset_days(name) for name in offsets} == offsets
    assert BasicProfile(bytes(32)).offset_days("A") != offsets["A"]


def test_a_known_patient_keeps_pseudonym_and_offset() -> None:
    known = KnownPatient(SourcePatient("SYNTHETIC-1", "SYNTHETIC^Test", -77), "PT-0042")
    profile = BasicProfile(SECRET, [known])
    (header, *_) = deidentified(read_back(slices()), profile)
    assert header.PatientID == "PT-0042"
    assert header.StudyDate == shift_date("20260102", -77)
    assert profile.source_of("PT-0042") == known.source


@pytest.mark.parametrize(
    ("age", "expected"),
    [("089Y", "089Y"), ("090Y", "090Y"), ("104Y", "090Y"), ("059Y", "059Y"), ("006M", "006M"), ("59", None)],
)
def test_ages_over_89_are_one_group(age: str, expected: str | None) -> None:
    assert grouped_age(age) == expected


def test_the_age_is_reckoned_before_the_birth_date_goes() -> None:
    assert age_at("19660103", "20260102") == "059Y"
    assert age_at("19660102", "20260102") == "060Y"
    (header, *_) = deidentified(read_back(slices(PatientBirthDate="19300101")))
    assert (header.PatientAge, header.PatientBirthDate) == ("090Y", "")


# -- attributes --------------------------------------------------------------------------------------


def test_nothing_that_the_basic_profile_removes_stays_except_under_a_named_option() -> None:
    """Against another project's table of PS3.15 E.1-1 (2026c)."""
    cleaned = {Cleaner.text, Cleaner.region_name, Cleaner.place}  # clean descriptors
    moved = {Cleaner.date, Cleaner.time, Cleaner.datetime}  # modified dates
    made_new = {Cleaner.uid, Cleaner.empty, Cleaner.replaced, Cleaner.dummy}
    characteristics = {"PatientSex", "PatientAge", "PatientSize", "PatientWeight"}
    references = {"ReferencedImageSequence", "SourceImageSequence"}  # "U" in the table: UIDs are replaced
    lists = [name for name in dir(table_e1_1) if name.endswith("_TAGS") and name != "ALL_TAGS"]
    tags = [tag for name in lists for tag in getattr(table_e1_1, name) if len(tag) == 2]
    assert len(tags) > 600
    for tag in map(Tag, tags):
        keyword, rule = _rule(tag)
        allowed = rule is None or rule in cleaned | moved | made_new
        assert allowed or keyword in characteristics | references, keyword
    assert not any(_rule(Tag(group, 0x0010))[1] for group in (0x0009, 0x5000, 0x6000, 0x6002))


def test_only_technical_words_stay_in_descriptions() -> None:
    assert clean_text("PET WB 3D MAC (Jane Doe, 12345678)") == "PET WB 3D MAC"
    assert clean_text("[64Cu]Cu-DOTATATE") == "[64Cu]Cu-DOTATATE"
    assert clean_text("GE MEDICAL SYSTEMS") == "GE MEDICAL SYSTEMS"
    assert clean_text("Müller") == ""
    assert clean_text("PET Brain", {"brain"}) == "PET"
    assert not is_known_code("DOEJANE")


def test_an_unknown_code_is_replaced_so_that_what_differed_still_differs() -> None:
    first, second, same = (
        deidentified(read_back(slices(ImageType=["ORIGINAL", "PRIMARY", code])))[0].ImageType
        for code in ("DOE", "ROE", "DOE")
    )
    assert list(first[:2]) == ["ORIGINAL", "PRIMARY"]
    assert first[2] != second[2]
    assert first == same
    assert "DOE" not in first[2]


def test_a_coded_meaning_is_the_standard_s_own() -> None:
    injected = make.injection()
    injected.RadionuclideCodeSequence[0].CodeMeaning = "Jane Doe"
    foreign = Dataset()
    foreign.CodeValue, foreign.CodingSchemeDesignator, foreign.CodeMeaning = "DOE", "99HOSPITAL", "Jane Doe"
    injected.RadiopharmaceuticalCodeSequence = [foreign]
    (header, *_) = deidentified(read_back(slices(injected)))
    item = header.RadiopharmaceuticalInformationSequence[0]
    assert "luorine" in item.RadionuclideCodeSequence[0].CodeMeaning
    assert "RadiopharmaceuticalCodeSequence" not in item


def test_text_under_the_number_of_another_attribute_goes() -> None:
    (header, *_) = read_back(slices())
    header.add_new(Tag("SliceLocation"), "LO", "Jane Doe")
    header.add_new(Tag("TableHeight"), "DS", "1")
    header["TableHeight"]._value = "Jane"
    BasicProfile(SECRET)(header)
    assert "SliceLocation" not in header
    assert "TableHeight" not in header


def test_an_object_without_patient_id_is_refused() -> None:
    (header, *_) = read_back(slices(PatientID=""))
    with pytest.raises(MissingTag):
        BasicProfile(SECRET)(header)


def test_a_dose_sheet_among_ct_slices_is_refused() -> None:
    for changes in ({"SeriesDescription": "Dose Report"}, {"ImageType": ["DERIVED", "SECONDARY", "PROT"]}):
        (header, *_) = read_back(slices(modality="CT", **changes))
        with pytest.raises(Exception, match="dose sheet"):
            BasicProfile(SECRET)(header)


# -- references, contours ----------------------------------------------------------------------------


def contours(pet: list[Dataset], names: list[str]) -> Dataset:
    points = box(0, 1, 0, 1, 0, GRID)
    ds = rtstruct({name: [(points, str(pet[0].SOPInstanceUID))] for name in names})
    ds.file_meta = copy.deepcopy(pet[0].file_meta)
    ds.file_meta.MediaStorageSOPClassUID = ds.SOPClassUID
    ds.StudyInstanceUID, ds.SeriesInstanceUID = pet[0].StudyInstanceUID, generate_uid()
    ds.PatientID, ds.PatientName = "4711-0815", "Doe^Jane"
    ds.StructureSetLabel, ds.StructureSetDate = "GTV Doe", "20260105"
    frame, study, series = Dataset(), Dataset(), Dataset()
    series.SeriesInstanceUID = pet[0].SeriesInstanceUID
    study.ReferencedSOPInstanceUID, study.RTReferencedSeriesSequence = pet[0].StudyInstanceUID, [series]
    frame.FrameOfReferenceUID, frame.RTReferencedStudySequence = make.FRAME, [study]
    ds.ReferencedFrameOfReferenceSequence = [frame]
    return ds


def test_contours_still_name_their_pet_and_keep_their_shape() -> None:
    pet = slices()
    (struct,) = read_back([contours(pet, ["GTV_Mass"])])
    drawn = [str(v) for v in struct.ROIContourSequence[0].ContourSequence[0].ContourData]
    profile = BasicProfile(SECRET)
    images = deidentified(read_back(pet), profile)
    (struct,) = deidentified([struct], profile)
    inner = struct.ROIContourSequence[0].ContourSequence[0]
    assert inner.ContourImageSequence[0].ReferencedSOPInstanceUID == images[0].SOPInstanceUID
    assert struct.StructureSetROISequence[0].ReferencedFrameOfReferenceUID == images[0].FrameOfReferenceUID
    referenced = struct.ReferencedFrameOfReferenceSequence[0].RTReferencedStudySequence[0]
    series = referenced.RTReferencedSeriesSequence[0]
    assert series.SeriesInstanceUID == images[0].SeriesInstanceUID
    assert images[0].StudyInstanceUID != make.STUDY
    assert referenced.ReferencedSOPInstanceUID == images[0].StudyInstanceUID
    assert struct.StudyInstanceUID == images[0].StudyInstanceUID
    assert [str(v) for v in inner.ContourData] == drawn
    assert struct.SOPClassUID == "1.2.840.10008.5.1.4.1.1.481.3"


def test_region_names_stay_unless_they_give_the_patient_away() -> None:
    names = ["Leber links", "GTV_jane", "4711-0815 node", "GTV 2026-01-05", "Janet", "DOE", "L 17"]
    (struct,) = deidentified(read_back([contours(slices(), names)]))
    kept = [roi.ROIName for roi in struct.StructureSetROISequence]
    assert kept == ["Leber links", "Region 2", "Region 3", "Region 4", "Region 5", "Region 6", "L 17"]
    assert struct.StructureSetLabel == "GTV"


def test_standard_uids_stay() -> None:
    (header, *_) = deidentified(read_back(slices()))
    assert header.SOPClassUID == "1.2.840.10008.5.1.4.1.1.128"
    assert header.file_meta.TransferSyntaxUID == "1.2.840.10008.1.2.1"


def test_it_can_be_called_from_several_threads() -> None:
    headers = read_back(slices() * 20)
    for number, header in enumerate(headers):
        header.PatientID, header.SOPInstanceUID = f"ID {number % 5}", f"1.2.{number}"
    profile = BasicProfile(SECRET)
    with ThreadPoolExecutor(4) as pool:
        shown = [header.PatientID for header in pool.map(profile, headers)]
    assert len(set(shown)) == 5
    assert profile.report()["objects"] == 60
    assert profile.report()["changed"]["StudyDate"] == 60


def test_file_names_are_numbered_and_go_from_messages_too(tmp_path: Path) -> None:
    """Names with quotes of their own, and a second file that names the first one."""
    first, second = slices()[0], slices(PatientWeight="60")[0]
    make.save([first], tmp_path, prefix='O\'Brien "Jane" ')
    make.save([second], tmp_path, prefix="P'Doe ")
    (tmp_path / "Roe.txt").write_text("")
    heap = hide_names(read_heap([tmp_path]))
    assert [file.source.name for file in heap.files] == ["file 1"]
    assert {one.file: one.code for one in heap.refusals} == {
        "file 2": "instance_conflict",
        "file 3": "not_dicom",
    }
    said = " ".join(one.message for one in heap.refusals)
    assert "'file 1'" in said
    assert not any(name in said for name in ("Brien", "Jane", "Doe", "Roe"))


def test_many_refused_files_are_named_in_no_time() -> None:
    refused = tuple(Refusal(f"DOE/{n:05d}.txt", "not_dicom", "No DICOM.") for n in range(20_000))
    began = time.perf_counter()
    hidden = hide_names(Heap((), refused, 0))
    assert time.perf_counter() - began < 5
    assert hidden.refusals[-1].file == "file 20000"
