"""RTSTRUCT, SEG, uploads and the command line in a project that de-identifies."""

import io
import json
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from pydicom import dcmread

from annotations.accounts.models import Role
from annotations.dicom.derived import DerivedInfo, LesionInfo, Producer, SourceSeries
from annotations.dicom.seg_write import write_seg
from annotations.models import (
    Instance,
    Patient,
    PatientKey,
    Project,
    Segmentation,
    Series,
    SuvRevision,
    Version,
    Volume,
)
from annotations.segmentations.voxels import read_labels
from annotations.store.services import blob_path
from annotations.studies.services import claim_import, create_import_run, ensure_project, upload_folder
from petreview.pipeline import run_import
from petreview.store_proof import prove_store
from petreview.tasks import import_upload
from tests.builders import make_user
from tests.dicom import make
from tests.dicom.tools import verify_iod
from tests.shared_data import shared
from tests.studies.importing import TINY, codes, import_files, pet_slices, write_pet
from tests.studies.test_import_objects import lesions, write_contours
from tests.studies.test_uploads import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def hidden():
    return ensure_project(name="Hidden", deidentification="basic")


def seg_of(slices: list, labels: np.ndarray, name: str) -> bytes:
    info = DerivedInfo(Producer("manual", "Reader"), datetime(2026, 1, 3), "1", identity="seg")
    return write_seg(labels, SourceSeries(TINY, slices), [LesionInfo(1, name)], info)


def test_contours_and_segments_land_on_their_pet_voxel_for_voxel(tmp_path, hidden):
    slices = pet_slices()
    make.save(slices, tmp_path / "pet")
    write_contours(tmp_path / "rs.dcm")
    labels = np.zeros(TINY.shape_zyx, np.uint16)
    labels[1:3, 2:5, 4:8] = 1
    (tmp_path / "seg.dcm").write_bytes(seg_of(slices, labels, "Liver lesion"))
    plain = import_files(tmp_path, project=ensure_project(name="Plain"))
    moved = import_files(tmp_path, project=hidden)
    assert plain.report["refusals"] == moved.report["refusals"] == []
    assert lesions(moved) == lesions(plain)
    for title in ("Tumour", "Core", "Liver lesion"):
        one, two = (
            read_labels(Version.objects.get(segmentation__title=title, segmentation__volume=volume))
            for volume in Volume.objects.order_by("series__study__project__name")
        )
        assert np.array_equal(one, two)
    assert list(prove_store()) == []
    again = import_files(tmp_path, project=hidden)
    assert again.report == moved.report
    assert Segmentation.objects.filter(volume__series__study__project=hidden).count() == 3


def test_stored_references_name_the_stored_images(tmp_path, hidden):
    slices = pet_slices()
    make.save(slices, tmp_path / "pet")
    labels = np.zeros(TINY.shape_zyx, np.uint16)
    labels[2, 2, 2] = 1
    (tmp_path / "seg.dcm").write_bytes(seg_of(slices, labels, "L"))
    import_files(tmp_path, project=hidden)
    image_uids = set(
        Instance.objects.filter(series__modality="PT").values_list("sop_instance_uid", flat=True)
    )
    seg = dcmread(blob_path(Instance.objects.get(series__modality="SEG").blob.digest))
    (referenced,) = seg.ReferencedSeriesSequence
    assert referenced.SeriesInstanceUID == Series.objects.get(modality="PT").series_instance_uid
    assert {item.ReferencedSOPInstanceUID for item in referenced.ReferencedInstanceSequence} <= image_uids
    assert seg.PatientID == "PT-0001"
    assert seg.pixel_array.sum() == 1


def test_a_stored_seg_is_still_a_valid_object(tmp_path, hidden):
    slices = pet_slices()
    make.save(slices, tmp_path / "pet")
    labels = np.zeros(TINY.shape_zyx, np.uint16)
    labels[2, 2, 2] = 1
    (tmp_path / "seg.dcm").write_bytes(seg_of(slices, labels, "L"))
    came = verify_iod(tmp_path / "seg.dcm")
    import_files(tmp_path, project=hidden)
    stored = blob_path(Instance.objects.get(series__modality="SEG").blob.digest)
    assert verify_iod(stored) == came == []


def test_a_region_named_after_the_patient_gets_another_name(tmp_path, hidden):
    who = {"PatientID": "4711-0815", "PatientName": "Doe^Jane"}
    write_pet(tmp_path / "pet", **who)
    contours = {"GTV Doe": [(make_box(),)]}
    write_contours(tmp_path / "rs.dcm", contours, SeriesDescription="GTV of Jane Doe", **who)
    run = import_files(tmp_path, project=hidden)
    assert list(lesions(run)) == ["Region 1"]
    assert "doe" not in json.dumps(run.report).casefold()
    assert Series.objects.get(modality="RTSTRUCT").description == "GTV of"
    assert "doe" not in str(dcmread(blob_path(_contour_blob()))).casefold()


def _contour_blob() -> str:
    return Instance.objects.get(series__modality="RTSTRUCT").blob.digest


def make_box() -> np.ndarray:
    return TINY.index_to_world([(0.5, 0.5, 2), (6.5, 0.5, 2), (6.5, 4.5, 2), (0.5, 4.5, 2)])


def test_contours_that_come_in_a_later_import_find_their_pet(tmp_path, hidden):
    import_files(write_pet(tmp_path / "pet"), project=hidden)
    write_contours(tmp_path / "later" / "rs.dcm")
    run = import_files(tmp_path / "later", project=hidden)
    assert run.report["refusals"] == []
    assert Segmentation.objects.count() == 2
    assert Patient.objects.count() == PatientKey.objects.count() == 1


def test_file_names_are_numbers_in_the_report(tmp_path, hidden):
    write_pet(tmp_path / "pet" / "DOE_JANE")
    for name in ("a_Doe.txt", "z_Doe.dcm"):
        (tmp_path / "pet" / name).write_text("nothing")
    slices = pet_slices()
    slices[1].PatientWeight = "60"
    make.save(slices[1:2], tmp_path / "pet" / "DOE_JANE" / "again")
    run = import_files(tmp_path / "pet", project=hidden)
    assert sorted(codes(run)) == ["instance_conflict", "not_dicom", "not_dicom"]
    assert "doe" not in json.dumps(run.report).casefold()
    assert all(refusal["file"].startswith("file ") for refusal in run.report["refusals"])


def test_a_project_made_over_the_api_de_identifies_unless_told_otherwise():
    client = signed_in(make_user("manager", Role.DATA_MANAGER))
    made = client.post("/api/projects/", {"name": "New"}).json()
    assert made["deidentification"] == "basic"
    plain = client.post("/api/projects/", {"name": "Plain", "deidentification": "none"}).json()
    assert plain["deidentification"] == "none"
    assert client.post("/api/projects/", {"name": "X", "deidentification": "some"}).status_code == 400
    assert "secret" not in json.dumps(client.get("/api/projects/").json())


def test_an_uploaded_study_is_de_identified_and_the_upload_is_gone(tmp_path, hidden, settings):
    settings.HOME = tmp_path / "home"
    run = create_import_run(project=hidden, started_by=make_user("manager", Role.DATA_MANAGER))
    write_pet(upload_folder(run) / "DOE_JANE", PatientName="Doe^Jane")
    run.state = "queued"
    run.save()
    import_upload(str(run.pk))
    run.refresh_from_db()
    assert run.state == "done"
    assert run.report["deidentification"]["objects"] == 6
    assert not upload_folder(run).exists()
    assert not [path for path in Path(settings.HOME).rglob("*") if "DOE" in path.name]


def test_the_command_makes_a_project_that_de_identifies(tmp_path):
    write_pet(tmp_path / "pet", PatientName="Doe^Jane")
    out = io.StringIO()
    command = ("import_dicom", str(tmp_path / "pet"), "--project", "New")
    call_command(*command, "--deidentify", "basic", stdout=out)
    assert "De-identified 6 objects" in out.getvalue()
    assert Project.objects.get(name="New").deidentification == "basic"
    call_command(*command, stdout=out)  # the project's own setting counts
    assert Volume.objects.count() == 1
    with pytest.raises(CommandError, match="deidentification_fixed"):
        call_command(*command, "--deidentify", "none")


def test_a_real_scan_keeps_suv_and_contour_volume(hidden):
    data = shared("sts001_wholebody_pet")
    progress = claim_import(run=create_import_run(project=hidden))
    run = run_import([data / "PET_raw_BQML", data / "PET_RTSTRUCT"], progress=progress)
    assert run.report["refusals"] == []
    assert SuvRevision.objects.get().factor == pytest.approx(0.00024290297661, rel=1e-12)
    ((_, mass_ml),) = lesions(run)["GTV_Mass"]
    assert mass_ml == pytest.approx(366.1, abs=0.05)
    study = run.report["studies"][0]
    assert study["study_instance_uid"].startswith("2.25.")
    assert study["series"][0]["suv_max"] == pytest.approx(66.52, abs=0.005)
    assert Series.objects.get(modality="PT").tracer == "FDG"
