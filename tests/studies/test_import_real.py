"""STS_001 of the Soft-tissue-Sarcoma collection: GE PET in Bq/mL, MIM RTSTRUCT, CT crop of the same study."""

import io
import json

import numpy as np
import pytest
from django.core.management import call_command

from annotations.models import Segmentation, Series, Study, Version, Volume
from annotations.segmentations.voxels import read_labels
from annotations.studies.selectors import default_ct_volume, default_pet_volume
from petreview.store_proof import prove_store
from tests.shared_data import shared
from tests.studies.importing import import_files

pytestmark = pytest.mark.django_db
STUDY = "1.3.6.1.4.1.14519.5.2.1.5168.1900.980314374925518526455629963929"
PET = "1.3.6.1.4.1.14519.5.2.1.5168.1900.279539551699081894888330051583"


def command_json(*paths):
    out = io.StringIO()
    call_command("import_dicom", *map(str, paths), "--project", "Sarcoma", "--json", stdout=out)
    return json.loads(out.getvalue())


def test_the_command_gives_the_known_figures_as_json():
    data = shared("sts001_wholebody_pet")
    report = command_json(data / "PET_raw_BQML", data / "PET_RTSTRUCT", data / "IBSI_crop" / "CT" / "image")
    assert report["refusals"] == []
    (study,) = report["studies"]
    assert set(study) == {"study_instance_uid", "series", "segmentations"}
    assert study["study_instance_uid"] == STUDY
    pet = next(one for one in study["series"] if one["modality"] == "PT")
    assert set(pet) == {
        *("series_instance_uid", "modality", "shape_zyx", "spacing_xyz_mm", "unit", "suv_factor", "suv_max")
    }
    assert pet["series_instance_uid"] == PET
    assert pet["shape_zyx"] == [267, 128, 128]
    assert pet["spacing_xyz_mm"] == pytest.approx([4.6875, 4.6875, 3.27], abs=1e-3)
    assert pet["unit"] == "Bq/mL"
    assert pet["suv_factor"] == pytest.approx(0.00024290297661, rel=1e-9)
    assert pet["suv_max"] == pytest.approx(66.52, abs=0.005)
    ct = next(one for one in study["series"] if one["modality"] == "CT")
    assert (ct["unit"], ct["suv_factor"], ct["suv_max"]) == ("HU", None, None)
    assert [one["label"] for one in study["segmentations"]] == ["GTV_Mass", "GTV_Edema"]
    (mass,), (edema,) = (one["lesions"] for one in study["segmentations"])
    assert set(mass) == {"name", "volume_ml", "suv_max", "suv_mean"}
    assert mass["volume_ml"] == pytest.approx(366.1, abs=0.05)
    assert mass["suv_max"] == pytest.approx(7.911, abs=5e-4)
    assert mass["suv_mean"] == pytest.approx(2.555, abs=5e-4)
    assert edema["volume_ml"] == pytest.approx(579.0, abs=0.05)
    assert Series.objects.get(series_instance_uid=PET).tracer == "FDG"
    labels = {s.title: read_labels(s.versions.get()) for s in Segmentation.objects.all()}
    assert np.count_nonzero(labels["GTV_Mass"]) == 5095
    # The edema contains the mass: both are whole, in segmentations of their own.
    assert (labels["GTV_Edema"][labels["GTV_Mass"] != 0] != 0).mean() > 0.99


def test_contours_that_come_after_their_pet_find_it_and_twice_changes_nothing():
    data = shared("sts001_wholebody_pet")
    early = import_files(data / "PET_RTSTRUCT")
    assert [one["code"] for one in early.report["refusals"]] == ["no_pet_volume"]
    assert not Study.objects.exists()
    import_files(data / "PET_raw_BQML")
    first = import_files(data / "PET_RTSTRUCT")
    again = import_files(data / "PET_RTSTRUCT")
    assert first.report == again.report
    assert Version.objects.count() == Segmentation.objects.count() == 2
    assert Segmentation.objects.filter(volume__series__series_instance_uid=PET).count() == 2
    assert list(prove_store()) == []


def test_of_several_pets_the_whole_body_scan_is_read_and_a_ct_of_its_frame_lies_under_it():
    data = shared("sts001_wholebody_pet")
    import_files(data / "IBSI_crop" / "PET" / "image", data / "IBSI_crop" / "CT", data / "PET_raw_BQML")
    study = Study.objects.get()
    assert Volume.objects.filter(series__modality="PT").count() == 2
    assert default_pet_volume(study).series.series_instance_uid == PET
    assert default_ct_volume(study).series.modality == "CT"
    drawn_on_ct = Segmentation.objects.get(title="GTV_Mass_CT")
    assert drawn_on_ct.is_resampled
    assert drawn_on_ct.volume.series.series_instance_uid == PET


def test_contours_drawn_on_a_crop_stay_on_the_crop():
    data = shared("ibsi_sts_petct_crops") / "STS_002"
    run = import_files(data)
    lesions = {
        one["label"]: one["lesions"][0] for study in run.report["studies"] for one in study["segmentations"]
    }
    pet = lesions["GTV_Mass_PET"]
    assert pet["volume_ml"] == pytest.approx(54.28, abs=0.01)
    assert pet["suv_max"] == pytest.approx(21.676, abs=1e-3)
    assert pet["suv_mean"] == pytest.approx(7.370, abs=1e-3)
