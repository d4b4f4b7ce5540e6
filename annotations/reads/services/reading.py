"""While a read is open: edits, final, taken up again."""

from collections.abc import Collection
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from annotations.audit.services import record
from annotations.reads.errors import DataLocked, EventsMissing, NotFinal, ReadFrozen, ScoreGiven, StaleHead
from annotations.reads.models import Plan, Read
from annotations.reads.tools import require_tool
from annotations.segmentations.models import Version
from annotations.segmentations.selectors import head_version
from annotations.segmentations.services import Edit, save_edit


def save_read_edit(*, read: Read, edit: Edit) -> tuple[Version, bool]:
    """Save an edit in the read's lineage; (version, whether it was made now). Raises ReadFrozen,
    ToolNotAllowed and what `save_edit` raises.
    """
    require_tool(read.assignment.arm, edit.tool)
    return save_edit(
        segmentation=read.segmentation,
        edit=edit,
        author=read.assignment.reader,
        suv_revision=read.assignment.case.suv_revision,
        guard=lambda: hold_read(read, [Read.State.OPEN]),
    )


def finalise_read(*, read: Read, head: UUID, event_count: int) -> Read:
    """ "Segmentation final": ends the clock. The same call again changes nothing."""
    with transaction.atomic():
        hold_read(read, [Read.State.OPEN, Read.State.FINAL])
        read.refresh_from_db()
        if read.state == Read.State.FINAL:
            if read.final_version_id == head:
                return read
            raise ReadFrozen("The segmentation is final already.", head=str(read.final_version_id))
        version = check_all_arrived(read, head=head, event_count=event_count)
        read.state, read.final_at, read.final_version = Read.State.FINAL, timezone.now(), version
        read.save(update_fields=["state", "final_at", "final_version"])
        _record(read, "read_final", head=str(head))
    return read


def resume_read(*, read: Read) -> Read:
    """Take editing up again, before the score only. An open read stays as it is."""
    with transaction.atomic():
        hold_read(read, [Read.State.OPEN, Read.State.FINAL])
        read.refresh_from_db()
        if read.scores.exists():
            raise ScoreGiven("The score is given: the segmentation can no longer be changed.")
        if read.state == Read.State.FINAL:
            read.state, read.final_at, read.final_version = Read.State.OPEN, None, None
            read.save(update_fields=["state", "final_at", "final_version"])
            _record(read, "read_resumed")
    return read


def hold_read(read: Read, states: Collection[str]) -> None:
    """Hold the read's row to the end of the transaction. Raises ReadFrozen, NotFinal, DataLocked.

    The state is looked at once the row is held: whoever wants to change the read waits, on PostgreSQL for
    the row and on SQLite for the whole database. A condition through a join would not do: PostgreSQL does
    not look at joined rows again after the wait.
    """
    state = Read.objects.select_for_update().values_list("state", flat=True).get(pk=read.pk)
    if state not in states:
        if state == Read.State.OPEN:
            raise NotFinal("Please press 'Segmentation final' first.", state=state)
        if state == Read.State.FINAL:
            raise ReadFrozen("The segmentation is final. Take it up again to change it.", state=state)
        if state == Read.State.ABANDONED:
            raise ReadFrozen("The read was ended without a result.", state=state)
        raise ReadFrozen("The read is submitted and can no longer be changed.", state=state)
    require_data_unlocked(read)


def require_data_unlocked(read: Read) -> None:
    """Raises DataLocked. Asked after the read's row is held, which `lock_data` waits for."""
    plans = Plan.objects.filter(assignments__reads=read.pk, reader_study__data_locked_at__isnull=False)
    if plans.exists():
        raise DataLocked("The study is closed: its reads can no longer be changed.")


def check_all_arrived(read: Read, *, head: UUID, event_count: int) -> Version:
    """The newest version, when it is the one named and all events named are here (invariant 6)."""
    version = head_version(read.segmentation)
    if version.pk != head:
        raise StaleHead("Not all edits have arrived yet.", head=str(version.pk), named=str(head))
    stored = read.events.count()
    if stored < event_count:
        raise EventsMissing("Not all events have arrived yet.", stored=stored, named=event_count)
    return version


def _record(read: Read, action: str, **new: object) -> None:
    record(
        actor=read.assignment.reader, action=action, object_type="read", object_id=read.pk, new=new or None
    )
