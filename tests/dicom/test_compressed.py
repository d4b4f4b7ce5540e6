"""Every compressed transfer syntax gives the same integers as the native file."""

from collections.abc import Callable
from pathlib import Path

import imagecodecs
import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.uid import (
    JPEG2000,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    HTJ2KLossless,
    HTJ2KLosslessRPCL,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGLossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    JPEGLSNearLossless,
    RLELossless,
)

from annotations.dicom.series import ReadResult, read_series
from annotations.imaging.geometry import Grid
from tests.dicom import make

GRID = Grid((3, 33, 47), (2.0, 2.0, 3.0))
Encoder = Callable[[np.ndarray], bytes]


def j2k(plane: np.ndarray) -> bytes:
    return bytes(imagecodecs.jpeg2k_encode(plane, level=0, reversible=True, codecformat="j2k"))


def htj2k(plane: np.ndarray) -> bytes:
    return bytes(imagecodecs.htj2k_encode(plane, reversible=True))


def jpeg_lossless(plane: np.ndarray) -> bytes:
    return bytes(imagecodecs.ljpeg_encode(plane.view(np.uint16)))


def jpeg_ls(plane: np.ndarray) -> bytes:
    return bytes(imagecodecs.jpegls_encode(plane.view(np.uint16)))


def compressed(ds: Dataset, syntax: str, encode: Encoder) -> Dataset:
    plane = np.frombuffer(ds.PixelData, np.int16 if ds.PixelRepresentation else np.uint16)
    data = encode(plane.reshape(ds.Rows, ds.Columns))
    ds.file_meta.TransferSyntaxUID = syntax
    ds.PixelData = encapsulate([data])
    ds["PixelData"].VR = "OB"
    return ds


def read(datasets: list[Dataset], tmp_path: Path) -> ReadResult:
    return read_series([make.save(datasets, tmp_path / "heap")])


ENCODERS = [
    (JPEGLossless, jpeg_lossless),
    (JPEGLosslessSV1, jpeg_lossless),
    (JPEGLSLossless, jpeg_ls),
    (JPEG2000Lossless, j2k),
    (JPEG2000, j2k),
    (HTJ2KLossless, htj2k),
    (HTJ2KLosslessRPCL, htj2k),
    ("1.2.840.10008.1.2.4.203", htj2k),
]


@pytest.mark.parametrize("signed", [True, False], ids=["signed", "unsigned"])
@pytest.mark.parametrize(("syntax", "encode"), ENCODERS, ids=[str(uid)[-4:] for uid, _ in ENCODERS])
def test_compressed_pixels_are_the_native_ones(
    tmp_path: Path, syntax: str, encode: Encoder, signed: bool
) -> None:
    stored = np.random.default_rng(2).integers(0, 65536, GRID.shape_zyx).astype(np.uint16)
    stored = stored.view(np.int16) if signed else stored
    result = read([compressed(ds, syntax, encode) for ds in make.pet_slices(GRID, stored)], tmp_path)
    assert not result.refusals
    assert np.array_equal(result.series[0].volume.stored, stored)
    assert result.series[0].instances[0].transfer_syntax == syntax


def test_twelve_bits_signed_in_an_unsigned_codec_keep_their_sign(tmp_path: Path) -> None:
    stored = np.random.default_rng(2).integers(-2048, 2048, GRID.shape_zyx).astype(np.int16)
    datasets = make.pet_slices(GRID, stored)
    for ds in datasets:
        words = np.frombuffer(ds.PixelData, np.uint16) & 0x0FFF
        ds.PixelData, ds.BitsStored, ds.HighBit = words.tobytes(), 12, 11
        compressed(ds, JPEGLosslessSV1, jpeg_lossless)
    assert np.array_equal(read(datasets, tmp_path).series[0].volume.stored, stored)


def test_run_length_and_native_encodings_are_read(tmp_path: Path) -> None:
    stored = make.random_stored(GRID)
    for syntax in (RLELossless, ImplicitVRLittleEndian, DeflatedExplicitVRLittleEndian):
        datasets = make.pet_slices(GRID, stored)
        for ds in datasets:
            if syntax == RLELossless:
                ds.compress(RLELossless, encoding_plugin="pydicom", generate_instance_uid=False)
            ds.file_meta.TransferSyntaxUID = syntax
        result = read(datasets, tmp_path / syntax)
        assert not result.refusals
        assert np.array_equal(result.series[0].volume.stored, stored)


def test_big_endian_is_read(tmp_path: Path) -> None:
    stored = make.random_stored(GRID)
    datasets = make.pet_slices(GRID, stored)
    for ds in datasets:
        ds.file_meta.TransferSyntaxUID = ExplicitVRBigEndian
        ds.PixelData = np.frombuffer(ds.PixelData, np.int16).astype(">i2").tobytes()
        ds["PixelData"].VR = "OW"
    assert np.array_equal(read(datasets, tmp_path).series[0].volume.stored, stored)


def test_a_pet_compressed_with_loss_is_refused(tmp_path: Path) -> None:
    datasets = [compressed(ds, JPEGLSNearLossless, jpeg_ls) for ds in make.pet_slices(GRID, zeros())]
    assert [refusal.code for refusal in read(datasets, tmp_path).refusals] == ["lossy_compression"]


def zeros() -> np.ndarray:
    return np.zeros(GRID.shape_zyx, np.int16)


def test_a_ct_compressed_with_loss_is_read(tmp_path: Path) -> None:
    datasets = make.pet_slices(GRID, zeros(), modality="CT")
    for ds in datasets:
        ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 8, 8, 7, 0
        data = bytes(imagecodecs.jpeg8_encode(np.full((33, 47), 77, np.uint8)))
        ds.file_meta.TransferSyntaxUID = JPEGBaseline8Bit
        ds.PixelData = encapsulate([data])
    result = read(datasets, tmp_path)
    assert not result.refusals
    assert np.unique(result.series[0].volume.stored).tolist() == [77]


def test_an_image_larger_than_its_header_is_refused_before_it_is_decoded(tmp_path: Path) -> None:
    datasets = [compressed(ds, JPEG2000Lossless, j2k) for ds in make.pet_slices(GRID, zeros())]
    huge = bytearray(j2k(zeros()[0]))
    huge[8:16] = b"\x00\x00\xff\xff" * 2
    datasets[1].PixelData = encapsulate([bytes(huge)])
    (refusal,) = read(datasets, tmp_path).refusals
    assert refusal.code == "malformed"
    assert "65535" in refusal.message


@pytest.mark.parametrize("cut", [4, 40, 200])
@pytest.mark.parametrize(("syntax", "encode"), ENCODERS[:6], ids=[str(uid)[-4:] for uid, _ in ENCODERS[:6]])
def test_a_damaged_compressed_image_is_refused(
    tmp_path: Path, syntax: str, encode: Encoder, cut: int
) -> None:
    datasets = make.pet_slices(GRID, make.random_stored(GRID))
    for ds in datasets:
        compressed(ds, syntax, lambda plane: encode(plane)[:cut])
    result = read(datasets, tmp_path)
    assert not result.series
    assert [refusal.code for refusal in result.refusals] == ["malformed"]
