"""Which audit entries belong to a reader study, a plan, a read or a version."""

from collections.abc import Iterable

from django.db.models import Q, QuerySet

from annotations.audit.models import AuditRecord
from annotations.audit.selectors import about, all_entries
from annotations.reads.models import Assignment, Case, Plan, Read, ReaderStudy
from annotations.segmentations.models import Version


def entries_of_reader_study(study: ReaderStudy) -> QuerySet[AuditRecord]:
    """The study, its plans, cases, assignments, reads and the versions of its reads: oldest first."""
    plans = Plan.objects.filter(reader_study=study)
    reads = Read.objects.filter(assignment__plan__in=plans)
    parts = (
        about("reader_study", [study.pk]),
        about("plan", _keys(plans)),
        about("case", _keys(Case.objects.filter(reader_study=study))),
        about("assignment", _keys(Assignment.objects.filter(plan__in=plans))),
        about("read", _keys(reads)),
        about("version", _keys(Version.objects.filter(segmentation__read__in=reads))),
    )
    return all_entries().filter(_any(parts))


def entries_of_plan(plan: Plan) -> QuerySet[AuditRecord]:
    """Of the plan itself, and of what was granted under it."""
    assignments = Assignment.objects.filter(plan=plan)
    return all_entries().filter(_any((about("plan", [plan.pk]), about("assignment", _keys(assignments)))))


def entries_of_read(read: Read) -> QuerySet[AuditRecord]:
    versions = Version.objects.filter(segmentation=read.segmentation_id)
    parts = (
        about("read", [read.pk]),
        about("assignment", [read.assignment_id]),
        about("version", _keys(versions)),
    )
    return all_entries().filter(_any(parts))


def _keys(
    rows: QuerySet[Plan] | QuerySet[Case] | QuerySet[Assignment] | QuerySet[Read] | QuerySet[Version],
) -> list[object]:
    return list(rows.values_list("pk", flat=True))


def _any(parts: Iterable[Q]) -> Q:
    found = Q(pk__in=[])
    for part in parts:
        found |= part
    return found
