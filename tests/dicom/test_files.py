"""Finding and parsing files: what is no use is named, what is hostile does no harm."""

import os
import struct
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pytest

from annotations.dicom.group import group_files
from annotations.dicom.read_files import Heap, read_heap
from annotations.dicom.series import iter_series, read_series
from annotations.dicom.sources import Limits
from annotations.imaging.geometry import Grid
from tests.dicom import make

GRID = Grid((3, 4, 5), (2.0, 2.0, 3.0))


def files() -> list[bytes]:
    return [make.encode(ds) for ds in make.pet_slices(GRID, make.random_stored(GRID))]


def codes(heap: Heap) -> dict[str, str]:
    return {refusal.file: refusal.code for refusal in heap.refusals}


def test_folders_files_and_archives_may_be_mixed(tmp_path: Path) -> None:
    first, second, third = files()
    (tmp_path / "folder" / "deep").mkdir(parents=True)
    (tmp_path / "folder" / "deep" / "no_suffix").write_bytes(first)
    (tmp_path / "alone.dcm").write_bytes(second)
    with zipfile.ZipFile(tmp_path / "rest.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a/b/third.dcm", third)
        archive.writestr("a/notes.txt", "not an image")
    result = read_series([tmp_path / "folder", tmp_path / "alone.dcm", tmp_path / "rest.zip"])
    assert result.series[0].volume.grid.shape_zyx == (3, 4, 5)
    assert [(r.file, r.code) for r in result.refusals] == [("rest.zip/a/notes.txt", "not_dicom")]


def test_a_missing_path_is_named(tmp_path: Path) -> None:
    assert codes(read_heap([tmp_path / "nowhere"])) == {"nowhere": "unreadable"}


def test_a_broken_archive_is_named(tmp_path: Path) -> None:
    (tmp_path / "broken.zip").write_bytes(b"PK\x03\x04 this is no archive")
    assert codes(read_heap([tmp_path / "broken.zip"])) == {"broken.zip": "bad_archive"}


def test_a_damaged_member_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x.dcm", files()[0])
    data = bytearray(path.read_bytes())
    data[400] ^= 0xFF
    path.write_bytes(bytes(data))
    assert codes(read_heap([path])) == {"a.zip/x.dcm": "bad_archive"}


@pytest.mark.parametrize(
    "name", ["../evil.dcm", "/etc/evil.dcm", "a/../../evil.dcm", "C:/evil.dcm", "..\\evil.dcm"]
)
def test_a_name_that_leads_out_of_the_archive_is_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(name, files()[0])
    heap = read_heap([path])
    assert list(codes(heap).values()) == ["unsafe_path"]
    assert not heap.files


def test_an_archive_inside_an_archive_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("b.zip", b"PK")
    assert codes(read_heap([tmp_path / "a.zip"])) == {"a.zip/b.zip": "nested_archive"}


def test_a_zip_bomb_is_refused_without_unpacking_it(tmp_path: Path) -> None:
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("huge.dcm", bytes(40_000_000))
    limits = Limits(max_ratio=500, ratio_floor_bytes=1_000_000)
    assert codes(read_heap([path], limits=limits)) == {"bomb.zip/huge.dcm": "archive_bomb"}


def test_a_member_that_is_larger_than_it_says_gives_no_more_than_it_says(tmp_path: Path) -> None:
    path = tmp_path / "liar.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x.dcm", bytes(5_000_000))
    data = path.read_bytes()
    path.write_bytes(data.replace(struct.pack("<L", 5_000_000), struct.pack("<L", 1000)))
    assert codes(read_heap([path])) == {"liar.zip/x.dcm": "bad_archive"}


def test_an_archive_that_unpacks_to_too_much_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for index, data in enumerate(files()):
            archive.writestr(f"{index}.dcm", data)
    assert codes(read_heap([path], limits=Limits(max_archive_bytes=2000))) == {"a.zip": "archive_bomb"}
    assert codes(read_heap([path], limits=Limits(max_files=2))) == {"a.zip": "too_many_files"}


def test_overlapping_entries_are_refused(tmp_path: Path) -> None:
    """Many entries that share one block of data: a bomb that every single ratio hides."""
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.dcm", files()[0])
        archive.writestr("b.dcm", files()[1])
        archive.infolist()[1].header_offset = archive.infolist()[0].header_offset
    assert codes(read_heap([path])) == {"a.zip": "archive_bomb"}


def test_files_over_the_limit_are_named(tmp_path: Path) -> None:
    (tmp_path / "x.dcm").write_bytes(files()[0])
    assert codes(read_heap([tmp_path], limits=Limits(max_file_bytes=100))) == {"x.dcm": "file_too_large"}


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "outside.dcm").write_bytes(files()[0])
    (tmp_path / "heap").mkdir()
    (tmp_path / "heap" / "link.dcm").symlink_to(tmp_path / "outside.dcm")
    assert codes(read_heap([tmp_path / "heap"])) == {"link.dcm": "unsafe_path"}


def test_a_pipe_is_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert codes(read_heap([tmp_path])) == {"pipe": "unreadable"}


def test_pixels_cut_short_are_truncated_and_a_cut_header_is_named(tmp_path: Path) -> None:
    whole = files()[0]
    for size in range(133, len(whole), 7):
        (tmp_path / f"{size:05d}.dcm").write_bytes(whole[:size])
    heap = read_heap([tmp_path])
    assert not heap.files
    assert set(codes(heap).values()) <= {"truncated", "malformed", "missing_tag", "unsupported_sop_class"}
    assert codes(heap)[f"{range(133, len(whole), 7)[-1]:05d}.dcm"] == "truncated"


def test_other_objects_are_named(tmp_path: Path) -> None:
    ds = make.pet_slices(GRID, make.random_stored(GRID))[0]
    ds.SOPClassUID = ds.file_meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.7"
    (tmp_path / "x.dcm").write_bytes(make.encode(ds))
    (refusal,) = read_heap([tmp_path]).refusals
    assert refusal.code == "unsupported_sop_class"
    assert "Secondary Capture Image Storage" in refusal.message


def test_an_unknown_transfer_syntax_is_named(tmp_path: Path) -> None:
    data = files()[0].replace(b"1.2.840.10008.1.2.1\0", b"1.2.840.10008.1.2.9\0")
    (tmp_path / "x.dcm").write_bytes(data)
    assert set(codes(read_heap([tmp_path])).values()) <= {"unsupported_transfer_syntax"}


def test_a_deflated_bomb_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("annotations.dicom.part10.MAX_INFLATED_BYTES", 1_000_000)
    ds = make.pet_slices(GRID, make.random_stored(GRID))[0]
    ds.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.1.99"
    data = make.encode(ds)
    engine = zlib.compressobj(9, zlib.DEFLATED, -15)
    bomb = engine.compress(bytes(20_000_000)) + engine.flush()
    (tmp_path / "bomb.dcm").write_bytes(data[: _meta_length(data)] + bomb)
    assert codes(read_heap([tmp_path])) == {"bomb.dcm": "file_too_large"}


def _meta_length(data: bytes) -> int:
    (length,) = struct.unpack_from("<L", data, 140)
    return 144 + int(length)


def test_huge_private_elements_are_not_kept(tmp_path: Path) -> None:
    ds = make.pet_slices(GRID, make.random_stored(GRID))[0]
    block = ds.private_block(0x0029, "SYNTHETIC", create=True)
    block.add_new(0x01, "OB", bytes(5_000_000))
    (tmp_path / "x.dcm").write_bytes(make.encode(ds))
    (file,) = read_heap([tmp_path]).files
    assert (0x0029, 0x1001) not in file.header
    assert len(make.encode(file.load().header)) > 5_000_000  # the file itself is untouched


def test_a_file_that_changes_under_us_is_noticed(tmp_path: Path) -> None:
    paths = make.save(make.pet_slices(GRID, make.random_stored(GRID)), tmp_path / "heap")
    heap = read_heap([paths])
    changed = make.pet_slices(GRID, make.random_stored(GRID, seed=9))
    make.save(changed, tmp_path / "heap")
    (refusal,) = iter_series(group_files(heap.files).volumes)
    assert refusal.code == "file_changed"  # type: ignore[union-attr]


def test_a_transform_sees_every_object_before_anything_else(tmp_path: Path) -> None:
    class Rename:
        name = "rename"

        def __call__(self, dataset):  # type: ignore[no-untyped-def]
            dataset.PatientID = "PSEUDONYM"
            return dataset

    make.save(make.pet_slices(GRID, make.random_stored(GRID)), tmp_path / "heap")
    (series,) = read_series([tmp_path / "heap"], transform=Rename()).series
    assert series.study.patient_id == "PSEUDONYM"
    assert np.array_equal(series.volume.stored, make.random_stored(GRID))
