"""Who the patients of a run are: pseudonym and offset of each, known ones and new ones."""

import threading
from collections.abc import Iterable
from dataclasses import dataclass, replace

from annotations.dicom.deidentify.keyed import Keyed
from annotations.dicom.transform import SourcePatient

PROVISIONAL = "new-"


@dataclass(frozen=True)
class KnownPatient:
    """A row of the key table."""

    source: SourcePatient
    pseudonym: str


class Patients:
    """Safe to use from several threads. A patient not known yet has a provisional, keyed name until the
    pseudonym is given out (`assign`).
    """

    def __init__(self, keyed: Keyed, known: Iterable[KnownPatient]) -> None:
        self._keyed, self._lock = keyed, threading.Lock()
        self._shown: dict[str, str] = {}
        self._sources: dict[str, SourcePatient] = {}
        for one in known:
            self._shown[one.source.patient_id] = one.pseudonym
            self._sources[one.pseudonym] = one.source

    def see(self, patient_id: str, patient_name: str) -> tuple[str, int]:
        """(what stands for the patient, days of the offset)."""
        with self._lock:
            shown = self._shown.get(patient_id)
            if shown is None:
                shown = PROVISIONAL + self._keyed.code("patient", patient_id, 16)
                offset = self._keyed.offset_days(patient_id)
                self._shown[patient_id] = shown
                self._sources[shown] = SourcePatient(patient_id, patient_name, offset)
            source = self._sources[shown]
            if source.date_offset_days is None:
                source = replace(source, date_offset_days=self._keyed.offset_days(patient_id))
                self._sources[shown] = source
        assert source.date_offset_days is not None
        return shown, source.date_offset_days

    def source_of(self, shown: str) -> SourcePatient | None:
        return self._sources.get(shown)

    def assign(self, patient_id: str, pseudonym: str) -> None:
        with self._lock:
            before = self._shown.get(patient_id)
            if before is not None and before != pseudonym:
                self._shown[patient_id] = pseudonym
                self._sources[pseudonym] = self._sources[before]
