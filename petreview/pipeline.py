"""The whole arrow on one screen: DICOM files -> volumes with SUV -> segmentations.

Everything a file can be wrong about is refused by name and the rest goes on. What ends an import is a
full disk, a request to cancel, or a fault of ours; what was stored until then stays, and the same import
again goes on from there, because the same content is stored once.
"""

from collections.abc import Iterable
from pathlib import Path

from django.db import OperationalError

from annotations.dicom.deidentify import BasicProfile, hide_names
from annotations.dicom.group import group_files
from annotations.dicom.read_files import read_heap
from annotations.dicom.refusals import Refusal
from annotations.dicom.series import iter_series
from annotations.dicom.transform import IDENTITY, Transform
from annotations.errors import PetreviewError, StorageFull
from annotations.segmentations.services.import_object import import_object
from annotations.studies import services as studies
from annotations.studies.models import ImportRun
from petreview.import_report import ImportReport

INTERRUPTED = "The import was interrupted. Start it again to go on."


def import_paths(
    paths: Iterable[Path],
    *,
    progress: studies.ImportProgress,
    report: ImportReport,
    transform: Transform = IDENTITY,
) -> None:
    """Files, folders and zip archives into the project of the run. Raises StorageFull or ImportCancelled."""
    project, user = progress.run.project, progress.run.started_by

    heap = read_heap(paths, transform=transform, on_file=progress.tick)  # headers, after the transform
    if isinstance(transform, BasicProfile):
        heap = hide_names(heap)  # a file may be called after the patient
    matched = studies.match_stored(project=project, files=heap.files)  # known, or contradicting what is known
    grouped = group_files(matched.files)  # by study, series and volume
    report.refuse(*heap.refusals, *matched.refusals, *grouped.refusals)

    images = iter_series(grouped.volumes)  # slices in order, geometry checked, voxels, SUV
    for number, image in enumerate(images, start=1):
        progress.begin(f"storing series {number} of {len(grouped.volumes)}")
        if isinstance(image, Refusal):
            report.refuse(image)
            continue
        with report.refusing(image.instances[0].file):
            studies.store_image_series(  # patient, study, series, instances, volume, SUV revision 1, MIP
                project=project, image=image, files=matched.files, transform=transform, imported_by=user
            )
            report.add_series(image)

    for file in grouped.objects:  # RTSTRUCT and SEG, onto a PET of the same frame of reference
        progress.begin("storing segmentations")
        with report.refusing(file.source.name):
            imported = import_object(project=project, file=file, transform=transform, imported_by=user)
            report.refuse(*imported.refusals)
            for version in imported.versions:
                report.add_segmentation(version)

    studies.refresh_synthetic_mark(project=project)


def run_import(
    paths: Iterable[Path], *, progress: studies.ImportProgress, transform: Transform | None = None
) -> ImportRun:
    """`import_paths`, with its end written into the run: done, cancelled, or failed by name.

    transform: the project's own unless another is given.
    """
    transform = transform or studies.transform_of(progress.run.project)
    report = ImportReport(transform)
    try:
        import_paths(paths, progress=progress, report=report, transform=transform)
    except PetreviewError as error:
        progress.stop(code=error.code, message=error.message, report=report.to_json())
    except OperationalError as error:
        if "full" not in str(error):
            progress.stop(code="interrupted", message=INTERRUPTED)
            raise
        progress.stop(code=StorageFull.code, message="The disk of the database is full.")
    except BaseException:  # a fault of ours, or Ctrl-C: the run must not stay "running"
        progress.stop(code="interrupted", message=INTERRUPTED)
        raise
    else:
        progress.finish(report.to_json())
    return progress.run
