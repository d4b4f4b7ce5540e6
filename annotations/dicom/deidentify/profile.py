"""The transform: one data set after the basic profile of PS3.15 Annex E, with the options it names."""

import threading
from collections import Counter
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

from pydicom.datadict import dictionary_has_tag, dictionary_VR, keyword_for_tag
from pydicom.dataset import Dataset
from pydicom.tag import BaseTag

from annotations.dicom import values
from annotations.dicom.deidentify import kept
from annotations.dicom.deidentify.coded import clean_code
from annotations.dicom.deidentify.elements import Cleaner, tag_name
from annotations.dicom.deidentify.identity import identity_of
from annotations.dicom.deidentify.keyed import Keyed
from annotations.dicom.deidentify.moments import age_at
from annotations.dicom.deidentify.patients import KnownPatient, Patients
from annotations.dicom.deidentify.private import put_private, take_private
from annotations.dicom.deidentify.screens import check_pixels_safe
from annotations.dicom.deidentify.words import SYNTHETIC_MARK
from annotations.dicom.refusals import Malformed, MissingTag
from annotations.dicom.transform import SourcePatient

# (code, meaning) of CID 7050 (scheme DCM)
METHODS = (
    ("113100", "Basic Application Confidentiality Profile"),
    ("113105", "Clean Descriptors Option"),
    ("113107", "Retain Longitudinal Temporal Information Modified Dates Option"),
    ("113108", "Retain Patient Characteristics Option"),
    ("113111", "Retain Safe Private Option"),
)
META_KEPT = (0x00020001, 0x00020010)  # version and transfer syntax


class BasicProfile:
    """Every attribute that `kept` does not name is removed; safe to call from several threads.

    secret: the project's own, at least 16 bytes. known: the project's key table so far.
    """

    name = "ps3.15-basic-1"

    def __init__(self, secret: bytes, known: Iterable[KnownPatient] = ()) -> None:
        self._keyed = Keyed(secret)
        self._patients = Patients(self._keyed, known)
        self._lock = threading.Lock()
        self._seen: set[str] = set()
        self._counts: Counter[tuple[str, str]] = Counter()

    def __call__(self, dataset: Dataset) -> Dataset:
        """In place. Raises BurnedInText, ScreenCapture, MissingTag, Malformed, or BadTag where SUV would
        change.
        """
        check_pixels_safe(dataset)
        try:
            return self._deidentify(dataset)
        except values.READ_ERRORS as error:
            raise Malformed(f"The DICOM header cannot be read ({type(error).__name__}).") from error

    def _deidentify(self, dataset: Dataset) -> Dataset:
        patient_id, name = values.text(dataset, "PatientID"), values.text(dataset, "PatientName")
        if not patient_id:
            raise MissingTag("PatientID is missing: nobody can say whose study this is.", tag="PatientID")
        shown, days = self._patients.see(patient_id, name)
        is_synthetic = _says_synthetic(dataset)
        _set_age(dataset)
        private = take_private(dataset, days)
        cleaner = Cleaner(self._keyed, identity_of(dataset), days)
        clean(dataset, cleaner)
        put_private(dataset, private)
        dataset.PatientName = dataset.PatientID = shown
        if is_synthetic:
            dataset.PatientComments = SYNTHETIC_MARK
        _say_what_was_done(dataset)
        _clean_file_meta(dataset)
        self._count(str(dataset.SOPInstanceUID), cleaner.done)
        return dataset

    def source_of(self, shown: str) -> SourcePatient | None:
        """Who stands behind a PatientID that this transform wrote; None when it did not."""
        return self._patients.source_of(shown)

    def offset_days(self, patient_id: str) -> int:
        """Days that are added to the dates of this patient."""
        return self._patients.see(patient_id, "")[1]

    def assign(self, *, patient_id: str, pseudonym: str) -> None:
        """From now on the files of this patient carry the pseudonym."""
        self._patients.assign(patient_id, pseudonym)

    def report(self) -> dict[str, Any]:
        """{"profile", "objects", "removed" | "emptied" | "changed" | "cleaned": {attribute: objects}}."""
        with self._lock:
            counts, objects = dict(self._counts), len(self._seen)
        report: dict[str, Any] = {"profile": self.name, "objects": objects}
        for action in ("removed", "emptied", "changed", "cleaned"):
            report[action] = {tag: n for (done, tag), n in sorted(counts.items()) if done == action}
        return report

    def _count(self, uid: str, done: Iterable[tuple[str, str]]) -> None:
        """Once for each object, though it passes twice (its header first, the whole file to be stored)."""
        with self._lock:
            if uid not in self._seen:
                self._seen.add(uid)
                self._counts.update(set(done))


def clean(dataset: Dataset, cleaner: Cleaner) -> None:
    """One level and all below it, in place."""
    for tag in sorted(dataset.keys()):  # the institution before the station
        keyword, rule = _rule(tag)
        if rule is None or not rule(cleaner, dataset, tag, keyword):
            if _has_value(dataset, tag):
                cleaner.note("removed", tag_name(tag))
            del dataset[tag]


def _has_value(dataset: Dataset, tag: BaseTag) -> bool:
    raw = dataset.get_item(tag)
    return raw is not None and bool(raw.value)


_Rule = Callable[[Cleaner, Dataset, BaseTag, str], bool]


def _sequence(cleaner: Cleaner, dataset: Dataset, tag: BaseTag, keyword: str) -> bool:
    """Items below; a code that cannot be trusted goes whole."""
    items = values.items(dataset, keyword)
    good = [item for item in items if "CodeValue" not in item or clean_code(item)]
    for item in good:
        clean(item, cleaner)
    if len(good) < len(items):
        cleaner.note("removed", f"{keyword} item")
        dataset[tag].value = good
    return bool(good) or not items


_RULES: tuple[tuple[frozenset[str], _Rule], ...] = (
    (kept.SEQUENCES, _sequence),
    (kept.CODE_ITEM, lambda cleaner, dataset, tag, keyword: clean_code(dataset)),
    (kept.EMPTIED, Cleaner.empty),
    (kept.DATES, Cleaner.date),
    (kept.TIMES, Cleaner.time),
    (kept.DATETIMES, Cleaner.datetime),
    (kept.CODES, Cleaner.code),
    (kept.TEXTS, Cleaner.text),
    (kept.REGION_NAMES, Cleaner.region_name),
    (kept.PLACES, Cleaner.place),
    (kept.DUMMIES, Cleaner.dummy),
    (kept.NUMBERS, Cleaner.number),
    (frozenset({"PatientSex"}), Cleaner.sex),
    (frozenset({"PatientAge"}), Cleaner.age),
    (frozenset({"PatientName", "PatientID"}), Cleaner.replaced),
    (frozenset({"SpecificCharacterSet"}), Cleaner.character_set),
)
_BY_KEYWORD: dict[str, _Rule] = {keyword: rule for words, rule in _RULES for keyword in words}


@lru_cache(maxsize=10_000)
def _rule(tag: BaseTag) -> tuple[str, _Rule | None]:
    """(keyword, rule); None for what goes."""
    if tag.is_private or not dictionary_has_tag(tag):
        return "", None
    keyword, vr = keyword_for_tag(tag), dictionary_VR(tag)
    rule = _BY_KEYWORD.get(keyword)
    if rule is None and vr == "UI":
        rule = Cleaner.uid
    numeric = all(part in kept.NUMBER_VRS for part in vr.split(" or "))
    if rule is None and numeric and tag.group in kept.NUMBER_GROUPS:
        rule = Cleaner.number
    return keyword, rule


def _set_age(dataset: Dataset) -> None:
    """The age in years from the birth date, which goes, where the object does not give the age."""
    if values.text(dataset, "PatientAge"):
        return
    reckoned = age_at(values.text(dataset, "PatientBirthDate"), values.text(dataset, "StudyDate"))
    if reckoned:
        dataset.PatientAge = reckoned


def _says_synthetic(dataset: Dataset) -> bool:
    return any(SYNTHETIC_MARK.casefold() in values.text(dataset, k).casefold() for k in kept.COMMENTS)


def _say_what_was_done(dataset: Dataset) -> None:
    dataset.PatientIdentityRemoved = "YES"
    dataset.LongitudinalTemporalInformationModified = "MODIFIED"
    dataset.DeidentificationMethod = "PETReview, PS3.15 Annex E basic profile with options"
    dataset.DeidentificationMethodCodeSequence = [_method(*method) for method in METHODS]


def _method(value: str, meaning: str) -> Dataset:
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, "DCM", meaning
    return item


def _clean_file_meta(dataset: Dataset) -> None:
    """The preamble and the names of sending stations stand outside the data set."""
    dataset.preamble = b"\0" * 128
    meta = getattr(dataset, "file_meta", None)
    if meta is not None:
        for tag in [tag for tag in meta.keys() if tag not in META_KEPT]:  # noqa: SIM118
            del meta[tag]
        meta.MediaStorageSOPClassUID = dataset.SOPClassUID
        meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
