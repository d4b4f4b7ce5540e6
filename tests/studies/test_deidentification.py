"""An import into a project that de-identifies: nothing of the patient is left outside the key table."""

import json
import logging
from pathlib import Path

import numpy as np
import pytest
from django.apps import apps
from django.conf import settings
from pydicom import dcmread
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ImplicitVRLittleEndian,
    RLELossless,
)

from annotations.dicom.series import read_series
from annotations.models import (
    Blob,
    Instance,
    Patient,
    PatientKey,
    Project,
    Series,
    Study,
    SuvRevision,
    Volume,
)
from annotations.store.services import blob_path, read_blob
from annotations.studies.selectors import read_volume
from annotations.studies.services import ensure_project
from annotations.studies.services.projects import DeidentificationFixed
from tests.dicom import make
from tests.dicom.test_enhanced import GRID as ENHANCED
from tests.dicom.test_enhanced import enhanced_pet
from tests.studies.importing import FACTOR, TINY, codes, import_files, pet_slices

pytestmark = pytest.mark.django_db
MARK = "XMARKERX"


def project(name: str = "Hidden") -> Project:
    return ensure_project(name=name, deidentification="basic")


def marked_pet() -> list[Dataset]:
    """A PET with the marker in an attribute of every text VR, in sequences, private groups, preamble."""
    slices = pet_slices(
        PatientID=f"{MARK}-1",
        PatientName=f"{MARK}^JANE",
        PatientBirthDate="19330203",
        StudyDescription=f"PET CT of {MARK}",
        SeriesDescription=f"PET WB {MARK} AC",
        ProtocolName=f"Oncology {MARK}",
        Manufacturer=f"SIEMENS {MARK}",
        InstitutionName=f"Hospital {MARK}",
        StationName=MARK,
        BodyPartExamined=MARK,
        StudyID=MARK,
        AccessionNumber=MARK,
        PatientAddress=MARK,
        PatientComments=f"synthetic {MARK}",
        ImageComments=MARK,
        AdditionalPatientHistory=MARK,
        ReferringPhysicianName=f"DR^{MARK}",
        OperatorsName=f"OP^{MARK}",
        RetrieveURL=f"http://{MARK}",
        ScheduledStationAETitle=MARK,
        ImageType=["ORIGINAL", "PRIMARY", MARK],
        FrameOfReferenceUID=f"1.2.{MARK}",
        TextValue=MARK,
        LongCodeValue=MARK,
        DeviceSerialNumber=MARK,
        DeidentificationMethod=MARK,
        SoftwareVersions=MARK,
        ReconstructionMethod=f"OSEM {MARK}",
        CodeMeaning=MARK,
        InstanceCreationDate=MARK[:8],
        ContentTime=MARK,
    )
    for ds in slices:
        _hide_more(ds)
    return slices


def _hide_more(ds: Dataset) -> None:
    ds.preamble = (MARK.encode() * 16)[:128]
    ds.file_meta.SourceApplicationEntityTitle = MARK
    item = ds.RadiopharmaceuticalInformationSequence[0]
    item.Radiopharmaceutical = f"FDG {MARK}"
    item.RadionuclideCodeSequence[0].CodeMeaning = MARK
    request = Dataset()
    request.RequestedProcedureDescription = MARK
    ds.RequestAttributesSequence = Sequence([request])
    block = ds.private_block(0x0029, MARK, create=True)
    block.add_new(0x10, "UT", MARK)
    block.add_new(0x11, "SQ", [request])
    ds.add(DataElement(0x60003000, "OW", MARK.encode() * 2))
    ds.add(DataElement(0x50000022, "LO", MARK))
    ds.add(DataElement(0x00201041, "DS", "1.5"))


def save_marked(folder: Path) -> Path:
    """Under a file name that gives the patient away too, beside a file that is none."""
    make.save(marked_pet(), folder / MARK, prefix=MARK)
    (folder / MARK / f"{MARK}.txt").write_text(MARK)
    return folder


def test_no_marker_is_left_in_store_database_report_or_log(tmp_path, caplog, capfd):
    caplog.set_level(logging.DEBUG)
    run = import_files(save_marked(tmp_path), project=project())
    assert run.state == "done"
    assert codes(run) == ["not_dicom"]
    assert Volume.objects.count() == 1
    needle = MARK.casefold().encode()
    for blob in Blob.objects.all():
        assert needle not in read_blob(blob).lower(), blob.kind
    assert not [
        str(path) for path in Path(settings.HOME).rglob("*") if MARK.casefold() in str(path).casefold()
    ]
    for model in apps.get_app_config("annotations").get_models():
        if model is PatientKey:
            continue
        for row in model.objects.all():
            dump = json.dumps({f.attname: str(getattr(row, f.attname)) for f in model._meta.concrete_fields})
            assert MARK.casefold() not in dump.casefold(), model.__name__
    assert MARK.casefold() not in caplog.text.casefold()
    assert MARK.casefold() not in "".join(capfd.readouterr()).casefold()
    key = PatientKey.objects.get()
    assert (key.source_patient_id, key.source_patient_name) == (f"{MARK}-1", f"{MARK}^JANE")
    assert key.date_offset_days is not None
    assert key.date_offset_days < 0


def test_what_is_needed_is_still_there(tmp_path):
    import_files(save_marked(tmp_path), project=project())
    offset = PatientKey.objects.get().date_offset_days
    volume = Volume.objects.get()
    assert np.array_equal(read_volume(volume).stored, make.random_stored(TINY))
    assert SuvRevision.objects.get().factor == pytest.approx(FACTOR, rel=1e-12)
    series = Series.objects.get()
    assert series.description == "PET WB AC"
    assert series.tracer == "FDG"
    assert series.attributes["transform"] == "ps3.15-basic-1"
    stored = dcmread(blob_path(Instance.objects.first().blob.digest))
    assert stored.PatientID == str(stored.PatientName) == Patient.objects.get().pseudonym == "PT-0001"
    assert stored.PatientIdentityRemoved == "YES"
    assert "113100" in {code.CodeValue for code in stored.DeidentificationMethodCodeSequence}
    assert stored.PatientAge == "090Y"  # 92 years at the scan
    assert stored.PatientBirthDate == ""
    assert float(stored.PatientWeight) == 74.0
    assert stored.InstitutionName == stored.StationName
    assert stored.InstitutionName.startswith("CENTRE-")
    shifted = np.datetime64("2026-01-02") + np.timedelta64(offset, "D")
    assert stored.StudyDate == stored.SeriesDate == stored.AcquisitionDate == str(shifted).replace("-", "")
    assert Study.objects.get().study_date == shifted.astype(object)
    assert stored.SeriesTime == "110000"
    assert stored.pixel_array.shape == (8, 10)
    assert stored.file_meta.MediaStorageSOPInstanceUID == stored.SOPInstanceUID
    assert stored.SOPInstanceUID.startswith("2.25.")


def test_the_report_says_what_was_removed_without_saying_what_it_was(tmp_path):
    run = import_files(save_marked(tmp_path), project=project())
    done = run.report["deidentification"]
    assert done["objects"] == 6
    assert done["removed"]["PatientAddress"] == done["removed"]["private group 0029"] == 6
    assert done["emptied"]["AccessionNumber"] == done["changed"]["StudyDate"] == 6
    assert done["cleaned"]["SeriesDescription"] == 6
    assert "deidentification" not in import_files(tmp_path).report


def test_the_same_files_again_change_nothing(tmp_path):
    folder, hidden = save_marked(tmp_path), project()
    models = (Blob, Patient, PatientKey, Study, Series, Instance, Volume, SuvRevision)
    first = import_files(folder, project=hidden)
    counts = [model.objects.count() for model in models]
    second = import_files(folder, project=hidden)
    assert second.report == first.report
    assert [model.objects.count() for model in models] == counts


def test_new_slices_of_a_stored_series_join_it(tmp_path):
    """The stored files carry the pseudonym, the new ones the PatientID: one patient, one series."""
    slices, hidden = marked_pet(), project()
    import_files(make.save(slices[:3], tmp_path / "first"), project=hidden)
    run = import_files(make.save(slices[3:], tmp_path / "later"), project=hidden)
    assert run.report["refusals"] == []
    assert run.report["studies"][0]["series"][0]["shape_zyx"] == [6, 8, 10]
    assert Patient.objects.count() == Series.objects.count() == 1
    assert Instance.objects.count() == 6


def test_other_content_under_a_known_uid_is_a_conflict_here_too(tmp_path):
    hidden = project()
    import_files(make.save(marked_pet(), tmp_path / "a"), project=hidden)
    changed = marked_pet()
    changed[2].PatientWeight = "99"
    assert codes(import_files(make.save(changed, tmp_path / "b"), project=hidden)) == ["instance_conflict"]


def test_pseudonyms_and_uids_are_stable_in_a_project_and_differ_between_projects(tmp_path):
    folder = make.save(marked_pet(), tmp_path / "a")
    other_study = make.save(
        pet_slices(series="later", StudyInstanceUID="2.25.77", PatientID=f"{MARK}-1"), tmp_path / "b"
    )
    one, two = project("One"), project("Two")
    for target in (one, two):
        import_files(folder, project=target)
    import_files(other_study, project=one)
    assert one.patients.count() == 1
    assert one.studies.count() == 2
    uids = [set(p.studies.values_list("study_instance_uid", flat=True)) for p in (one, two)]
    assert uids[0].isdisjoint(uids[1])
    offsets = {key.project.name: key.date_offset_days for key in PatientKey.objects.all()}
    dates = set(one.studies.values_list("study_date", flat=True))
    assert len(dates) == 1, "both studies were moved by the same offset"
    assert offsets["One"] != offsets["Two"]


def test_a_study_of_two_patients_is_still_refused(tmp_path):
    hidden = project()
    import_files(make.save(pet_slices(), tmp_path / "a"), project=hidden)
    other = make.save(pet_slices(series="other", PatientID="SOMEBODY-ELSE"), tmp_path / "b")
    assert codes(import_files(other, project=hidden)) == ["patient_mismatch"]
    assert Patient.objects.count() == 1


def test_a_refused_series_leaves_no_patient_behind(tmp_path):
    slices = pet_slices()
    run = import_files(make.save(slices[:2] + slices[3:], tmp_path), project=project())
    assert codes(run) == ["missing_slice"]
    assert not Patient.objects.exists()
    assert not Instance.objects.exists()


def test_a_phantom_still_says_that_it_is_one(tmp_path):
    folder = make.save(pet_slices(PatientComments="A SYNTHETIC PHANTOM, no patient"), tmp_path)
    import_files(folder, project=project())
    assert Study.objects.get().is_synthetic


def test_screen_saves_and_burned_in_text_stay_out(tmp_path):
    burned = make.save(pet_slices(BurnedInAnnotation="YES"), tmp_path / "burned")
    assert set(codes(import_files(burned, project=project()))) == {"burned_in_text"}
    saved = make.save(pet_slices(ImageType=["DERIVED", "SECONDARY", "SCREEN SAVE"]), tmp_path / "saved")
    assert set(codes(import_files(saved, project=project()))) == {"screen_capture"}
    captured = make.save(pet_slices(SOPClassUID="1.2.840.10008.5.1.4.1.1.7"), tmp_path / "captured")
    assert set(codes(import_files(captured, project=project()))) == {"unsupported_sop_class"}
    assert not Instance.objects.exists()


def test_the_setting_of_a_project_cannot_be_changed_by_an_import(tmp_path):
    project()
    with pytest.raises(DeidentificationFixed):
        ensure_project(name="Hidden", deidentification="none")
    assert ensure_project(name="Hidden").deidentification == "basic"
    assert ensure_project(name="Plain").deidentification == "none"


@pytest.mark.parametrize(
    "syntax", [ImplicitVRLittleEndian, ExplicitVRBigEndian, DeflatedExplicitVRLittleEndian, RLELossless]
)
def test_every_encoding_is_written_back_as_it_came(tmp_path, syntax):
    slices = marked_pet()
    for ds in slices:
        if syntax == RLELossless:
            ds.compress(RLELossless, encoding_plugin="pydicom", generate_instance_uid=False)
        if syntax == ExplicitVRBigEndian:
            del ds[0x60003000]
            ds.PixelData = np.frombuffer(ds.PixelData, np.int16).astype(">i2").tobytes()
            ds["PixelData"].VR = "OW"
        ds.file_meta.TransferSyntaxUID = syntax
    run = import_files(make.save(slices, tmp_path), project=project())
    assert run.report["refusals"] == []
    assert np.array_equal(read_volume(Volume.objects.get()).stored, make.random_stored(TINY))
    stored = blob_path(Instance.objects.first().blob.digest)
    assert dcmread(stored).file_meta.TransferSyntaxUID == syntax
    (series,) = read_series([blob_path(one.blob.digest) for one in Instance.objects.all()]).series
    assert np.array_equal(series.volume.stored, make.random_stored(TINY))
    assert MARK.encode() not in read_blob(Instance.objects.first().blob)


def test_a_multi_frame_pet_keeps_voxels_and_suv(tmp_path):
    voxels = make.random_stored(ENHANCED)
    made = enhanced_pet(voxels, PatientName=f"{MARK}^JANE", OperatorsName=MARK)
    made.SharedFunctionalGroupsSequence[0].FrameAnatomySequence = [Dataset()]
    made.SharedFunctionalGroupsSequence[0].FrameAnatomySequence[0].FrameLaterality = MARK
    folder = make.save([made], tmp_path)
    import_files(folder, project=ensure_project(name="Plain"))
    run = import_files(folder, project=project())
    assert run.report["refusals"] == []
    one, two = Volume.objects.order_by("series__study__project__name")
    assert np.array_equal(read_volume(one).stored, voxels)
    assert np.array_equal(read_volume(two).stored, voxels)
    factors = {revision.factor for revision in SuvRevision.objects.all()}
    assert len(factors) == 1
    assert None not in factors
    hidden = Instance.objects.get(series__study__project__name="Hidden")
    assert MARK.encode() not in read_blob(hidden.blob)
    (frame, *_) = dcmread(blob_path(hidden.blob.digest)).PerFrameFunctionalGroupsSequence
    offset = PatientKey.objects.get(project__name="Hidden").date_offset_days
    moved = str(np.datetime64("2026-01-02") + np.timedelta64(offset, "D")).replace("-", "")
    assert frame.FrameContentSequence[0].FrameAcquisitionDateTime == f"{moved}110000"
