"""Projects and the pseudonyms in them."""

import re
from collections.abc import Iterable

from django.db import IntegrityError, transaction

from annotations.accounts.models import Role, User
from annotations.audit.services import record
from annotations.errors import Conflict, InvalidInput
from annotations.studies.models import Patient, PatientKey, Project
from annotations.studies.plain_text import plain_text

PREFIX = re.compile(r"[A-Za-z0-9]{1,12}")


class ProjectNameTaken(Conflict):
    code = "project_name_taken"


class DeidentificationFixed(Conflict):
    code = "deidentification_fixed"


@transaction.atomic
def create_project(
    *,
    name: str,
    pseudonym_prefix: str = "PT",
    created_by: User | None = None,
    is_synthetic: bool = False,
    deidentification: str = Project.Deidentification.NONE,
) -> Project:
    """A new project. A data manager who makes one manages it. Raises ProjectNameTaken or InvalidInput."""
    name = name.strip()
    if not 1 <= len(name) <= 120:
        raise InvalidInput("A project needs a name of at most 120 characters.")
    if not PREFIX.fullmatch(pseudonym_prefix):
        raise InvalidInput("A pseudonym prefix is 1 to 12 letters or digits.", prefix=pseudonym_prefix)
    try:
        with transaction.atomic():
            project = Project.objects.create(
                name=name,
                pseudonym_prefix=pseudonym_prefix,
                is_synthetic=is_synthetic,
                deidentification=Project.Deidentification(deidentification),
            )
    except IntegrityError as error:
        raise ProjectNameTaken("There is a project of this name.", name=name) from error
    if created_by is not None and created_by.has_role(Role.DATA_MANAGER):
        project.data_managers.add(created_by)
    record(
        actor=created_by,
        action="project_created",
        object_type="project",
        object_id=project.pk,
        new={"name": name, "pseudonym_prefix": pseudonym_prefix, "deidentification": deidentification},
    )
    return project


@transaction.atomic
def set_data_managers(*, project: Project, usernames: Iterable[str], by: User | None = None) -> Project:
    """Exactly these users manage the project. Raises InvalidInput for one who is no active data manager."""
    wanted = sorted(set(usernames))
    users = list(
        User.objects.filter(username__in=wanted, is_active=True, role_grants__role=Role.DATA_MANAGER)
    )
    unknown = sorted(set(wanted) - {user.username for user in users})
    if unknown:
        raise InvalidInput("Only data managers can manage a project.", not_data_managers=unknown)
    old = sorted(project.data_managers.values_list("username", flat=True))
    project.data_managers.set(users)
    record(
        actor=by,
        action="project_managers_changed",
        object_type="project",
        object_id=project.pk,
        old=old,
        new=wanted,
    )
    return project


def ensure_project(
    *, name: str, created_by: User | None = None, deidentification: str | None = None
) -> Project:
    """The project of this name, made now when there is none.

    deidentification: of a new project (default: none). Raises DeidentificationFixed when the project is
    there with another one: what is stored would not go with what comes.
    """
    try:
        project = Project.objects.get(name=name.strip())
    except Project.DoesNotExist:
        wanted = deidentification or Project.Deidentification.NONE
        return create_project(name=name, created_by=created_by, deidentification=wanted)
    if deidentification is not None and deidentification != project.deidentification:
        raise DeidentificationFixed(
            f"The project de-identifies as {project.deidentification!r}; that cannot change.",
            wanted=deidentification,
            got=project.deidentification,
        )
    return project


@transaction.atomic
def ensure_patient(
    *,
    project: Project,
    source_patient_id: str,
    source_patient_name: str = "",
    date_offset_days: int | None = None,
) -> Patient:
    """The patient a PatientID stands for in this project: known by the key table, else the next pseudonym.

    Pseudonyms are the project's prefix and a running number (PT-0001); nothing of the source is in them.
    """
    Project.objects.select_for_update().get(pk=project.pk)  # two imports never give out one number
    key = PatientKey.objects.filter(project=project, source_patient_id=source_patient_id)
    known = key.select_related("patient").first()
    if known is not None:
        return known.patient
    patient = Patient.objects.create(project=project, pseudonym=_next_pseudonym(project))
    PatientKey.objects.create(
        patient=patient,
        project=project,
        source_patient_id=source_patient_id,
        source_patient_name=plain_text(source_patient_name, 400),
        date_offset_days=date_offset_days,
    )
    return patient


def refresh_synthetic_mark(*, project: Project) -> None:
    """A project is synthetic as long as it has studies and every one of them is."""
    synthetic = project.studies.exists() and not project.studies.filter(is_synthetic=False).exists()
    Project.objects.filter(pk=project.pk).exclude(is_synthetic=synthetic).update(is_synthetic=synthetic)


def _next_pseudonym(project: Project) -> str:
    used = project.patients.values_list("pseudonym", flat=True)
    numbers = [int(tail) for tail in (text.rpartition("-")[2] for text in used) if tail.isdigit()]
    return f"{project.pseudonym_prefix}-{max(numbers, default=0) + 1:04d}"
