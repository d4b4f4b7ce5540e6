"""Names and half-lives of PET nuclides. The header's half-life is used; these only cross-check it."""

import re

from pydicom.dataset import Dataset

from annotations.dicom import values

# seconds; 64Cu 12.701 h, 68Ga 67.71 min, 18F 109.77 min (Laboratoire National Henri Becquerel tables)
HALF_LIFE_S: dict[str, float] = {
    "11C": 1221.8,
    "13N": 597.9,
    "15O": 122.2,
    "18F": 6586.2,
    "61Cu": 12020.0,
    "64Cu": 45723.6,
    "68Ga": 4062.6,
    "82Rb": 76.4,
    "86Y": 53064.0,
    "89Zr": 282276.0,
    "90Y": 230590.0,
    "124I": 360806.0,
}

# DICOM CID 4020: SNOMED CT code and the older SNOMED RT code
_CODES: dict[str, str] = {
    "40565003": "11C", "C-105A1": "11C",
    "21576001": "13N", "C-107A1": "13N",
    "129504001": "15O", "C-B1038": "15O",
    "77004003": "18F", "C-111A1": "18F",
    "71425003": "61Cu", "C-127A1": "61Cu",
    "3932008": "64Cu", "C-127A2": "64Cu",
    "79477007": "66Ga", "C-131A1": "66Ga",
    "35337001": "68Ga", "C-131A3": "68Ga",
    "79197006": "82Rb", "C-159A2": "82Rb",
    "10738001": "86Y", "C-162A3": "86Y",
    "63360001": "89Zr", "C-168A4": "89Zr",
    "14691008": "90Y", "C-162A7": "90Y",
    "40937006": "124I", "C-114A5": "124I",
}  # fmt: skip
_ELEMENTS = {
    "carbon": "C", "nitrogen": "N", "oxygen": "O", "fluorine": "F", "copper": "Cu", "gallium": "Ga",
    "rubidium": "Rb", "yttrium": "Y", "zirconium": "Zr", "iodine": "I",
}  # fmt: skip


def nuclide_of(injection: Dataset) -> str:
    """ "64Cu" from one item of RadiopharmaceuticalInformationSequence; "" when it is not said."""
    for item in values.items(injection, "RadionuclideCodeSequence"):
        code = values.text(item, "CodeValue")
        return _CODES.get(code) or nuclide_in_text(values.text(item, "CodeMeaning"))
    return ""


def nuclide_in_text(meaning: str) -> str:
    """ "^64^Copper", "Cu-64", "64Cu", "F18" -> "64Cu", "18F"; "" when nothing of the kind is there."""
    bare = meaning.replace("^", "").replace("-", "").replace(" ", "")
    found = re.fullmatch(r"(\d{1,3})([A-Za-z]+)", bare) or re.fullmatch(r"([A-Za-z]+)(\d{1,3})", bare)
    if not found:
        return ""
    mass, name = sorted(found.groups())
    symbol = _ELEMENTS.get(name.lower(), name.capitalize())
    candidate = f"{mass}{symbol}"
    return candidate if candidate in HALF_LIFE_S else ""


def half_life_mismatch(nuclide: str, half_life_s: float) -> float | None:
    """Relative difference from the nuclide's own half-life; None when the nuclide is not known."""
    known = HALF_LIFE_S.get(nuclide)
    return None if known is None else half_life_s / known - 1.0
