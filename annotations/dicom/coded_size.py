"""Size of a compressed image as its own bytes state it, read before any decoder is let loose on it."""

import struct

from annotations.dicom.refusals import Malformed

_JPEG_START = b"\xff\xd8"
_J2K_START = b"\xff\x4f\xff\x51"
_JP2_BOX = b"\x00\x00\x00\x0cjP  "
# Start-of-frame markers of JPEG (C0-CF without the table markers) and of JPEG-LS (F7).
_FRAMES = (set(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}) | {0xF7}


def coded_size(data: bytes) -> tuple[int, int, int]:
    """(rows, columns, components). Raises Malformed when the bytes are no JPEG, JPEG-LS or JPEG 2000."""
    try:
        if data.startswith(_JPEG_START):
            return _jpeg(data)
        if data.startswith(_JP2_BOX):
            data = data[data.index(_J2K_START) :]
        if data.startswith(_J2K_START):
            return _j2k(data)
    except (struct.error, ValueError, IndexError) as error:
        raise Malformed("The compressed image has no readable header.") from error
    raise Malformed("The compressed image is of no known kind.")


def _jpeg(data: bytes) -> tuple[int, int, int]:
    position = 2
    while True:
        while data[position + 1] == 0xFF:  # fill bytes
            position += 1
        mark, code = data[position], data[position + 1]
        if mark != 0xFF:
            raise ValueError("no marker")
        (length,) = struct.unpack_from(">H", data, position + 2)
        if code in _FRAMES:
            rows, columns, components = struct.unpack_from(">HHB", data, position + 5)
            return rows, columns, components
        position += 2 + length


def _j2k(data: bytes) -> tuple[int, int, int]:
    width, height, left, top = struct.unpack_from(">LLLL", data, 8)
    (components,) = struct.unpack_from(">H", data, 40)
    return height - top, width - left, components
