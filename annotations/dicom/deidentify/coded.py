"""Coded concepts: the meaning is the standard's own text for the code, never what the file says."""

import re
from functools import cache
from typing import Any

from pydicom.dataset import Dataset
from pydicom.sr._concepts_dict import concepts as _concepts

from annotations.dicom import enhanced_pet, values
from annotations.dicom.codes import OWN_SCHEME
from annotations.dicom.deidentify.words import clean_text

concepts: dict[str, Any] = _concepts
# Schemes whose values have a form that no name has; SRT: SNOMED RT as older objects have it.
FORMS = {
    "SCT": r"\d{4,18}",
    "DCM": r"\d{6}",
    "SRT": r"[A-Z]\d?-[0-9A-FX]{4,6}",
    "SNM3": r"[A-Z]\d?-[0-9A-FX]{4,6}",
    "99SDM": r"[A-Z]\d?-[0-9A-FX]{4,6}",
    "FMA": r"\d{1,6}",
    "LN": r"\d{1,5}-\d",
    "NCIt": r"C\d{1,6}",
    "RADLEX": r"RID\d{1,6}",
    "UMLS": r"C\d{7}",
    OWN_SCHEME: r"[A-Za-z0-9_-]{1,16}",
}


@cache
def _meanings(scheme: str) -> dict[str, str]:
    return {
        value: meaning
        for entries in concepts.get(scheme, {}).values()
        for value, (meaning, _) in entries.items()
    }


def clean_code(item: Dataset) -> bool:
    """Scrub one code item in place. False when it is not a code that may stay."""
    scheme, value = values.text(item, "CodingSchemeDesignator"), values.text(item, "CodeValue")
    known = _meanings(scheme).get(value)
    if scheme == "UCUM" and known is None and value in enhanced_pet.UNITS:
        known = value
    if known is None and not re.fullmatch(FORMS.get(scheme, r"(?!)"), value):
        return False
    given = values.text(item, "CodeMeaning")
    cleaned = value if given == value else clean_text(given.replace("^", " "))
    item.CodeMeaning = (known or cleaned or value)[:64]
    return True
