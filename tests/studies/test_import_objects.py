"""RTSTRUCT and SEG through the whole import, on small grids with hand-counted voxels."""

from pathlib import Path

import numpy as np
import pytest
from pydicom.dataset import FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

from annotations.imaging.geometry import Grid
from annotations.models import Instance, Segmentation, Series, Version, Volume
from annotations.segmentations.voxels import read_labels
from tests.dicom import make
from tests.dicom.test_objects_of_others import box, rtstruct
from tests.studies.importing import TINY, codes, import_files, pet_slices, write_pet

pytestmark = pytest.mark.django_db
BOTH = {
    "Tumour": [(box(0.5, 6.5, 0.5, 4.5, 2, TINY),), (box(0.5, 6.5, 0.5, 4.5, 3, TINY),)],
    "Core": [(box(2.5, 4.5, 1.5, 3.5, 2, TINY),)],
}


def write_contours(path: Path, rois: dict = BOTH, *, frame: str = make.FRAME, **tags: object) -> Path:
    ds = rtstruct(rois, frame=frame)
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ds.file_meta.MediaStorageSOPClassUID = ds.SOPClassUID
    ds.file_meta.MediaStorageSOPInstanceUID = ds.SOPInstanceUID
    ds.StudyInstanceUID, ds.SeriesInstanceUID = make.STUDY, generate_uid()
    ds.PatientID, ds.PatientName, ds.Manufacturer = "SYNTHETIC-1", "SYNTHETIC^Test", "Somebody"
    make.apply(ds, tags)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(make.encode(ds))
    return path


def lesions(run) -> dict[str, list[tuple[str, float]]]:
    return {
        one["label"]: [(lesion["name"], lesion["volume_ml"]) for lesion in one["lesions"]]
        for study in run.report["studies"]
        for one in study["segmentations"]
    }


def test_overlapping_rois_become_siblings_and_no_voxel_is_lost(tmp_path):
    write_pet(tmp_path / "pet")
    write_contours(tmp_path / "rs.dcm")
    run = import_files(tmp_path)
    ml = 4.0 * 3.0 * 5.0 / 1000
    assert lesions(run) == {
        "Tumour": [("Tumour", pytest.approx(48 * ml))],
        "Core": [("Core", pytest.approx(4 * ml))],
    }
    maps = {one.title: read_labels(one.versions.get()) for one in Segmentation.objects.all()}
    assert np.count_nonzero(maps["Tumour"]) == 48
    assert np.count_nonzero(maps["Core"]) == 4
    assert maps["Tumour"][2, 2:4, 3:5].all()
    version = Version.objects.get(segmentation__title="Core")
    assert (version.producer_kind, version.producer_name, version.tool) == ("import", "Somebody", "import")
    assert version.segmentation.source_series.modality == "RTSTRUCT"
    assert version.lesions.get().source == "import"


def test_rois_apart_share_one_segmentation_named_after_the_object(tmp_path):
    rois = {"One": [(box(0.5, 2.5, 0.5, 2.5, 2, TINY),)], "Two": [(box(5.5, 7.5, 0.5, 2.5, 2, TINY),)]}
    write_pet(tmp_path / "pet")
    write_contours(tmp_path / "rs.dcm", rois, SeriesDescription="Contours")
    assert list(lesions(import_files(tmp_path))) == ["Contours"]
    assert list(Version.objects.get().lesions.values_list("label", "name")) == [(1, "One"), (2, "Two")]


def test_contours_of_another_frame_of_reference_are_refused_and_not_stored(tmp_path):
    write_pet(tmp_path / "pet")
    write_contours(tmp_path / "rs.dcm", frame="2.25.77")
    run = import_files(tmp_path)
    assert codes(run) == ["frame_of_reference_mismatch"]
    assert not Segmentation.objects.exists()
    assert not Series.objects.filter(modality="RTSTRUCT").exists()


def test_contours_of_a_later_study_of_the_patient_in_the_same_frame_are_used(tmp_path):
    import_files(write_pet(tmp_path / "pet"))
    run = import_files(write_contours(tmp_path / "rs.dcm", StudyInstanceUID="2.25.5"))
    assert set(lesions(run)) == {"Tumour", "Core"}
    assert run.report["studies"][0]["study_instance_uid"] == make.STUDY


def test_a_roi_that_cannot_be_used_is_refused_by_name_and_the_others_are_kept(tmp_path):
    write_pet(tmp_path / "pet")
    write_contours(tmp_path / "rs.dcm", {"Empty": [], "Core": BOTH["Core"]})
    run = import_files(tmp_path)
    assert [(one["file"], one["code"]) for one in run.report["refusals"]] == [
        ("rs.dcm: Empty", "no_contours")
    ]
    assert set(lesions(run)) == {"Core"}


def test_an_object_with_nothing_usable_is_not_stored(tmp_path):
    write_pet(tmp_path / "pet")
    write_contours(tmp_path / "rs.dcm", {"Empty": []})
    assert codes(import_files(tmp_path)) == ["no_contours"]
    assert Instance.objects.count() == 6


def test_contours_stay_on_their_volume_when_the_series_grows(tmp_path):
    slices = pet_slices()
    import_files(make.save(slices[:5], tmp_path / "first"))
    old = Volume.objects.get()
    contours = write_contours(tmp_path / "rs.dcm")
    first = import_files(contours)
    import_files(make.save(slices[5:], tmp_path / "later"))
    assert import_files(contours).report == first.report
    assert set(Segmentation.objects.values_list("volume", flat=True)) == {old.pk}
    assert Segmentation.objects.count() == 2


def test_contours_drawn_on_one_of_two_pets_go_there(tmp_path):
    short = Grid((4, 8, 10), TINY.spacing_xyz_mm, TINY.origin_xyz_mm)
    import_files(write_pet(tmp_path / "pet"), write_pet(tmp_path / "short", short, series="short"))
    drawn_on = Volume.objects.get(grid__shape_zyx=[4, 8, 10])
    ds_path = write_contours(tmp_path / "rs.dcm")
    named = reference(ds_path, drawn_on.series.series_instance_uid)
    import_files(named)
    assert set(Segmentation.objects.values_list("volume", flat=True)) == {drawn_on.pk}


def reference(path: Path, series_uid: str) -> Path:
    from pydicom import dcmread
    from pydicom.dataset import Dataset

    ds, frame, study, series = dcmread(path), Dataset(), Dataset(), Dataset()
    series.SeriesInstanceUID = series_uid
    study.RTReferencedSeriesSequence = [series]
    frame.RTReferencedStudySequence = [study]
    frame.FrameOfReferenceUID = make.FRAME
    ds.ReferencedFrameOfReferenceSequence = [frame]
    path.write_bytes(make.encode(ds))
    return path


def test_a_pet_without_suv_gives_volumes_and_no_suv(tmp_path):
    write_pet(tmp_path / "pet", PatientWeight=None)
    write_contours(tmp_path / "rs.dcm", {"Core": BOTH["Core"]})
    (study,) = import_files(tmp_path).report["studies"]
    (lesion,) = study["segmentations"][0]["lesions"]
    assert lesion["volume_ml"] == pytest.approx(4 * 0.06)
    assert (lesion["suv_max"], lesion["suv_mean"]) == (None, None)


def test_texts_that_no_database_keeps_do_not_stop_an_import(tmp_path):
    write_pet(tmp_path / "pet", StudyDescription="PET\x07CT \x00end", Manufacturer="M\x00aker")
    rois = {"Le\x00sion\x1f 1": BOTH["Core"]}
    write_contours(tmp_path / "rs.dcm", rois)
    run = import_files(tmp_path)
    assert run.state == "done"
    assert Volume.objects.get().series.study.description == "PET CT  end"
    assert Version.objects.get().lesions.get().name == "Le sion  1"


@pytest.mark.parametrize("tag", ["StudyInstanceUID", "SeriesInstanceUID", "FrameOfReferenceUID", "PatientID"])
def test_an_identity_that_cannot_be_kept_is_refused(tmp_path, tag):
    run = import_files(write_pet(tmp_path, **{tag: "1.2/../\x01" + "9" * 200}))
    assert set(codes(run)) == {"bad_tag"}
    assert not Volume.objects.exists()
