"""Everything this room refuses, by name.

A `Refusal` says which file (or series) was left out and why; the rest of a heap goes on. The classes
below are what single functions raise; `Refusal.of` turns one into a record.
"""

from dataclasses import asdict, dataclass

from annotations.errors import PetreviewError


class DicomRefused(PetreviewError):
    """Base of every refusal of a DICOM object. The input is at fault, not the program."""

    code = "dicom_refused"
    http_status = 422


# -- a file ---------------------------------------------------------------------------------------


class NotDicom(DicomRefused):
    code = "not_dicom"


class Truncated(DicomRefused):
    code = "truncated"


class Malformed(DicomRefused):
    code = "malformed"


class FileTooLarge(DicomRefused):
    code = "file_too_large"


class Unreadable(DicomRefused):
    code = "unreadable"


class UnsafePath(DicomRefused):
    code = "unsafe_path"


class BadArchive(DicomRefused):
    code = "bad_archive"


class NestedArchive(DicomRefused):
    code = "nested_archive"


class EncryptedArchive(DicomRefused):
    code = "encrypted_archive"


class ArchiveBomb(DicomRefused):
    code = "archive_bomb"


class TooManyFiles(DicomRefused):
    code = "too_many_files"


class UnsupportedSopClass(DicomRefused):
    code = "unsupported_sop_class"


class UnsupportedTransferSyntax(DicomRefused):
    code = "unsupported_transfer_syntax"


class UnsupportedPixels(DicomRefused):
    code = "unsupported_pixels"


class LossyCompression(DicomRefused):
    code = "lossy_compression"


class MissingTag(DicomRefused):
    code = "missing_tag"


class BadTag(DicomRefused):
    code = "bad_tag"


class InstanceConflict(DicomRefused):
    code = "instance_conflict"
    http_status = 409


# -- a series -------------------------------------------------------------------------------------


class TooFewSlices(DicomRefused):
    code = "too_few_slices"


class MissingSlice(DicomRefused):
    code = "missing_slice"


class UnevenSpacing(DicomRefused):
    code = "uneven_spacing"


class DuplicatePosition(DicomRefused):
    code = "duplicate_position"


class SeveralVolumes(DicomRefused):
    code = "several_volumes"


class MixedOrientation(DicomRefused):
    code = "mixed_orientation"


class MixedSize(DicomRefused):
    code = "mixed_size"


class MixedSpacing(DicomRefused):
    code = "mixed_spacing"


class MixedSeries(DicomRefused):
    code = "mixed_series"


class ShearedSlices(DicomRefused):
    code = "sheared_slices"


class BadOrientation(DicomRefused):
    code = "bad_orientation"


class FileChanged(DicomRefused):
    code = "file_changed"


# -- a segmentation object ------------------------------------------------------------------------


class FrameOfReferenceMismatch(DicomRefused):
    code = "frame_of_reference_mismatch"


class NoContours(DicomRefused):
    code = "no_contours"


class ContourNotInPlane(DicomRefused):
    code = "contour_not_in_plane"


class OutsideVolume(DicomRefused):
    code = "outside_volume"


class FractionalSegmentation(DicomRefused):
    code = "fractional_segmentation"


class SourceMismatch(DicomRefused):
    code = "source_mismatch"


@dataclass(frozen=True)
class Refusal:
    """One thing left out. file: name in the heap, never an absolute path of the server."""

    file: str
    code: str
    message: str

    @classmethod
    def of(cls, file: str, error: PetreviewError) -> "Refusal":
        return cls(file, error.code, error.message)

    def as_json(self) -> dict[str, str]:
        return asdict(self)
