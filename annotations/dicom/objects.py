"""RTSTRUCT and SEG behind one door: which series they were drawn on, and their regions on a PET."""

from pydicom.dataset import Dataset

from annotations.dicom import rtstruct_read, seg_read
from annotations.dicom.read_files import HeaderFile
from annotations.dicom.regions import ReadRegions, TargetVolume


def referenced_series(header: Dataset) -> tuple[str, ...]:
    """Series UIDs the object names as its source; empty when it names none."""
    if header.Modality == "RTSTRUCT":
        return rtstruct_read.referenced_series(header)
    return seg_read.referenced_series(header)


def read_object(file: HeaderFile, target: TargetVolume, *, fraction: float | None = None) -> ReadRegions:
    """The regions of one RTSTRUCT or SEG file on `target`. Raises a DicomRefused that names why the whole
    object cannot be used; single regions that cannot are in the result's refusals.
    """
    part = file.load()
    if file.kind == "rtstruct":
        return rtstruct_read.read_rtstruct(part.header, target)
    return seg_read.read_seg(part, target, fraction=fraction)
