"""Parse one DICOM file from its bytes without trusting it.

The header is read up to the pixel data. Pixels are never touched here, but it is checked that they are
all there, so that a file cut short by a broken transfer is found before anything is stored.
"""

import struct
import zlib
from dataclasses import dataclass
from io import BytesIO

import pydicom
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.filereader import read_dataset
from pydicom.tag import BaseTag
from pydicom.uid import DeflatedExplicitVRLittleEndian, ExplicitVRBigEndian, ImplicitVRLittleEndian

from annotations.dicom.refusals import FileTooLarge, Malformed, NotDicom, Truncated
from annotations.dicom.values import READ_ERRORS

# Values that break the standard are read as they stand: every value we use is checked where it is used.
pydicom.config.settings.reading_validation_mode = pydicom.config.IGNORE

PIXEL_TAGS = (0x7FE00008, 0x7FE00009, 0x7FE00010)
MAX_INFLATED_BYTES = 2048 * 1024 * 1024
UNDEFINED_LENGTH = 0xFFFFFFFF
SEQUENCE_END = b"\xfe\xff\xdd\xe0"


@dataclass(frozen=True)
class Part10:
    """header: everything before the pixels, with file_meta. body: the (inflated) bytes the offset points
    into. pixel_offset: where the pixel data element starts, None when the object has none.
    """

    header: Dataset
    body: bytes
    pixel_offset: int | None
    transfer_syntax: str


def parse_part10(data: bytes) -> Part10:
    """Raises NotDicom, Truncated, Malformed or FileTooLarge."""
    if len(data) < 132 or data[128:132] != b"DICM":
        raise NotDicom("This is not a DICOM file (the mark DICM is missing).")
    try:
        return _parse(data)
    except EOFError as error:
        raise Truncated("The file ends in the middle of its header.") from error
    except READ_ERRORS as error:
        raise Malformed(f"The DICOM header cannot be read ({type(error).__name__}).") from error


def _parse(data: bytes) -> Part10:
    stream = BytesIO(data)
    stream.seek(132)
    meta = FileMetaDataset(
        read_dataset(stream, False, True, stop_when=lambda tag, vr, length: tag.group != 2)
    )
    syntax = str(meta.get("TransferSyntaxUID", ""))
    if not syntax:
        raise Malformed("The file does not say how it is encoded (Transfer Syntax UID).")
    body = data
    if syntax == DeflatedExplicitVRLittleEndian:
        body = _inflate(data[stream.tell() :])
        stream = BytesIO(body)
    implicit, little = syntax == ImplicitVRLittleEndian, syntax != ExplicitVRBigEndian
    header = read_dataset(stream, implicit, little, stop_when=_at_pixels)
    position = stream.tell()
    if position >= len(body):
        offset = None
        _check_header_end(header, body, implicit, little)
    else:
        offset = position
        _check_pixels_complete(body, offset, implicit, little)
    header.file_meta = meta
    header.set_original_encoding(implicit, little)
    return Part10(header, body, offset, syntax)


def _at_pixels(tag: BaseTag, vr: str | None, length: int) -> bool:
    return tag in PIXEL_TAGS


def _inflate(data: bytes) -> bytes:
    engine = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        body = engine.decompress(data, MAX_INFLATED_BYTES)
    except zlib.error as error:
        raise Malformed("The deflated data set is damaged.") from error
    if engine.unconsumed_tail:
        raise FileTooLarge(f"The deflated data set is larger than {MAX_INFLATED_BYTES} bytes.")
    if not engine.eof:
        raise Truncated("The deflated data set is cut short.")
    return body


def _check_header_end(header: Dataset, body: bytes, implicit: bool, little: bool) -> None:
    """pydicom accepts a last element that is shorter than it says; we do not."""
    last = max(header.keys(), default=None)
    element = header.get_item(last) if last is not None else None
    if element is None or not hasattr(element, "length"):
        return
    value = element.value or b""
    if element.length != UNDEFINED_LENGTH and isinstance(value, bytes) and len(value) < element.length:
        raise Truncated("The file ends in the middle of its last element.")


def _check_pixels_complete(body: bytes, offset: int, implicit: bool, little: bool) -> None:
    order = "<" if little else ">"
    if implicit:
        start, form, where = offset + 8, f"{order}L", offset + 4
    else:
        start, form, where = offset + 12, f"{order}L", offset + 8
    if start > len(body):
        raise Truncated("The file ends before its pixels.")
    (length,) = struct.unpack_from(form, body, where)
    if length == UNDEFINED_LENGTH:
        if body.find(SEQUENCE_END, max(start, len(body) - 4096)) < 0:
            raise Truncated("The compressed pixels are cut short.")
    elif start + length > len(body):
        raise Truncated(f"The file has {len(body) - start} bytes of pixels; it announces {length}.")


def pixel_bytes(part: Part10) -> bytes:
    """The value of the pixel data element (for compressed data: the sequence of fragments)."""
    if part.pixel_offset is None:
        raise Truncated("The object has no pixels.")
    implicit = part.transfer_syntax == ImplicitVRLittleEndian
    little = part.transfer_syntax != ExplicitVRBigEndian
    start = part.pixel_offset + (8 if implicit else 12)
    where = part.pixel_offset + (4 if implicit else 8)
    (length,) = struct.unpack_from("<L" if little else ">L", part.body, where)
    end = len(part.body) if length == UNDEFINED_LENGTH else start + length
    return part.body[start:end]
