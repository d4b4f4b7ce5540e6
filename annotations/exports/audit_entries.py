"""The audit of a reader study: its own, its plans', its reads' and the versions' of its reads."""

from django.db.models import Q, QuerySet

from annotations.audit.models import AuditRecord
from annotations.reads.models import Plan, Read, ReaderStudy
from annotations.segmentations.models import Version


def entries_of_reader_study(study: ReaderStudy) -> QuerySet[AuditRecord]:
    """Oldest first."""
    reads = Read.objects.filter(assignment__plan__reader_study=study)
    versions = Version.objects.filter(segmentation__read__in=reads)
    plans = Plan.objects.filter(reader_study=study)
    wanted = Q(object_type="reader_study", object_id=str(study.pk))
    for kind, rows in (("read", reads), ("version", versions), ("plan", plans)):
        ids = [str(pk) for pk in rows.values_list("pk", flat=True)]
        wanted |= Q(object_type=kind, object_id__in=ids)
    return AuditRecord.objects.filter(wanted).order_by("at", "pk")
