"""Stored integers of image planes: native, or compressed by one of the syntaxes in sop_classes.

Decoders: imagecodecs (BSD) for the JPEG families and RLE. The size that an image states in its own bytes
is compared first, so that one that claims to be larger than its header cannot claim the memory.
"""

import struct
from collections.abc import Callable, Sequence

import imagecodecs
import numpy as np
import numpy.typing as npt
from pydicom.encaps import generate_frames
from pydicom.uid import (
    JPEG2000,
    ExplicitVRBigEndian,
    HTJ2KLossless,
    HTJ2KLosslessRPCL,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGExtended12Bit,
    JPEGLossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    JPEGLSNearLossless,
    RLELossless,
)

from annotations.dicom import sop_classes, values
from annotations.dicom.coded_size import coded_size
from annotations.dicom.part10 import Part10, pixel_bytes
from annotations.dicom.refusals import Malformed, Truncated, UnsupportedPixels, UnsupportedTransferSyntax

IntArray = npt.NDArray[np.int16] | npt.NDArray[np.uint16]
UIntArray = npt.NDArray[np.uint8] | npt.NDArray[np.uint16]
MAX_PLANE_PIXELS = 4096 * 4096
_DECODERS: dict[str, Callable[..., object]] = {
    JPEGBaseline8Bit: imagecodecs.jpeg8_decode,
    JPEGExtended12Bit: imagecodecs.jpeg8_decode,
    JPEGLossless: imagecodecs.jpegsof3_decode,
    JPEGLosslessSV1: imagecodecs.jpegsof3_decode,
    JPEGLSLossless: imagecodecs.jpegls_decode,
    JPEGLSNearLossless: imagecodecs.jpegls_decode,
    JPEG2000Lossless: imagecodecs.jpeg2k_decode,
    JPEG2000: imagecodecs.jpeg2k_decode,
    HTJ2KLossless: imagecodecs.htj2k_decode,
    HTJ2KLosslessRPCL: imagecodecs.htj2k_decode,
    sop_classes.HTJ2K: imagecodecs.htj2k_decode,
}


def read_planes(part: Part10) -> IntArray:
    """int16 or uint16 [frames, rows, columns]. Raises UnsupportedPixels, Truncated or Malformed."""
    header = part.header
    rows, columns = values.required_integer(header, "Rows"), values.required_integer(header, "Columns")
    frames = values.integer(header, "NumberOfFrames") or 1
    allocated = values.required_integer(header, "BitsAllocated")
    _check_form(part, rows, columns, allocated)
    if part.transfer_syntax in sop_classes.NATIVE:
        raw = _native(part, frames * rows * columns, allocated).reshape(frames, rows, columns)
    else:
        raw = _compressed(part, frames, rows, columns, allocated)
    return _to_16_bit(raw, header_bits(part))


def header_bits(part: Part10) -> tuple[int, int, bool]:
    """(bits stored, high bit, signed)."""
    stored = values.required_integer(part.header, "BitsStored")
    high = values.integer(part.header, "HighBit")
    signed = values.integer(part.header, "PixelRepresentation") == 1
    return stored, stored - 1 if high is None else high, signed


def _check_form(part: Part10, rows: int, columns: int, allocated: int) -> None:
    header = part.header
    samples = values.integer(header, "SamplesPerPixel")
    if samples not in (None, 1) or values.text(header, "PhotometricInterpretation") != "MONOCHROME2":
        raise UnsupportedPixels("Only images with one grey value per pixel (MONOCHROME2) are used.")
    if allocated not in (8, 16):
        raise UnsupportedPixels(f"{allocated} bits per pixel are not used; 8 or 16 are.")
    if rows * columns > MAX_PLANE_PIXELS:
        raise UnsupportedPixels(f"A plane of {columns}x{rows} pixels is too large.")
    stored, high, _ = header_bits(part)
    if not 1 <= stored <= allocated or high != stored - 1:
        raise UnsupportedPixels(f"{stored} bits stored up to bit {high} of {allocated} are not understood.")


def _native(part: Part10, count: int, allocated: int) -> UIntArray:
    data = pixel_bytes(part)
    if len(data) < count * allocated // 8:
        raise Truncated(f"The image needs {count * allocated // 8} bytes of pixels; it has {len(data)}.")
    order = ">" if part.transfer_syntax == ExplicitVRBigEndian else "<"
    if allocated == 8:
        return np.frombuffer(data, np.uint8, count)
    return np.frombuffer(data, f"{order}u2", count).astype(np.uint16, copy=False)


def _compressed(part: Part10, frames: int, rows: int, columns: int, allocated: int) -> UIntArray:
    signed = header_bits(part)[2]
    shape = (frames, rows, columns)
    planes = np.empty(shape, np.uint8) if allocated == 8 else np.empty(shape, np.uint16)
    try:
        encoded = list(generate_frames(pixel_bytes(part), number_of_frames=frames))
        if len(encoded) != frames:
            raise Truncated(f"{frames} compressed frames are announced; {len(encoded)} are there.")
        for index, data in enumerate(encoded):
            planes[index] = decode_frame(part.transfer_syntax, data, rows, columns, allocated, signed)
    except (ValueError, RuntimeError, struct.error, EOFError, IndexError, TypeError) as error:
        raise Malformed(f"The compressed pixels cannot be decoded ({type(error).__name__}).") from error
    return planes


def decode_frame(
    syntax: str, data: bytes, rows: int, columns: int, allocated: int, signed: bool
) -> UIntArray:
    """One frame as unsigned integers [rows, columns] (two's complement is not undone here)."""
    shape = (rows, columns)
    unsigned: UIntArray = np.empty(shape, np.uint8) if allocated == 8 else np.empty(shape, np.uint16)
    if syntax == RLELossless:
        flat = imagecodecs.dicomrle_decode(data, unsigned.dtype)
        return _exactly(np.frombuffer(flat, unsigned.dtype), unsigned)
    if syntax not in _DECODERS:
        raise UnsupportedTransferSyntax(f"{sop_classes.name_of(syntax)!r} cannot be read.")
    coded = coded_size(data)
    if coded != (rows, columns, 1):
        raise Malformed(f"The compressed image is {coded}; the header says {(rows, columns, 1)}.")
    plane = np.asarray(_DECODERS[syntax](data))
    if plane.dtype.kind not in "ui" or plane.dtype.itemsize > 2:
        raise UnsupportedPixels(f"Compressed pixels of type {plane.dtype} are not used.")
    return _exactly(plane, unsigned)


def _exactly(plane: npt.NDArray[np.generic], like: UIntArray) -> UIntArray:
    """The bits of `plane` as the unsigned type and the shape of `like`."""
    if plane.size < like.size:
        raise Truncated("A compressed frame is cut short.")
    like[...] = plane.reshape(-1)[: like.size].reshape(like.shape).astype(like.dtype, casting="unsafe")
    return like


def _to_16_bit(raw: UIntArray, bits: tuple[int, int, bool]) -> IntArray:
    """Bits above BitsStored may hold overlays: they are cut off; the sign is extended from the high bit."""
    stored, _, signed = bits
    words = raw.astype(np.uint16, copy=False)
    spare = 16 - stored
    if not signed:
        return words if spare == 0 else words & np.uint16(0xFFFF >> spare)
    whole = words.view(np.int16)
    if spare:
        whole = np.asarray((whole << np.int16(spare)) >> np.int16(spare), np.int16)
    return whole


def join_planes(planes: Sequence[IntArray]) -> IntArray:
    """[rows, columns] planes to [z, y, x]; mixed signedness is joined when every value fits int16."""
    kinds = {plane.dtype for plane in planes}
    if len(kinds) == 1:
        whole: IntArray = np.stack(planes)  # type: ignore[assignment]  # one of the two types, all alike
        return whole
    if max(int(plane.max()) for plane in planes) > np.iinfo(np.int16).max:
        raise UnsupportedPixels("Signed and unsigned slices are mixed and do not fit into 16 bits.")
    return np.stack([plane.astype(np.int16) for plane in planes])
