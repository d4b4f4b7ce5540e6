"""Looks at results by arm: after the data lock, or at an interim look of the plan. Each is audited."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone

from annotations.accounts.models import User
from annotations.audit.services import record
from annotations.errors import InvalidInput, NotFound
from annotations.reads.errors import LookNotDue, LookTaken, PlanLocked, ResultsMasked
from annotations.reads.models import CaseRole, Look, Plan, Read, ReaderStudy
from annotations.reads.results import results_are_open
from annotations.reads.selectors import design_of, plan_in_force, rows_in_force


def submitted_count(plan: Plan) -> int:
    """Main assignments with a submitted read."""
    rows = rows_in_force(plan).filter(role=CaseRole.MAIN, reads__state=Read.State.SUBMITTED)
    return len(set(rows.values_list("pk", flat=True)))


def take_look(*, study: ReaderStudy, by: User, number: int, reason: str) -> Look:
    """An interim look, once enough reads are submitted. It will ever see only what is submitted now.

    Raises NotFound (not planned), LookNotDue, LookTaken, InvalidInput.
    """
    plan = plan_in_force(study)
    if plan is None:
        raise PlanLocked("The plan is a draft: there is nothing to look at.")
    looks = design_of(plan)["interim_looks"]
    if not 1 <= number <= len(looks):
        raise NotFound("The plan names no such look.", number=number)
    if not reason.strip():
        raise InvalidInput("Please say why you look.", field="reason")
    due, there = looks[number - 1]["after_submitted"], submitted_count(plan)
    if there < due:
        raise LookNotDue("Too few reads are submitted for this look.", submitted=there, wanted=due)
    if Look.objects.filter(plan__reader_study=study, number=number).exists():
        raise LookTaken("This look was taken already.", number=number)
    try:
        with transaction.atomic():
            look = Look.objects.create(
                plan=plan, number=number, reason=reason.strip(), taken_by=by, taken_at=timezone.now()
            )
            _audit(study, by, "interim_look_taken", {"number": number}, reason.strip())
    except IntegrityError as error:
        raise LookTaken("This look was taken already.", number=number) from error
    return look


def look_at_results(*, study: ReaderStudy, by: User, what: str, look: int | None = None) -> datetime | None:
    """Let `by` see results by arm, and audit it. Returns the cut-off: reads submitted later are not seen;
    None for all. what: which results, in a word ("results", "analysis", "timeline" ...).

    Raises ResultsMasked before the data lock, unless `look` names an interim look that was taken.
    """
    if look is not None:
        taken = Look.objects.filter(plan__reader_study=study, number=look).first()
        if taken is None:
            raise ResultsMasked("This interim look was not taken.", look=look)
        _audit(study, by, "results_seen", {"what": what, "look": look}, taken.reason)
        return taken.taken_at
    if not results_are_open(study):
        text = "Results by arm are masked until the data are locked, or a planned interim look is taken."
        raise ResultsMasked(text)
    _audit(study, by, "results_seen", {"what": what}, "")
    return None


def _audit(study: ReaderStudy, by: User, action: str, new: dict[str, object], reason: str) -> None:
    record(actor=by, action=action, object_type="reader_study", object_id=study.pk, new=new, reason=reason)
