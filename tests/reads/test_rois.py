"""Organ ROIs, descriptions and sources through the API: the server's numbers are the record."""

import numpy as np
import pytest

from annotations.accounts.models import Role
from annotations.dicom.codes import CLASSES, SIDES, SITES
from annotations.imaging.table1 import derive_row
from annotations.models import Version
from annotations.segmentations.asked import Asked
from annotations.segmentations.proposals import METHODS
from annotations.segmentations.rois import NoSuv, read_roi
from annotations.segmentations.selectors import head_version
from annotations.segmentations.services.edits import SEMI_AUTOMATIC_TOOLS
from annotations.segmentations.voxels import read_suv
from tests.builders import SMALL, boxes, make_suv, make_user
from tests.reads.scenes import L1, L2, Reader, edit_json, make_assignment

pytestmark = pytest.mark.django_db
PLACE = [float(v) for v in SMALL.index_to_world((9, 8, 6))]
ROI = {"organ": "liver", "centre_xyz_mm": PLACE, "diameter_mm": 20.0}
L3 = np.s_[5:7, 8:10, 8:10]


@pytest.fixture
def reader():
    return Reader(make_assignment().reader)


@pytest.fixture
def read(reader):
    return reader.open(reader.user.assignments.get())


def measure(reader, read, **change):
    return reader.post(f"reads/{read.pk}/organ-rois/", ROI | change)


def by_hand(read) -> np.ndarray:
    case = read.assignment.case
    z, y, x = SMALL.shape_zyx
    suv = read_suv(case.volume, case.suv_revision, (slice(0, z), slice(0, y), slice(0, x)))
    index = np.stack(np.indices(SMALL.shape_zyx)[::-1], axis=-1)
    near = ((SMALL.index_to_world(index) - PLACE) ** 2).sum(axis=-1) <= 10.0**2 + 1e-6
    return suv[near].astype(np.float64)


def test_an_roi_is_what_a_sphere_of_voxels_gives(reader, read):
    record = measure(reader, read).json()
    values = by_hand(read)
    assert record["voxel_count"] == values.size
    assert record["volume_ml"] == pytest.approx(values.size * 0.08)
    assert record["suv_mean"] == pytest.approx(values.mean())
    assert record["suv_sd"] == pytest.approx(values.std(ddof=1))
    assert record["suv_max"] == pytest.approx(values.max())
    assert record["threshold_suv"] == pytest.approx(1.5 * values.mean() + 2 * values.std(ddof=1))
    assert record["formula"] == "1.5 x SUVmean + 2 x SD"
    assert record["coefficient_of_variation"] == pytest.approx(values.std(ddof=1) / values.mean())


def test_an_roi_at_the_border_is_measured_in_part_and_named(reader, read):
    corner = [float(v) for v in SMALL.index_to_world((0, 0, 0))]
    found = measure(reader, read, centre_xyz_mm=corner).json()
    assert "cut_by_border" in {one["code"] for one in found["warnings"]}
    inside = measure(reader, read).json()
    assert "cut_by_border" not in {one["code"] for one in inside["warnings"]}


@pytest.mark.parametrize(
    ("change", "wanted"),
    [
        ({"organ": "kidney"}, "invalid_input"),
        ({"centre_xyz_mm": [0, 0]}, "invalid_input"),
        ({"diameter_mm": 1000}, "bad_parameter"),
        ({"diameter_mm": -3}, "bad_parameter"),
        ({"centre_xyz_mm": [9000, 0, 0]}, "empty_region"),
    ],
)
def test_an_roi_that_cannot_be_is_refused_by_name(reader, read, change, wanted):
    answer = measure(reader, read, **change)
    assert (answer.status_code, answer.json()["code"]) == (400, wanted)


def test_rois_are_the_own_readers_in_an_open_read(reader, read):
    for user in (make_assignment().reader, make_user("boss", Role.COORDINATOR)):
        assert measure(Reader(user), read).status_code in (403, 404)
    reader.final(read)
    assert measure(reader, read).json()["code"] == "read_frozen"


def test_a_lying_client_gets_the_servers_numbers(reader, read):
    true = measure(reader, read).json()
    lie = {name: 99.0 for name in true if name.startswith("suv_")} | {"threshold_suv": 0.1, "warnings": []}
    parameters = {"rule": "liver", "threshold_suv": 0.1, "rois": [true | lie], "note": "kept"}
    labels = boxes(SMALL, L1=L1, L2=L2, L3=L3)
    answer = reader.save(read, labels, tool="whole_body", parameters=parameters)
    assert answer.status_code == 201, answer.json()
    stored = Version.objects.get(pk=answer.json()["id"]).parameters
    assert stored["rois"] == [true]
    assert stored["threshold_suv"] == true["threshold_suv"]
    assert stored["note"] == "kept"


def test_the_same_edit_with_rois_sent_again_is_known(reader, read):
    head = head_version(read.segmentation)
    edit = edit_json(head, boxes(SMALL, L1=L1), parameters={"rois": [ROI | {"suv_mean": 1.0}]})
    assert [reader.send_edit(read, edit).status_code for _ in range(2)] == [201, 200]


@pytest.mark.parametrize(
    "rois", [[{"organ": "kidney"}], [{"organ": "liver"}], "liver", [7], [ROI | {"diameter_mm": "wide"}]]
)
def test_rois_that_cannot_be_measured_are_refused_with_the_edit(reader, read, rois):
    answer = reader.save(read, boxes(SMALL, L1=L1), parameters={"rois": rois})
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_parameter")


def test_without_suv_there_are_no_organ_thresholds(reader, read):
    volume = read.assignment.case.volume
    with pytest.raises(NoSuv):
        read_roi(Asked("roi", ROI), volume, make_suv(volume, None))
    with pytest.raises(NoSuv):
        read_roi(Asked("roi", ROI), volume, None)


@pytest.mark.parametrize("tool", [*sorted(SEMI_AUTOMATIC_TOOLS), "brush", "cut", "split_watershed"])
def test_lesions_of_a_method_are_semi_automatic_and_those_of_a_hand_are_the_readers(reader, read, tool):
    saved = reader.save(read, boxes(SMALL, L1=L1, L2=L2, L3=L3), tool=tool).json()
    sources = {lesion["label"]: lesion["source"] for lesion in saved["lesions"]}
    assert sources[3] == ("semi_automatic" if tool in SEMI_AUTOMATIC_TOOLS else "reader")
    assert sources[1] == "model"


def lesions_of(saved) -> dict[int, tuple[str, str]]:
    assert saved.status_code == 201, saved.json()
    return {one["label"]: (one["source"], one["status"]) for one in saved.json()["lesions"]}


@pytest.mark.parametrize("tool", ["cut", "split_watershed", "physiological"])
def test_parts_of_a_lesion_of_the_start_keep_its_source_and_are_edited(reader, read, tool):
    half = np.s_[2:3, 2:5, 2:5]
    whole, divided = boxes(SMALL, L1=L1, L2=L2), boxes(SMALL, L1=L1, L2=L2, L3=half)
    assert lesions_of(reader.save(read, divided, tool=tool))[3] == ("model", "edited")
    assert lesions_of(reader.save(read, whole, tool="undo"))[3] == ("model", "deleted")
    assert lesions_of(reader.save(read, divided, tool="redo"))[3] == ("model", "edited")
    smaller = boxes(SMALL, L1=L1, L2=L2, L3=np.s_[2:3, 2:5, 2:4])
    assert lesions_of(reader.save(read, smaller, tool="erase"))[3] == ("model", "edited")


def test_parts_of_a_lesion_that_the_reader_added_are_the_readers(reader, read):
    added = boxes(SMALL, L1=L1, L2=L2, L3=L3)
    reader.save(read, added, tool="brush")
    divided = added.copy()
    z, y, x = np.argwhere(added == 3)[0]
    divided[z, y, x] = 4
    assert lesions_of(reader.save(read, divided, tool="cut"))[4] == ("reader", "added")


def test_of_a_merge_the_kept_lesion_keeps_source_and_status_and_the_other_is_deleted(reader, read):
    reader.save(read, boxes(SMALL, L1=L1, L2=L2, L3=L3), tool="brush")
    merged = lesions_of(reader.save(read, boxes(SMALL, L1=L1, L3=L2) + boxes(SMALL, L3=L3), tool="merge"))
    assert (merged[2], merged[3]) == (("model", "deleted"), ("reader", "added"))


def test_splitting_and_merging_leave_the_derived_counts_as_they_are(reader, read):
    start = boxes(SMALL, L1=L1, L2=L2)
    divided = boxes(SMALL, L1=L1, L2=L2, L3=np.s_[2:3, 2:5, 2:5])
    reader.save(read, divided, tool="cut")
    reader.read_to_the_end(read)
    read.refresh_from_db()
    unchanged = derive_row(start, start, SMALL).to_json()
    assert {name: read.derived[name] for name in unchanged} == unchanged


def test_every_method_that_outlines_a_new_lesion_is_in_the_list():
    outlining = {name for name in METHODS if name.startswith(("seed_", "voi_", "whole_"))}
    assert outlining <= SEMI_AUTOMATIC_TOOLS <= outlining | {"add_seed"}


def test_an_edit_may_only_describe(reader, read):
    said = {
        "label": 1,
        "site": "femur/left",
        "name": "hip",
        "comment": "beside the implant",
        "boundary_rule": "drawn",
    }
    answer = reader.send_edit(
        read,
        edit_json(
            head_version(read.segmentation), boxes(SMALL, L1=L1, L2=L2), tool="describe", lesions=[said]
        ),
    )
    assert answer.status_code == 201, answer.json()
    lesion = answer.json()["lesions"][0]
    assert {name: lesion[name] for name in said} == said
    assert lesion["status"] == "kept"
    assert answer.json()["content_digest"] == read.segmentation.versions.get(number=1).labels_id


@pytest.mark.parametrize(
    "said",
    [
        {"site": "elbow"},
        {"site": "liver/left"},
        {"site": "femur/up"},
        {"physiological_class": "banana"},
        {"name": "x" * 121},
    ],
)
def test_unknown_codes_are_refused_by_name(reader, read, said):
    answer = reader.save(read, boxes(SMALL, L1=L1, L2=L2), lesions=[{"label": 1, **said}])
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_input")
    if "x" not in str(said.get("name")):
        assert str(next(iter(said.values()))) in answer.json()["message"]


def test_a_physiological_lesion_keeps_its_row_with_the_class_and_comes_back(reader, read):
    question = {
        "version": str(head_version(read.segmentation).pk),
        "method": "physiological",
        "parameters": {"label": 1, "class": "kidney", "boundary": "whole"},
    }
    given = reader.post(f"reads/{read.pk}/proposals/", question).json()
    assert given["report"]["lost_ml"] == pytest.approx(18 * 0.08)
    edit = edit_json(head_version(read.segmentation), boxes(SMALL, L2=L2))
    assert edit["patch"] == given["patch"]
    edit |= {name: given[name] for name in ("tool", "parameters", "lesions")}
    lesion = reader.send_edit(read, edit).json()["lesions"][0]
    assert (lesion["status"], lesion["physiological_class"]) == ("deleted", "kidney")
    back = reader.save(read, boxes(SMALL, L1=L1, L2=L2), lesions=[{"label": 1, "physiological_class": ""}])
    assert (back.json()["lesions"][0]["status"], back.json()["lesions"][0]["physiological_class"]) == (
        "kept",
        "",
    )


def test_the_coded_lists_are_whole_cached_and_for_everyone_signed_in(reader):
    answer = reader.get("codes/")
    lists = answer.json()
    assert [site["key"] for site in lists["sites"]] == list(SITES)
    assert [side["key"] for side in lists["sides"]] == list(SIDES)
    assert [one["key"] for one in lists["classes"]] == list(CLASSES)
    femur = next(site for site in lists["sites"] if site["key"] == "femur")
    assert (femur["label"], femur["group_label"], femur["paired"]) == ("Femur", "Bone", True)
    assert femur["code"] == {"value": "71341001", "scheme": "SCT", "meaning": "Femur"}
    again = reader.client.get("/api/codes/", HTTP_IF_NONE_MATCH=answer["ETag"])
    assert (again.status_code, again.content) == (304, b"")
    assert Reader(make_user("boss", Role.COORDINATOR)).get("codes/").json() == lists
    reader.client.logout()
    assert reader.get("codes/").status_code in (401, 403)
