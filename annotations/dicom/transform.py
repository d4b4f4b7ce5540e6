"""The seam of de-identification: what an import does to each data set before anything is stored."""

from dataclasses import dataclass
from typing import Protocol

from pydicom.dataset import Dataset


@dataclass(frozen=True)
class SourcePatient:
    """Who somebody is in the files that came in. date_offset_days: added to all dates; None: none is."""

    patient_id: str
    patient_name: str
    date_offset_days: int | None = None


class Transform(Protocol):
    """Called once for each object, right after it is read and before anything else sees it.

    The data set has no pixels. It may be changed in place or replaced; raising a DicomRefused keeps
    the object out. `name` is stored with the study, so that it is known what was done. It is called from
    several threads.
    """

    @property
    def name(self) -> str: ...

    def __call__(self, dataset: Dataset) -> Dataset: ...


class Identity:
    """Changes nothing: for data that are de-identified already, or may stay as they are."""

    name = "identity"

    def __call__(self, dataset: Dataset) -> Dataset:
        return dataset


IDENTITY: Transform = Identity()
