"""Model disagreement in a read: the map, the lesions, who sees it and who cannot tell."""

import numpy as np
import pytest
from django.db import IntegrityError, transaction

from annotations.imaging.geometry import canonical_json
from annotations.models import CompanionMap, Version
from annotations.segmentations.selectors import head_version
from annotations.store.services import put_blob
from tests.builders import SMALL, boxes
from tests.reads.scenes import L1, L2, Reader, make_assignment

pytestmark = pytest.mark.django_db


def give_map(version: Version, octets: np.ndarray) -> CompanionMap:
    blob = put_blob(
        content=octets.tobytes(), kind="probability", compress=True, suffix=canonical_json(SMALL.to_json())
    )
    return CompanionMap.objects.create(version=version, kind="disagreement", blob=blob)


def octets() -> np.ndarray:
    """Lesion 1 (18 voxels): one of 255, one of 102, else 0. Lesion 2: 51 everywhere."""
    values = np.zeros(SMALL.shape_zyx, dtype=np.uint8)
    values[2, 2, 2], values[3, 4, 4] = 255, 102
    values[L2] = 51
    return values


def opened(*, with_map: bool = True, **more):
    assignment = make_assignment(**more)
    reader = Reader(assignment.reader)
    if with_map:
        give_map(Version.objects.get(producer_kind="model"), octets())
    return reader, reader.open(assignment)


def test_the_map_comes_as_octets_of_the_pet_grid():
    reader, read = opened()
    assert reader.get(f"reads/{read.pk}/").json()["has_disagreement"] is True
    answer = reader.get(f"reads/{read.pk}/disagreement/")
    assert b"".join(answer.streaming_content) == octets().tobytes()
    again = reader.client.get(f"/api/reads/{read.pk}/disagreement/", HTTP_IF_NONE_MATCH=answer["ETag"])
    assert again.status_code == 304


def test_the_mean_and_the_maximum_of_each_lesion_by_hand():
    reader, read = opened()
    rows = reader.get(f"reads/{read.pk}/disagreement/lesions/").json()
    assert [row["label"] for row in rows] == [1, 2]
    assert rows[0]["mean"] == pytest.approx((1.0 + 0.4) / 18)
    assert (rows[0]["maximum"], rows[1]["maximum"]) == (1.0, 0.2)
    assert rows[1]["mean"] == pytest.approx(0.2)


def test_lesions_are_those_of_the_newest_version():
    reader, read = opened()
    reader.save(read, boxes(SMALL, L1=np.s_[2:3, 2:3, 2:4], L3=np.s_[0:1, 0:1, 0:1]))
    rows = reader.get(f"reads/{read.pk}/disagreement/lesions/").json()
    assert [(row["label"], row["mean"]) for row in rows] == [(1, 0.5), (3, 0.0)]
    assert head_version(read.segmentation).number == 2


@pytest.mark.parametrize(
    "scene",
    [
        {"with_map": False},
        {"masked": ["arm"]},
        {"masked": ["release"]},
        {"masked": ["disagreement"]},
        {"start": "empty"},
    ],
)
def test_masked_and_missing_look_the_same(scene):
    reader, read = opened(**scene)
    assert reader.get(f"reads/{read.pk}/").json()["has_disagreement"] is False
    for path in ("disagreement", "disagreement/lesions"):
        answer = reader.get(f"reads/{read.pk}/{path}/")
        assert (answer.status_code, answer.json()["code"]) == (404, "no_disagreement")
        assert answer.json()["detail"] == {}


def test_it_is_the_own_readers_only():
    _, read = opened()
    other = Reader(make_assignment().reader)
    assert other.get(f"reads/{read.pk}/disagreement/").json()["code"] == "not_found"


def test_a_map_is_never_changed():
    opened()
    for change in (
        lambda: CompanionMap.objects.update(kind="disagreement"),
        lambda: CompanionMap.objects.all().delete(),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()


def test_the_lesion_without_disagreement_counts_as_zero():
    reader, read = opened()
    reader.save(read, boxes(SMALL, L1=L1, L2=L2, L3=np.s_[0:1, 0:2, 0:2]))
    rows = reader.get(f"reads/{read.pk}/disagreement/lesions/").json()
    assert rows[2] == {"label": 3, "mean": 0.0, "maximum": 0.0}
