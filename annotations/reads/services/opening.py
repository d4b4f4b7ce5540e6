"""Open an assignment: the read and a lineage of its own."""

from django.db import IntegrityError, transaction
from django.utils import timezone

from annotations.audit.services import record
from annotations.reads.errors import StartNotReady
from annotations.reads.models import Arm, Assignment, Read
from annotations.reads.selectors import find_start_version, with_case
from annotations.segmentations.services import insert_version, prepare_lineage


def open_read(*, assignment: Assignment) -> Read:
    """The read of an assignment, made at the first call; opened again it is the same read.

    In an AI arm the lineage's first version grows from the AI version (StartNotReady while there is
    none); in an empty arm it is an empty label map. Two pages that open at once get one read.
    """
    read = _existing(assignment)
    if read is not None:
        return read
    start = find_start_version(assignment)
    if start is None and assignment.arm.start != Arm.Start.EMPTY:
        raise StartNotReady("The segmentation of this case is still being prepared.")
    prepared = prepare_lineage(
        volume=assignment.case.volume,
        start=start,
        title=f"{assignment.plan.reader_study.name}, case {assignment.case.number}",
        author=assignment.reader,
        suv_revision=assignment.case.suv_revision,
        is_synthetic=assignment.case.volume.series.study.is_synthetic,
    )
    try:
        with transaction.atomic():
            version = insert_version(prepared)
            read = Read.objects.create(
                assignment=assignment,
                segmentation=version.segmentation,
                start_version=start,
                opened_at=timezone.now(),
            )
            record(actor=assignment.reader, action="read_opened", object_type="read", object_id=read.pk)
    except IntegrityError:
        read = _existing(assignment)
        if read is None:
            raise
        return read
    return with_case(Read.objects.all()).get(pk=read.pk)


def _existing(assignment: Assignment) -> Read | None:
    reads = assignment.reads.exclude(state=Read.State.ABANDONED).order_by("-attempt")
    return with_case(reads).first()
