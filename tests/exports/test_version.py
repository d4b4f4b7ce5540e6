"""A version written as DICOM and NIfTI, read back through our own import and by others' readers."""

import io

import numpy as np
import pydicom
import pytest
import SimpleITK as sitk
from django.core.management import CommandError, call_command

from annotations.accounts.models import Role
from annotations.exports.versions import FORMATS, export_version, is_unverified
from annotations.models import Segmentation, Version
from annotations.segmentations.voxels import read_labels
from annotations.studies.models import Volume
from tests.builders import boxes, make_reader_study, make_user, model_version
from tests.dicom import make, tools
from tests.dicom.test_enhanced import enhanced_pet
from tests.reads.scenes import Reader
from tests.studies.importing import TINY, import_files, write_pet

pytestmark = pytest.mark.django_db
LABELS = boxes(TINY, L1=np.s_[1:4, 2:5, 2:6], L7=np.s_[4:6, 6:8, 7:10])
LABELS[2, 3, 3] = 0  # a hole


@pytest.fixture
def volume(tmp_path) -> Volume:
    import_files(write_pet(tmp_path / "pet"))
    return Volume.objects.get()


@pytest.fixture
def version(volume) -> Version:
    info = {7: {"name": "Liver lesion", "site": "liver", "comment": "edge"}}
    return model_version(volume, LABELS, lesion_info=info)


@pytest.mark.parametrize("form", ["rtstruct", "seg"])
def test_a_dicom_export_comes_back_voxel_for_voxel(version, tmp_path, form):
    path = tmp_path / "out.dcm"
    path.write_bytes(export_version(version, form).content)
    run = import_files(path, project=version.segmentation.volume.series.study.project)
    assert run.report["refusals"] == []
    back = Segmentation.objects.get(source_series__isnull=False).versions.get()
    assert [lesion.name for lesion in back.lesions.all()] == ["Lesion 1", "Liver lesion"]
    assert np.array_equal(read_labels(back), LABELS)


@pytest.mark.parametrize("form", ["rtstruct", "seg"])
def test_a_dicom_export_passes_dciodvfy(version, tmp_path, form):
    path = tmp_path / "out.dcm"
    path.write_bytes(export_version(version, form).content)
    assert tools.verify_iod(path) == []


def test_a_nifti_export_has_the_geometry_of_the_pet(version, tmp_path):
    path = tmp_path / "out.nii.gz"
    path.write_bytes(export_version(version, "nifti").content)
    image = sitk.ReadImage(str(path))
    assert np.array_equal(sitk.GetArrayFromImage(image), LABELS)
    assert image.GetSpacing() == pytest.approx(TINY.spacing_xyz_mm)
    assert image.GetOrigin() == pytest.approx(TINY.origin_xyz_mm, abs=1e-4)


@pytest.mark.parametrize("form", FORMATS)
def test_the_same_version_gives_the_same_file(version, form):
    assert export_version(version, form) == export_version(version, form)


@pytest.mark.parametrize("form", ["rtstruct", "seg"])
def test_a_model_result_is_marked_automatic_unverified_and_for_research(version, form):
    header = pydicom.dcmread(io.BytesIO(export_version(version, form).content))
    assert "RESEARCH USE ONLY, AUTOMATIC, UNVERIFIED" in header.SeriesDescription
    assert header.SeriesDescription.startswith("SYNTHETIC")


def test_a_submitted_version_is_reviewed_and_an_open_one_is_not(version, volume):
    reader = Reader(make_user("reader", Role.READER))
    plan = make_reader_study(readers=[reader.user], studies=[volume.series.study])
    read = reader.open(plan.assignments.get())
    assert is_unverified(read.segmentation.versions.get())
    reader.read_to_the_end(read)
    read.refresh_from_db()
    assert not is_unverified(read.final_version)
    header = pydicom.dcmread(io.BytesIO(export_version(read.final_version, "seg").content))
    assert "UNVERIFIED" not in header.SeriesDescription
    assert "RESEARCH USE ONLY" in header.SeriesDescription
    assert header.SegmentSequence[0].SegmentAlgorithmType == "SEMIAUTOMATIC"


def test_frames_of_an_enhanced_pet_are_named(tmp_path):
    stored = make.random_stored(TINY)
    make.save([enhanced_pet(stored)], tmp_path / "pet")
    import_files(tmp_path / "pet")
    volume = Volume.objects.get()
    labels = np.zeros(stored.shape, np.uint16)
    labels[2] = 1
    version = model_version(volume, labels)
    header = pydicom.dcmread(io.BytesIO(export_version(version, "rtstruct").content))
    contour = header.ROIContourSequence[0].ContourSequence[0]
    frame = contour.ContourImageSequence[0].ReferencedFrameNumber
    assert frame == volume.slices.get(position=2).frame + 1


def test_the_command_writes_a_file(version, tmp_path):
    out, said = tmp_path / "a.dcm", io.StringIO()
    call_command("export_version", str(version.pk), "--format", "seg", "--out", str(out), stdout=said)
    assert out.read_bytes() == export_version(version, "seg").content
    assert "automatic, unverified" in said.getvalue()


def test_the_command_names_what_is_wrong(version, tmp_path):
    with pytest.raises(CommandError, match="no version"):
        call_command("export_version", "0" * 32, "--format", "seg", "--out", str(tmp_path / "a"))
    empty = model_version(version.segmentation.volume, np.zeros_like(LABELS))
    with pytest.raises(CommandError, match="without lesions"):
        call_command("export_version", str(empty.pk), "--format", "seg", "--out", str(tmp_path / "a"))
    with pytest.raises(CommandError, match="cannot be written"):
        call_command(
            "export_version", str(version.pk), "--format", "seg", "--out", str(tmp_path / "no" / "a")
        )


def test_staff_downloads_and_a_reader_does_not(version):
    coordinator = Reader(make_user("coordinator", Role.COORDINATOR))
    answer = coordinator.get(f"versions/{version.pk}/export/?format=seg")
    assert answer.content == export_version(version, "seg").content
    assert answer["Content-Type"] == "application/dicom"
    assert coordinator.get(f"versions/{version.pk}/export/?format=exe").json()["code"] == "invalid_input"
    reader = Reader(make_user("reader", Role.READER))
    assert reader.get(f"versions/{version.pk}/export/?format=seg").status_code == 403
