"""A reader study and its plan: drafted, then locked with a signature and never changed again."""

import hashlib
import random
import secrets
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from annotations.accounts.models import Role, User
from annotations.audit.services import record
from annotations.errors import InvalidInput
from annotations.imaging.geometry import canonical_json
from annotations.reads.errors import CaseWithoutPet, PlanLocked, ReaderStudyNameTaken, WrongPassword
from annotations.reads.models import Arm, Assignment, Case, Plan, ReaderStudy
from annotations.segmentations.digests import normal_json
from annotations.studies.models import Project, Study
from annotations.studies.selectors import current_suv_revision, default_ct_volume, default_pet_volume

MASKABLE = ("others", "past_times", "release", "arm", "derived", "clinical")
"""What a plan may hide from its readers: others' results, past times, the release, the arm, the derived
row after the score, the clinical attributes.
"""


@transaction.atomic
def create_reader_study(
    *,
    by: User,
    project: Project,
    name: str,
    studies: Sequence[Study],
    readers: Sequence[User],
    start: str,
    release_name: str = "",
    release_fingerprint: str = "",
    idle_threshold_s: int = 60,
    masked: Sequence[str] = (),
    options: dict[str, Any] | None = None,
    seed: int | None = None,
) -> ReaderStudy:
    """A draft: every reader reads every study's PET once, in an order of the reader's own (seeded).

    start: an Arm.Start; an AI arm names its release. idle_threshold_s: T of record of the clock.
    """
    _check(studies, readers, start, release_fingerprint, masked, idle_threshold_s)
    seed = secrets.randbits(32) if seed is None else seed
    study = _create_study(by, project, name, studies)
    plan = Plan.objects.create(
        reader_study=study,
        number=1,
        masked=sorted(set(masked)),
        options=normal_json({**(options or {}), "seed": seed}),
        idle_threshold_s=idle_threshold_s,
    )
    arm = Arm.objects.create(
        plan=plan,
        key=start,
        title=Arm.Start(start).label,
        start=start,
        producer_name=release_name,
        producer_fingerprint=release_fingerprint,
    )
    cases = [_enrol(study, number, one) for number, one in enumerate(studies, start=1)]
    for reader in readers:
        _assign(plan, arm, reader, cases, seed)
    _record(by, "reader_study_created", study, {"name": name, "cases": len(cases), "seed": seed})
    return study


@transaction.atomic
def lock_plan(*, plan: Plan, by: User, password: str, meaning: str) -> Plan:
    """Sign and lock. From now on triggers refuse any change of the plan, its arms, cases and assignments.

    Raises WrongPassword, PlanLocked, InvalidInput (no meaning given).
    """
    if not by.check_password(password):
        raise WrongPassword("The password is wrong: the plan is not locked.")
    if not meaning.strip():
        raise InvalidInput("Please say what your signature means.")
    now = timezone.now()
    digest = plan_digest(plan)
    signature = {
        "name": by.get_full_name() or by.username,
        "user": by.pk,
        "meaning": meaning.strip(),
        "at": now.isoformat(),
        "zone": "UTC",
        "digest": digest,
    }
    changed = Plan.objects.filter(pk=plan.pk, locked_at__isnull=True).update(
        locked_at=now, locked_by=by, digest=digest, signature=signature
    )
    if not changed:
        raise PlanLocked("The plan is locked already.")
    _record(by, "plan_locked", plan.reader_study, {"digest": digest, "meaning": meaning.strip()})
    plan.refresh_from_db()
    return plan


def plan_digest(plan: Plan) -> str:
    """sha256 of the canonical plan: volumes, SUV revisions and releases stand in it by their digests."""
    return hashlib.sha256(canonical_json(canonical_plan(plan))).hexdigest()


def canonical_plan(plan: Plan) -> dict[str, Any]:
    cases = plan.reader_study.cases.select_related("volume", "ct_volume", "suv_revision", "reference")
    arms = {arm.pk: arm for arm in plan.arms.order_by("key")}
    assignments = plan.assignments.select_related("case").order_by("reader", "period", "position")
    return {
        "reader_study": str(plan.reader_study_id),
        "name": plan.reader_study.name,
        "number": plan.number,
        "reason": plan.reason,
        "masked": plan.masked,
        "options": plan.options,
        "idle_threshold_s": plan.idle_threshold_s,
        "cases": [_case_json(case) for case in cases.order_by("number")],
        "arms": [[arm.key, arm.start, arm.producer_name, arm.producer_fingerprint] for arm in arms.values()],
        "assignments": [
            [
                one.reader_id,
                one.case.number,
                arms[one.arm_id].key,
                one.period,
                one.position,
                one.repeat,
                one.shown_number,
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


def _check(
    studies: Sequence[Study],
    readers: Sequence[User],
    start: str,
    fingerprint: str,
    masked: Iterable[str],
    idle_threshold_s: int,
) -> None:
    if not studies or not readers:
        raise InvalidInput("A reader study needs at least one case and one reader.")
    strangers = [user.username for user in readers if not user.has_role(Role.READER)]
    if strangers:
        raise InvalidInput("Only readers can be assigned.", not_readers=strangers)
    if start not in (Arm.Start.AI, Arm.Start.EMPTY):
        raise InvalidInput("A read starts from an AI result or empty.", got=start)
    if start == Arm.Start.AI and not fingerprint:
        raise InvalidInput("An AI arm names its model release.")
    unknown = sorted(set(masked) - set(MASKABLE))
    if unknown:
        raise InvalidInput("This cannot be masked.", got=unknown, known=list(MASKABLE))
    if not 1 <= idle_threshold_s <= 3600:
        raise InvalidInput("The idle threshold is 1 to 3600 seconds.", got=idle_threshold_s)


def _create_study(by: User, project: Project, name: str, studies: Sequence[Study]) -> ReaderStudy:
    try:
        with transaction.atomic():
            return ReaderStudy.objects.create(
                project=project,
                name=name.strip(),
                created_by=by,
                is_synthetic=all(study.is_synthetic for study in studies),
            )
    except IntegrityError as error:
        raise ReaderStudyNameTaken(
            "There is a reader study of this name in the project.", name=name
        ) from error


def _enrol(reader_study: ReaderStudy, number: int, study: Study) -> Case:
    if study.project_id != reader_study.project_id:
        raise InvalidInput("A case belongs to another project.", study=str(study.pk))
    pet = default_pet_volume(study)
    if pet is None:
        raise CaseWithoutPet("A study has no PET to read.", study=str(study.pk))
    return Case.objects.create(
        reader_study=reader_study,
        number=number,
        volume=pet,
        ct_volume=default_ct_volume(study, pet),
        suv_revision=current_suv_revision(pet),
    )


def _assign(plan: Plan, arm: Arm, reader: User, cases: Sequence[Case], seed: int) -> None:
    order = list(cases)
    random.Random(f"{seed}/{reader.pk}").shuffle(order)
    Assignment.objects.bulk_create(
        Assignment(plan=plan, reader=reader, case=case, arm=arm, position=position, shown_number=position)
        for position, case in enumerate(order, start=1)
    )


def _record(by: User, action: str, study: ReaderStudy, new: dict[str, Any]) -> None:
    record(actor=by, action=action, object_type="reader_study", object_id=study.pk, new=new)
