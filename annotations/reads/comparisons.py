"""What a reader may compare with: versions of the own lineage always, the AI result and the reference
only outside blinding (invariant 7). The list of a read and what the reader may fetch come from here.

Of another lineage nothing is shown

- that the plan masks: the reference where it masks others' results, the AI result where it masks the
  arm or the release. A mask holds for good, also after submit;
- before the read is submitted, where the plan masks anything of the three, or, for the AI result, where
  the plan compares arms;
- while this reader still has to read the same case in another assignment;
- where the AI result was made for the test (planted errors): readers are never told of it.

In an arm that starts from the AI result the start shows it already: there is no second entry.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from annotations.accounts.models import User
from annotations.reads.models import Arm, Assignment, CaseStart, Plan, Read
from annotations.reads.selectors import versions_of_own_reads
from annotations.segmentations.models import ProducerKind, Version

HIDES_REFERENCE = frozenset({"others"})
HIDES_AI = frozenset({"arm", "release"})
BLINDS = HIDES_REFERENCE | HIDES_AI


@dataclass(frozen=True)
class Beside:
    """A version of another lineage that may be shown beside a read. kind: "ai" | "reference"."""

    read: UUID
    kind: str
    version: UUID


def versions_of_reader(user: User) -> Q:
    """A filter on Version: the lineages of a reader's own reads, and what may be shown beside them."""
    beside = versions_beside(Read.objects.filter(assignment__reader=user))
    return versions_of_own_reads(user) | Q(pk__in={one.version for one in beside})


def versions_beside(reads: QuerySet[Read]) -> list[Beside]:
    """For each of the reads: the AI result, then the reference, as far as they may be shown now."""
    outside = _outside_blinding(reads)
    return [*_ai_results(outside), *_references(outside)]


def own_versions(read: Read) -> list[Version]:
    """The start, and what was saved after it but for the newest: oldest first."""
    versions = list(read.segmentation.versions.order_by("number").only("pk", "number", "tool", "created_at"))
    return versions[:1] + versions[1:-1]


def _outside_blinding(reads: QuerySet[Read]) -> list[Read]:
    """Reads that are not abandoned, whose case the reader has not still to read elsewhere."""
    submitted = Read.objects.filter(assignment=OuterRef("pk"), state=Read.State.SUBMITTED)
    still_to_read = Assignment.objects.filter(
        ~Exists(submitted),
        reader=OuterRef("assignment__reader"),
        case__volume=OuterRef("assignment__case__volume"),
        plan__locked_at__isnull=False,
    ).exclude(pk=OuterRef("assignment"))
    rows = reads.exclude(state=Read.State.ABANDONED).filter(~Exists(still_to_read))
    rows = rows.filter(Q(assignment__case__reference__isnull=False) | ~Q(assignment__arm__start=Arm.Start.AI))
    found = rows.select_related("assignment__plan", "assignment__arm", "assignment__case").order_by("pk")
    return [read for read in found if read.state == Read.State.SUBMITTED or not BLINDS & set(_masked(read))]


def _references(reads: Iterable[Read]) -> list[Beside]:
    return [
        Beside(read.pk, "reference", read.assignment.case.reference_id)
        for read in reads
        if read.assignment.case.reference_id is not None and not HIDES_REFERENCE & set(_masked(read))
    ]


def _ai_results(reads: Iterable[Read]) -> list[Beside]:
    """For reads that do not start from one: the first result of the plan's release on the volume."""
    rows = [
        read
        for read in reads
        if read.assignment.arm.start != Arm.Start.AI and not HIDES_AI & set(_masked(read))
    ]
    plans = _ai_arms({read.assignment.plan_id for read in rows})
    compared = {plan for plan, (arms, _) in plans.items() if arms > 1}
    rows = [read for read in rows if read.state == Read.State.SUBMITTED or _plan(read) not in compared]
    planted = set(
        CaseStart.objects.filter(arm__plan__in=plans, is_planted=True).values_list("arm__plan", "case")
    )
    results = _first_results(
        {read.assignment.case.volume_id for read in rows}, {name for _, name in plans.values()}
    )
    found = []
    for read in rows:
        case = read.assignment.case
        result = results.get((case.volume_id, plans[_plan(read)][1])) if _plan(read) in plans else None
        if result is not None and (_plan(read), case.pk) not in planted:
            found.append(Beside(read.pk, "ai", result))
    return found


def _ai_arms(plans: Iterable[UUID]) -> dict[UUID, tuple[int, str]]:
    """For each plan with an AI arm of a release: (number of arms, fingerprint of the first such arm)."""
    counts = dict(Plan.objects.filter(pk__in=plans).annotate(n=Count("arms")).values_list("pk", "n"))
    arms = Arm.objects.filter(plan__in=counts, start=Arm.Start.AI).exclude(producer_fingerprint="")
    rows = arms.order_by("-key").values_list("plan", "producer_fingerprint")
    return {plan: (counts[plan], fingerprint) for plan, fingerprint in rows}


def _first_results(volumes: Iterable[UUID], fingerprints: Iterable[str]) -> dict[tuple[UUID, str], UUID]:
    """Of several runs of a release on a volume the oldest, as `first_version_of_producer` takes it."""
    versions = Version.objects.filter(
        number=1,
        producer_kind=ProducerKind.MODEL,
        producer_fingerprint__in=set(fingerprints),
        segmentation__volume__in=set(volumes),
    ).order_by("-created_at", "-pk")
    rows = versions.values_list("segmentation__volume", "producer_fingerprint", "pk")
    return {(volume, fingerprint): version for volume, fingerprint, version in rows}


def _plan(read: Read) -> UUID:
    return read.assignment.plan_id


def _masked(read: Read) -> list[str]:
    masked: list[str] = read.assignment.plan.masked
    return masked
