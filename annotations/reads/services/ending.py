"""Abandon a read, exempt an assignment from a rule of the plan. Both with a reason, both kept."""

from django.db import IntegrityError, transaction
from django.utils import timezone

from annotations.accounts.models import User
from annotations.audit.services import record
from annotations.errors import Conflict, InvalidInput
from annotations.reads.errors import DataLocked, ReadFrozen
from annotations.reads.models import Assignment, Exemption, Read
from annotations.reads.services.reading import hold_read


def abandon_read(*, read: Read, by: User, reason: str) -> Read:
    """End an open read without a submission. What was drawn and every event stay. The same call again
    changes nothing. Raises ReadFrozen (submitted), DataLocked, InvalidInput.
    """
    if not reason.strip():
        raise InvalidInput("Please say why the case is ended.", field="reason")
    with transaction.atomic():
        read.refresh_from_db()
        if read.state == Read.State.ABANDONED:
            return read
        hold_read(read, [Read.State.OPEN, Read.State.FINAL])
        read.state, read.abandoned_at, read.abandoned_reason = (
            Read.State.ABANDONED,
            timezone.now(),
            reason.strip(),
        )
        read.save(update_fields=["state", "abandoned_at", "abandoned_reason"])
        record(
            actor=by,
            action="read_abandoned",
            object_type="read",
            object_id=read.pk,
            reason=reason.strip(),
        )
    return read


def open_read_of(assignment: Assignment) -> Read:
    """The read that is under way. Raises ReadFrozen when there is none."""
    under_way = assignment.reads.filter(state__in=[Read.State.OPEN, Read.State.FINAL]).first()
    if under_way is None:
        raise ReadFrozen("There is no open read of this case.")
    return under_way


def exempt_assignment(*, assignment: Assignment, by: User, rule: str, reason: str) -> Exemption:
    """Let the reader depart from the plan once; it is shown as a deviation from then on.

    Raises InvalidInput, DataLocked, Conflict (exempted already).
    """
    if not reason.strip():
        raise InvalidInput("Please say why the plan is departed from.", field="reason")
    if assignment.plan.reader_study.data_locked_at is not None:
        raise DataLocked("The data are locked.")
    try:
        with transaction.atomic():
            exemption = Exemption.objects.create(
                assignment=assignment,
                rule=rule,
                reason=reason.strip(),
                granted_by=by,
                granted_at=timezone.now(),
            )
            record(
                actor=by,
                action="exemption_granted",
                object_type="assignment",
                object_id=assignment.pk,
                new={"rule": rule},
                reason=reason.strip(),
            )
    except IntegrityError as error:
        raise Conflict("This exemption was granted already.", rule=rule) from error
    return exemption
