import numpy as np
import pytest

from annotations.imaging.geometry import Grid, GridMismatch
from annotations.imaging.measures import measure_lesions, summarise
from annotations.models import MeasureSet, Version
from annotations.segmentations.measures import measures_from_json
from annotations.segmentations.services.create import LabelReserved
from annotations.segmentations.voxels import read_labels, read_volume
from tests.builders import SMALL, boxes, make_suv, make_volume, model_version

pytestmark = pytest.mark.django_db
TWO = {"L1": np.s_[2:4, 2:5, 2:5], "L3": np.s_[9:12, 13:16, 18:20]}


def test_a_first_version_holds_labels_lesions_and_measures():
    volume = make_volume()
    make_suv(volume)
    version = model_version(volume, boxes(SMALL, **TWO), lesion_info={3: {"name": "Liver 3"}})
    version.refresh_from_db()
    assert version.number == 1
    assert version.next_label == 4
    assert np.array_equal(read_labels(version), boxes(SMALL, **TWO))
    assert list(version.lesions.values_list("label", "status", "source", "name")) == [
        (1, "kept", "model", ""),
        (3, "kept", "model", "Liver 3"),
    ]
    assert version.measure_sets.get().summary["lesion_count"] == 2


def test_measures_are_those_of_the_whole_image():
    rotated = Grid((12, 16, 20), (4.0, 4.0, 5.0), (7.0, -3.0, 2.5), (0, 1, 0, -1, 0, 0, 0, 0, 1))
    volume = make_volume(rotated)
    revision = make_suv(volume, 0.0037)
    labels = boxes(rotated, **TWO)
    stored = model_version(volume, labels).measure_sets.get()
    whole = measure_lesions(labels, read_volume(volume).values(revision.factor), rotated)
    for wanted in whole:
        _assert_close(measures_from_json(stored.lesions[str(wanted.label)]).to_json(), wanted.to_json())
    assert stored.summary["ttv_ml"] == summarise(whole).ttv_ml


def _assert_close(got, wanted):
    for name, value in wanted.items():
        assert got[name] == pytest.approx(value, rel=1e-12), name


def test_a_pet_without_valid_suv_has_volumes_and_no_suv():
    volume = make_volume()
    make_suv(volume, factor=None)
    summary = model_version(volume, boxes(SMALL, **TWO)).measure_sets.get().summary
    assert summary["ttv_ml"] == pytest.approx((18 + 18) * 0.08)
    assert summary["lowest_suv_mean"] is None


def test_an_empty_label_map_is_a_version_too():
    volume = make_volume()
    version = model_version(volume, boxes(SMALL))
    assert version.next_label == 1
    assert version.measure_sets.get().summary["ttv_ml"] == 0


def test_label_255_is_refused():
    with pytest.raises(LabelReserved):
        model_version(make_volume(), boxes(SMALL, L255=np.s_[0:1, 0:1, 0:1]))


def test_the_number_after_254_is_256():
    assert model_version(make_volume(), boxes(SMALL, L254=np.s_[0:1, 0:1, 0:1])).next_label == 256


def test_another_shape_is_refused_and_leaves_no_row():
    with pytest.raises(GridMismatch):
        model_version(make_volume(), np.zeros((12, 16, 21), dtype=np.uint16))
    assert not Version.objects.exists()
    assert not MeasureSet.objects.exists()
