"""De-identification of one data set after the basic profile of PS3.15 Annex E; docs/deidentification.md."""

from annotations.dicom.deidentify.names import hide_names
from annotations.dicom.deidentify.patients import KnownPatient
from annotations.dicom.deidentify.profile import BasicProfile

__all__ = ["BasicProfile", "KnownPatient", "hide_names"]
