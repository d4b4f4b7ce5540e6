"""Coded concepts: SNOMED CT (SCT) and DICOM (DCM)."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Code:
    value: str
    scheme: str
    meaning: str


MORPHOLOGICALLY_ABNORMAL = Code("49755003", "SCT", "Morphologically Abnormal Structure")
LESION = Code("52988006", "SCT", "Lesion")

# Algorithm family, CID 7162
ARTIFICIAL_INTELLIGENCE = Code("123110", "DCM", "Artificial Intelligence")
NEIGHBOURHOOD_ANALYSIS = Code("123101", "DCM", "Neighborhood Analysis")
