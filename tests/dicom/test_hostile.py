"""Random damage to real objects never escapes as an unnamed error, and never costs more than it should."""

import tempfile
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydicom.uid import RLELossless

from annotations.dicom.derived import DerivedInfo, LesionInfo, Producer, SourceSeries
from annotations.dicom.group import group_files
from annotations.dicom.objects import read_object
from annotations.dicom.read_files import read_heap
from annotations.dicom.refusals import DicomRefused, Refusal
from annotations.dicom.regions import TargetVolume
from annotations.dicom.rtstruct_write import write_rtstruct
from annotations.dicom.seg_write import write_seg
from annotations.dicom.series import ImageSeries, iter_series
from annotations.imaging.geometry import Grid
from tests.dicom import make

# pydicom speaks of odd values in warnings; here every value is odd.
pytestmark = pytest.mark.filterwarnings("ignore")

GRID = Grid((3, 4, 5), (2.0, 2.0, 3.0))
HEADERS = make.pet_slices(GRID, make.random_stored(GRID))
SLICES = [make.encode(ds) for ds in HEADERS]
LABELS = np.zeros(GRID.shape_zyx, np.uint16)
LABELS[0:2, 1:3, 1:4] = 1
INFO = DerivedInfo(Producer("manual", "R"), datetime(2026, 1, 2), "0", identity="x")
SOURCE = SourceSeries(GRID, HEADERS)
OBJECTS = [
    write_rtstruct(LABELS, SOURCE, [LesionInfo(1, "L")], INFO),
    write_seg(LABELS, SOURCE, [LesionInfo(1, "L")], INFO),
    write_seg(LABELS, SOURCE, [LesionInfo(1, "L")], INFO, "LABELMAP"),
]
TARGET = TargetVolume(GRID, make.FRAME, "1.2.3", tuple(str(ds.SOPInstanceUID) for ds in HEADERS))


def rle_slices() -> list[bytes]:
    datasets = make.pet_slices(GRID, make.random_stored(GRID))
    for ds in datasets:
        ds.compress(RLELossless, encoding_plugin="pydicom", generate_instance_uid=False)
    return [make.encode(ds) for ds in datasets]


RLE_SLICES = rle_slices()
EDITS = st.lists(
    st.tuples(
        st.sampled_from(["flip", "cut", "insert", "erase", "length"]),
        st.floats(0, 1),
        st.binary(min_size=1, max_size=6),
    ),
    min_size=1,
    max_size=6,
)


def damage(data: bytes, edits: list[tuple[str, float, bytes]]) -> bytes:
    """Edits behind the preamble: bytes replaced, inserted or erased, a length field blown up, the end cut."""
    changed = bytearray(data)
    for kind, where, value in edits:
        at = 132 + int(where * max(0, len(changed) - 133))
        if kind == "cut":
            del changed[at:]
        elif kind == "insert":
            changed[at:at] = value
        elif kind == "erase":
            del changed[at : at + len(value)]
        elif kind == "length":
            changed[at : at + 4] = b"\xff\xff\xff\x7f"
        else:
            changed[at : at + len(value)] = value
    return bytes(changed)


def read_all(files: list[bytes]) -> list[ImageSeries | Refusal]:
    with tempfile.TemporaryDirectory() as folder:
        for number, data in enumerate(files):
            (Path(folder) / f"{number}.dcm").write_bytes(data)
        heap = read_heap([folder])
        grouped = group_files(heap.files)
        found = [*iter_series(grouped.volumes), *grouped.refusals, *heap.refusals]
        for file in grouped.objects:
            try:
                read_object(file, TARGET)
            except DicomRefused as error:
                found.append(Refusal.of(file.source.name, error))
        return found


@pytest.mark.parametrize("files", [SLICES, RLE_SLICES], ids=["native", "rle"])
@given(edits=EDITS, which=st.integers(0, 2))
@settings(deadline=None, max_examples=120, suppress_health_check=[HealthCheck.too_slow])
def test_a_damaged_slice_gives_a_volume_or_a_named_refusal(
    files: list[bytes], edits: list[tuple[str, float, bytes]], which: int
) -> None:
    heap = list(files)
    heap[which] = damage(heap[which], edits)
    for item in read_all(heap):
        if isinstance(item, ImageSeries):
            assert np.isfinite(item.volume.values()).all()
            assert item.suv is not None
            assert item.suv.valid == (item.suv.factor is not None)
        else:
            assert item.code
            assert item.message


@pytest.mark.parametrize("data", OBJECTS, ids=["rtstruct", "seg", "labelmap"])
@given(edits=EDITS)
@settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.too_slow])
def test_a_damaged_segmentation_gives_regions_or_a_named_refusal(
    data: bytes, edits: list[tuple[str, float, bytes]]
) -> None:
    for item in read_all([damage(data, edits)]):
        assert isinstance(item, Refusal)
        assert item.code


@given(st.binary(max_size=400))
@settings(deadline=None, max_examples=60)
def test_bytes_behind_the_mark_are_no_danger(tail: bytes) -> None:
    for item in read_all([bytes(128) + b"DICM" + tail]):
        assert isinstance(item, Refusal)
