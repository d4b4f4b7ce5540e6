"""Words that give one patient away, found in the object itself before anything is removed."""

import re
from dataclasses import dataclass
from functools import lru_cache

from pydicom.datadict import dictionary_has_tag, dictionary_VR
from pydicom.dataset import Dataset

from annotations.dicom import values
from annotations.dicom.deidentify.words import tokens

IDS = (
    "PatientID",
    "AccessionNumber",
    "StudyID",
    "OtherPatientIDs",
    "PatientTelephoneNumbers",
    "PatientBirthDate",
)
HARMLESS = frozenset({"synthetic", "phantom", "test", "anonymous", "anonymized"})
SHORTEST_NAME, SHORTEST_ID = 3, 4
_LONG_NUMBER = re.compile(r"\d{5,}|\d{1,4}[-./]\d{1,2}[-./]\d{1,4}")


@dataclass(frozen=True)
class Identity:
    """names: casefolded parts of person names. ids: casefolded identifiers."""

    names: frozenset[str]
    ids: frozenset[str]

    def is_in(self, text: str) -> bool:
        """True when the text has a name, an identifier, a date, or a number long enough to be one."""
        folded = text.casefold()
        if _LONG_NUMBER.search(folded) or any(one in folded for one in self.ids):
            return True
        words = {token.casefold() for token in tokens(text)}
        inside = any(name in folded for name in self.names if len(name) > SHORTEST_NAME)
        return inside or not self.names.isdisjoint(words)


def identity_of(dataset: Dataset) -> Identity:
    people = [_text(dataset, tag) for tag in dataset.keys() if _is_person(tag)]  # noqa: SIM118
    names = {token.casefold() for name in people for token in tokens(name)}
    ids = {part.casefold() for keyword in IDS for part in values.texts(dataset, keyword)}
    return Identity(
        frozenset(name for name in names - HARMLESS if len(name) >= SHORTEST_NAME),
        frozenset(one for one in ids if len(one) >= SHORTEST_ID),
    )


@lru_cache(maxsize=10_000)
def _is_person(tag: int) -> bool:
    return dictionary_has_tag(tag) and dictionary_VR(tag) == "PN"


def _text(dataset: Dataset, tag: int) -> str:
    return str(dataset[tag].value or "")
