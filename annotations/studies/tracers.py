"""One spelling for each tracer, so that a release can say which ones it was made for.

Tracers of one nuclide in use go by their short name (FDG); peptides and ligands that exist with several
nuclides carry it: [64Cu]Cu-DOTATATE. What is not in the table keeps the scanner's own text.
"""

import re

from annotations.dicom.attributes import TracerInfo
from annotations.studies.plain_text import plain_text

# words in the radiopharmaceutical's text or code meaning -> name without nuclide
_WITH_NUCLIDE = {
    "DOTATATE": "DOTATATE",
    "OXODOTREOTIDE": "DOTATATE",
    "DOTATOC": "DOTATOC",
    "EDOTREOTIDE": "DOTATOC",
    "DOTANOC": "DOTANOC",
    "PSMA": "PSMA",
    "PENTIXAFOR": "PENTIXAFOR",
    "FAPI": "FAPI",
}
_SHORT = {
    "FDG": "FDG",
    "FLUORODEOXYGLUCOSE": "FDG",
    "FLUDEOXYGLUCOSE": "FDG",
    "FLUOROCHOLINE": "FCH",
    "SODIUMFLUORIDE": "NaF",
    "FLUOROTHYMIDINE": "FLT",
    "FLUORODOPA": "FDOPA",
}


def tracer_name(info: TracerInfo | None) -> str:
    """ "FDG", "[64Cu]Cu-DOTATATE", the text as found, or "" when the series does not say."""
    if info is None:
        return ""
    text = f"{info.radiopharmaceutical} {info.radiopharmaceutical_code[2]}".strip()
    letters = re.sub(r"[^A-Z]", "", text.upper())
    for word, name in _SHORT.items():
        if word in letters:
            return name
    for word, name in _WITH_NUCLIDE.items():
        if word in letters:
            return _labelled(name, info.nuclide)
    return plain_text(info.radiopharmaceutical or info.radiopharmaceutical_code[2], 80)


def _labelled(name: str, nuclide: str) -> str:
    element = nuclide.lstrip("0123456789")
    return f"[{nuclide}]{element}-{name}" if element else name
