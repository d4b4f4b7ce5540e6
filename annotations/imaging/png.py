"""A picture as PNG bytes, with the words that must stay on it."""

import struct
import zlib

import numpy as np
import numpy.typing as npt

from annotations.errors import InvalidInput
from annotations.imaging.colours import Colour

ByteImage = npt.NDArray[np.uint8]
RESEARCH_USE = "RESEARCH USE ONLY"
# 5 x 7 pixel glyphs, one hexadecimal pair a row, the lowest five bits from left to right.
GLYPHS = {
    "A": "0e11111f111111",
    "B": "1e11111e11111e",
    "C": "0e11101010110e",
    "D": "1e11111111111e",
    "E": "1f10101e10101f",
    "F": "1f10101e101010",
    "G": "0e11101711110f",
    "H": "1111111f111111",
    "I": "0e04040404040e",
    "J": "0702020202120c",
    "K": "11121418141211",
    "L": "1010101010101f",
    "M": "111b1515111111",
    "N": "11191513111111",
    "O": "0e11111111110e",
    "P": "1e11111e101010",
    "Q": "0e11111115120d",
    "R": "1e11111e141211",
    "S": "0f10100e01011e",
    "T": "1f040404040404",
    "U": "1111111111110e",
    "V": "11111111110a04",
    "W": "11111115151b11",
    "X": "11110a040a1111",
    "Y": "11110a04040404",
    "Z": "1f01020408101f",
    "0": "0e11131519110e",
    "1": "040c040404040e",
    "2": "0e11010608101f",
    "3": "0e11010601110e",
    "4": "02060a121f0202",
    "5": "1f101e0101110e",
    "6": "0608101e11110e",
    "7": "1f010204080808",
    "8": "0e11110e11110e",
    "9": "0e11110f01020c",
    ".": "00000000000c0c",
    ",": "000000000c0408",
    ":": "000c0c000c0c00",
    "-": "0000001f000000",
    "+": "0004041f040400",
    "/": "01010204081010",
    "%": "18190204081303",
    "(": "02040808080402",
    ")": "08040202020408",
    " ": "00000000000000",
}


def encode_png(rgb: ByteImage, words: dict[str, str] | None = None) -> bytes:
    """PNG of uint8 [rows, columns, 3]; `words` become tEXt chunks (Latin-1)."""
    if rgb.ndim != 3 or rgb.shape[2] != 3 or rgb.dtype != np.uint8:
        raise InvalidInput("A picture is uint8 [rows, columns, 3].", got=[str(rgb.dtype), *rgb.shape])
    rows, columns, _ = rgb.shape
    lines = np.zeros((rows, 1 + 3 * columns), dtype=np.uint8)
    lines[:, 1:] = rgb.reshape(rows, -1)
    header = struct.pack(">IIBBBBB", columns, rows, 8, 2, 0, 0, 0)
    texts = [_chunk(b"tEXt", f"{key}\0{text}".encode("latin-1")) for key, text in (words or {}).items()]
    body = _chunk(b"IDAT", zlib.compress(lines.tobytes(), 6))
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + b"".join(texts) + body + _chunk(b"IEND", b"")


def stamp_text(rgb: ByteImage, text: str, colour: Colour, row: int, column: int, scale: int = 1) -> ByteImage:
    """A copy with `text` (capitals, digits, some signs) from (row, column).

    A negative row or column counts from the far side. What does not fit is cut. Raises
    InvalidInput for a character without a glyph.
    """
    mask = np.kron(_text_mask(text), np.ones((scale, scale), dtype=np.bool_))
    height, width = mask.shape
    top = row if row >= 0 else rgb.shape[0] - height + row + 1
    left = column if column >= 0 else rgb.shape[1] - width + column + 1
    top, left = max(0, top), max(0, left)
    result = rgb.copy()
    target = result[top : top + height, left : left + width]
    target[mask[: target.shape[0], : target.shape[1]]] = colour
    return result


def stamp_research_use(rgb: ByteImage, colour: Colour = (242, 184, 75)) -> ByteImage:
    """The mark every rendered picture carries, in its lower left corner."""
    scale = max(1, min(rgb.shape[1] // 220, 3))
    return stamp_text(rgb, RESEARCH_USE, colour, -3, 3, scale)


def _text_mask(text: str) -> npt.NDArray[np.bool_]:
    unknown = sorted({letter for letter in text.upper() if letter not in GLYPHS})
    if unknown or not text:
        raise InvalidInput("There is no glyph for this text.", got=text, unknown=unknown)
    mask = np.zeros((7, 6 * len(text)), dtype=np.bool_)
    for place, letter in enumerate(text.upper()):
        rows = np.frombuffer(bytes.fromhex(GLYPHS[letter]), dtype=np.uint8)[:, None]
        mask[:, 6 * place : 6 * place + 5] = (rows >> np.arange(4, -1, -1)) & 1
    return mask


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
