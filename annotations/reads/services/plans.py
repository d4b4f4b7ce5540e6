"""Lock a plan: signed, its cases, arms and assignments stored as the layout says, and never changed again."""

import hashlib
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from annotations.accounts.models import User
from annotations.audit.services import record
from annotations.imaging.geometry import canonical_json
from annotations.reads.errors import AllocationChanged, DataLocked, PlanIncomplete, PlanLocked
from annotations.reads.layout import CaseOf, Layout, lay_out
from annotations.reads.models import Arm, Assignment, Case, CaseStart, Plan, Read, ReaderStudy
from annotations.reads.problems import ERROR, problems_of
from annotations.reads.services.signing import sign


def lock_plan(
    *,
    plan: Plan,
    by: User,
    password: str,
    meaning: str,
    zone: str = "UTC",
    allocation_digest: str = "",
) -> Plan:
    """Sign and lock. From now on triggers refuse any change of the plan, its arms, cases and assignments.

    allocation_digest: of the preview that was seen; where it is given nothing else is locked.
    Raises WrongPassword, PlanLocked, PlanIncomplete, AllocationChanged, InvalidInput.
    """
    now = timezone.now()
    signature = sign(by=by, password=password, meaning=meaning, zone=zone, at=now, digest="")
    with transaction.atomic():
        _hold(plan)
        plan.refresh_from_db()
        layout = lay_out(plan)
        _check(plan, layout, allocation_digest)
        _store(plan, layout)
        digest = plan_digest(plan)
        Plan.objects.filter(pk=plan.pk).update(
            locked_at=now, locked_by=by, digest=digest, signature=signature | {"digest": digest}
        )
        record(
            actor=by,
            action="plan_locked",
            object_type="plan",
            object_id=plan.pk,
            new={"reader_study": str(plan.reader_study_id), "digest": digest, "meaning": meaning.strip()},
            reason=plan.reason,
        )
    plan.refresh_from_db()
    return plan


@transaction.atomic
def lock_data(*, study: ReaderStudy, by: User, password: str, meaning: str, zone: str = "UTC") -> ReaderStudy:
    """The study closes: no read opens or changes any more, and the results by arm may be looked at.

    Reads that are still open stay as they are and count as missing. Raises WrongPassword, DataLocked,
    PlanLocked (no plan was ever locked), InvalidInput.
    """
    now = timezone.now()
    plan = study.plans.filter(locked_at__isnull=False).order_by("-number").first()
    if plan is None:
        raise PlanLocked("The plan is a draft: there are no data to lock.")
    signature = sign(by=by, password=password, meaning=meaning, zone=zone, at=now, digest=plan.digest)
    rows = ReaderStudy.objects.filter(pk=study.pk, data_locked_at__isnull=True)
    if not rows.update(data_locked_at=now, data_locked_by=by, data_lock_signature=signature):
        raise DataLocked("The data are locked already.")
    # What is being saved now is stored before the lock; what holds its read after it meets the lock.
    reads = Read.objects.filter(assignment__plan__reader_study=study.pk)
    list(reads.select_for_update(of=("self",)).values_list("pk", flat=True))
    record(
        actor=by,
        action="data_locked",
        object_type="reader_study",
        object_id=study.pk,
        new={"meaning": meaning.strip(), "plan_digest": plan.digest},
    )
    study.refresh_from_db()
    return study


def plan_digest(plan: Plan) -> str:
    """sha256 of the canonical plan: volumes, SUV revisions and releases stand in it by their digests."""
    return hashlib.sha256(canonical_json(canonical_plan(plan))).hexdigest()


def canonical_plan(plan: Plan) -> dict[str, Any]:
    """All that a signature is put under, from the rows as they are stored."""
    listed = {entry["study"] for entry in plan.design["cases"]} if plan.design else None
    cases = plan.reader_study.cases.select_related(
        "volume__series", "ct_volume", "suv_revision", "reference"
    ).order_by("number")
    arms = {arm.pk: arm for arm in plan.arms.order_by("key")}
    starts = CaseStart.objects.filter(arm__plan=plan).select_related("arm", "case", "version")
    assignments = plan.assignments.select_related("case").order_by("reader", "period", "position")
    return {
        "reader_study": str(plan.reader_study_id),
        "name": plan.reader_study.name,
        "number": plan.number,
        "reason": plan.reason,
        "design": plan.design,
        "masked": plan.masked,
        "options": plan.options,
        "idle_threshold_s": plan.idle_threshold_s,
        "cases": [
            _case_json(case) for case in cases if listed is None or str(case.volume.series.study_id) in listed
        ],
        "arms": [
            [arm.key, arm.start, arm.producer_name, arm.producer_fingerprint, arm.tools]
            for arm in arms.values()
        ],
        "starts": sorted(
            [one.arm.key, one.case.number, one.version.version_digest, one.is_planted] for one in starts
        ),
        "assignments": [
            [
                one.reader_id,
                one.case.number,
                arms[one.arm_id].key,
                one.period,
                one.position,
                one.repeat,
                one.shown_number,
                one.role,
                one.stratum,
                one.sequence,
                one.in_timing_subgroup,
            ]
            for one in assignments
        ],
    }


def _case_json(case: Case) -> dict[str, Any]:
    return {
        "number": case.number,
        "volume": case.volume.digest,
        "ct_volume": case.ct_volume.digest if case.ct_volume else None,
        "suv_revision": case.suv_revision.digest if case.suv_revision else None,
        "reference": case.reference.version_digest if case.reference else None,
    }


def _hold(plan: Plan) -> None:
    """A conditional UPDATE: of two signatures at once, and of a signature and a change, one goes first."""
    if not Plan.objects.filter(pk=plan.pk, locked_at__isnull=True).update(revision=F("revision")):
        raise PlanLocked("The plan is locked already, or its draft was dropped.")


def _check(plan: Plan, layout: Layout, allocation_digest: str) -> None:
    if plan.reader_study.data_locked_at is not None:
        raise DataLocked("The data are locked: no plan can be locked any more.")
    errors = [one for one in problems_of(plan, layout) if one.severity == ERROR]
    if errors:
        raise PlanIncomplete(errors[0].message, problems=[one._asdict() for one in errors])
    if allocation_digest and allocation_digest != layout.digest():
        text = "The allocation is no longer the one you saw. Please look at the preview again."
        raise AllocationChanged(text, seen=allocation_digest, now=layout.digest())


def _store(plan: Plan, layout: Layout) -> None:
    arms = {arm["key"]: _arm(plan, arm) for arm in plan.design["arms"]}
    cases = {case.key: _case(plan, case) for case in layout.cases}
    starts = [
        CaseStart(
            arm=arms[key],
            case=cases[case.key],
            version=case.starts[key].version,
            is_planted=case.starts[key].is_planted,
        )
        for case in layout.cases
        for key in sorted(case.entry["starts"])
    ]
    CaseStart.objects.bulk_create(starts)
    Assignment.objects.bulk_create(
        Assignment(
            plan=plan,
            reader=one.reader,
            case=cases[one.case.key],
            arm=arms[one.row.arm],
            period=one.row.period,
            position=one.row.position,
            repeat=one.row.repeat,
            shown_number=one.row.position,
            role=one.row.role,
            stratum=one.row.stratum,
            sequence=one.row.sequence,
            in_timing_subgroup=one.row.in_timing_subgroup,
        )
        for one in layout.planned
        if one.kept is None
    )


def _arm(plan: Plan, arm: dict[str, Any]) -> Arm:
    return Arm.objects.create(
        plan=plan,
        key=arm["key"],
        title=arm["title"] or str(Arm.Start(arm["start"]).label),
        start=arm["start"],
        producer_name=arm["release_name"],
        producer_fingerprint=arm["release_fingerprint"],
        uses_chosen_versions=arm["source"] == "version",
        tools=arm["tools"],
    )


def _case(plan: Plan, case: CaseOf) -> Case:
    """Stored once a study; an amendment may name the reference of a case that had none."""
    assert case.pet is not None
    if case.stored is None:
        return Case.objects.create(
            reader_study=plan.reader_study,
            number=case.number,
            volume=case.pet,
            ct_volume=case.ct,
            suv_revision=case.suv,
            reference=case.reference,
        )
    if case.stored.reference_id is None and case.reference is not None:
        Case.objects.filter(pk=case.stored.pk).update(reference=case.reference)
    return case.stored
