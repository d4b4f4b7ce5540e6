"""SEG, RTSTRUCT, SR and NIfTI of every submitted final version."""

from collections.abc import Callable

from annotations.errors import PetreviewError
from annotations.exports.rows import Row
from annotations.exports.study_data import StudyData
from annotations.exports.versions import Format, export_version
from annotations.reads.models import Read

Put = Callable[[str, bytes], None]
Progress = Callable[[str, int, int], None]
NAMES: dict[Format, str] = {
    "seg": "seg.dcm",
    "rtstruct": "rtstruct.dcm",
    "sr": "report.dcm",
    "nifti": "labels.nii.gz",
}
REFUSED = "not-written.txt"


def file_stem(row: Row) -> str:
    """Reader, case, period, repeat and attempt: unique in a reader study, and no one's name."""
    one = row.assignment
    mark = "synthetic-" if row.study.is_synthetic else ""
    attempt = f"-attempt{row.read.attempt}" if row.read else ""
    return f"{mark}{row.reader}-case{one.case.number:03d}-period{one.period}-repeat{one.repeat}{attempt}"


def submitted_rows(data: StudyData) -> list[Row]:
    return [row for row in data.rows if row.read and row.read.state == Read.State.SUBMITTED and row.final]


def write_versions(data: StudyData, put: Put, progress: Progress) -> None:
    """versions/<read>/...: what a writer refuses (an empty version has no SEG) is named in a text file."""
    rows = submitted_rows(data)
    for number, row in enumerate(rows):
        assert row.final is not None
        progress("writing segmentations", number, len(rows))
        refused = []
        for form, name in NAMES.items():
            try:
                put(f"versions/{file_stem(row)}/{name}", export_version(row.final, form).content)
            except PetreviewError as error:
                refused.append(f"{name}: {error.code}: {error.message}")
        if refused:
            put(f"versions/{file_stem(row)}/{REFUSED}", ("\n".join(refused) + "\n").encode())
