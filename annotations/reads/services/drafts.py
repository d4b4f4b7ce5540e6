"""A plan while it is a draft: made, changed, dropped, and a new draft that amends a locked plan."""

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F

from annotations.accounts.models import User
from annotations.audit.services import record
from annotations.errors import InvalidInput
from annotations.reads.design import change_design, read_design
from annotations.reads.errors import (
    DataLocked,
    DraftChanged,
    DraftExists,
    PlanIncomplete,
    PlanLocked,
    ReaderStudyNameTaken,
)
from annotations.reads.layout import lay_out
from annotations.reads.models import Arm, Plan, ReaderStudy
from annotations.reads.problems import ERROR, problems_of
from annotations.reads.selectors import design_of
from annotations.studies.models import Project, Study


def routine_design(
    *,
    studies: Sequence[Study],
    readers: Sequence[User],
    start: str,
    release_name: str = "",
    release_fingerprint: str = "",
    idle_threshold_s: int = 60,
    masked: Sequence[str] = (),
    seed: int | None = None,
) -> dict[str, Any]:
    """Routine review: every reader reads every study once in one arm, in any order the reader likes."""
    arm = {
        "key": start,
        "title": str(Arm.Start(start).label),
        "start": start,
        "release_name": release_name,
        "release_fingerprint": release_fingerprint,
    }
    return {
        "cases": [{"study": str(study.pk)} for study in studies],
        "readers": [user.pk for user in readers],
        "arms": [arm],
        "allocation": {"kind": "single", "order": "free"} | ({} if seed is None else {"seed": seed}),
        "washout_days": 0,
        "masked": list(masked),
        "idle_threshold_s": idle_threshold_s,
    }


@transaction.atomic
def create_reader_study(
    *,
    by: User,
    project: Project,
    name: str,
    design: Mapping[str, Any] | None = None,
    description: str = "",
    complete: bool = False,
) -> ReaderStudy:
    """A study with the draft of its first plan. The seed is drawn where the design names none.

    complete: refuse a design that could not be locked as it is (PlanIncomplete).
    """
    whole = read_design(_with_seed(design or {}))
    try:
        with transaction.atomic():
            study = ReaderStudy.objects.create(
                project=project,
                name=name.strip(),
                description=description,
                created_by=by,
                is_synthetic=_all_synthetic(project, whole),
            )
    except IntegrityError as error:
        text = "There is a reader study of this name in the project."
        raise ReaderStudyNameTaken(text, name=name) from error
    plan = Plan.objects.create(reader_study=study, number=1, design=whole, **mirrored(whole))
    if complete:
        require_complete(plan)
    _record(by, "reader_study_created", study, {"name": name, "design": whole})
    return study


def require_complete(plan: Plan) -> None:
    """Raises PlanIncomplete, with the problems, when the plan could not be locked as it is."""
    errors = [one for one in problems_of(plan, lay_out(plan)) if one.severity == ERROR]
    if errors:
        raise PlanIncomplete(errors[0].message, problems=[one._asdict() for one in errors])


@transaction.atomic
def change_draft(
    *,
    plan: Plan,
    by: User,
    revision: int,
    design: Mapping[str, Any] | None = None,
    name: str | None = None,
    description: str | None = None,
) -> Plan:
    """Replace whole keys of the design. `revision` is the one the change was made on.

    Raises PlanLocked, DraftChanged (another page was first), InvalidInput, ReaderStudyNameTaken.
    """
    whole = change_design(plan.design, design or {})
    study = plan.reader_study
    _take(plan, revision, {"design": whole, **mirrored(whole)})
    _rename(study, name, description)
    if whole["cases"] != plan.design["cases"] and plan.number == 1:
        ReaderStudy.objects.filter(pk=study.pk).update(is_synthetic=_all_synthetic(study.project, whole))
    changed = sorted(key for key in whole if whole[key] != plan.design.get(key))
    record(
        actor=by,
        action="draft_changed",
        object_type="plan",
        object_id=plan.pk,
        old={key: plan.design.get(key) for key in changed},
        new={key: whole[key] for key in changed},
    )
    return Plan.objects.select_related("reader_study__project", "amends").get(pk=plan.pk)


@transaction.atomic
def drop_draft(*, plan: Plan, by: User, revision: int) -> None:
    """A draft that nobody wants: of an amendment the plan in force stays, of plan 1 the study goes too."""
    _take(plan, revision, {})
    study = plan.reader_study
    _record(by, "draft_dropped", study, {"number": plan.number, "design": plan.design})
    plan.delete()
    if plan.amends_id is None:
        study.delete()


@transaction.atomic
def amend_plan(*, plan: Plan, by: User, reason: str) -> Plan:
    """A draft that follows `plan` (the one in force), with its design. Nothing changes until it is locked.

    Raises PlanLocked when `plan` is a draft itself, DraftExists, DataLocked, InvalidInput.
    """
    if plan.locked_at is None:
        raise PlanLocked("Only a locked plan is amended; this one is a draft and may be changed.")
    if plan.reader_study.data_locked_at is not None:
        raise DataLocked("The data are locked: the plan can no longer be amended.")
    if not reason.strip():
        raise InvalidInput("Please say why the plan is amended.", field="reason")
    design = read_design(design_of(plan))
    try:
        with transaction.atomic():
            draft = Plan.objects.create(
                reader_study=plan.reader_study,
                number=plan.number + 1,
                amends=plan,
                reason=reason.strip(),
                design=design,
                **mirrored(design),
            )
    except IntegrityError as error:
        raise DraftExists("There is a draft already that amends this plan.") from error
    record(
        actor=by,
        action="plan_amended",
        object_type="plan",
        object_id=draft.pk,
        old={"number": plan.number},
        new={"number": draft.number},
        reason=reason.strip(),
    )
    return draft


def mirrored(design: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of a plan that repeat what stands in its design, for whoever asks for one of them."""
    options = {
        "seed": design["allocation"]["seed"],
        "partial_tolerance_voxels": design["partial_tolerance_voxels"],
        "ask_site": design["ask_site"],
    }
    if design["window"] is not None:
        options["window"] = design["window"]
    return {
        "masked": design["masked"],
        "options": options,
        "idle_threshold_s": design["idle_threshold_s"],
    }


def _take(plan: Plan, revision: int, values: Mapping[str, Any]) -> None:
    """A conditional UPDATE: of two pages that change the same draft, the second is told."""
    draft = Plan.objects.filter(pk=plan.pk, locked_at__isnull=True, revision=revision)
    if draft.update(revision=F("revision") + 1, **values):
        return
    now = Plan.objects.filter(pk=plan.pk).first()
    if now is None or now.locked_at is not None:
        raise PlanLocked("The plan is locked and changes no more. Amend it with a reason.")
    raise DraftChanged("The draft was changed on another page.", revision=now.revision)


def _rename(study: ReaderStudy, name: str | None, description: str | None) -> None:
    if name is not None and name.strip():
        study.name = name.strip()
    if description is not None:
        study.description = description
    try:
        with transaction.atomic():
            study.save(update_fields=["name", "description"])
    except IntegrityError as error:
        text = "There is a reader study of this name in the project."
        raise ReaderStudyNameTaken(text, name=study.name) from error


def _with_seed(design: Mapping[str, Any]) -> dict[str, Any]:
    allocation = design.get("allocation", {})
    if not isinstance(allocation, Mapping):
        return dict(design)
    return {**design, "allocation": {"seed": secrets.randbits(32), **allocation}}


def _all_synthetic(project: Project, design: Mapping[str, Any]) -> bool:
    """A study without a case is as synthetic as its project."""
    named = [case["study"] for case in design["cases"]]
    marks = Study.objects.filter(project=project, pk__in=named).values_list("is_synthetic", flat=True)
    return all(marks) if marks else project.is_synthetic


def _record(by: User, action: str, study: ReaderStudy, new: dict[str, Any]) -> None:
    record(actor=by, action=action, object_type="reader_study", object_id=study.pk, new=new)
