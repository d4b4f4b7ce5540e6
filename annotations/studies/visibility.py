"""Who may see which project, study and volume. Every selector and view of patient data goes through here.

- coordinators and administrators: every project;
- data managers: the projects they manage;
- readers: no project and no study, only the volumes of their own assignments.

Assignments live in the room `reads`, above this one, so this room cannot ask for them. The room above
gives its answer down once, at start (`annotations/apps.py`, `ready`):

    visibility.reader_volume_filter = reads.selectors.volumes_of_own_assignments

It is called with the user and returns a Q over Volume. Until it is set a reader sees no volume.
"""

from collections.abc import Callable

from django.db.models import Q, QuerySet

from annotations.accounts.models import Role, User
from annotations.studies.models import ImportRun, Project, Study, Volume

NOTHING = Q(pk__in=[])
EVERYTHING = ~NOTHING


def _no_volume(user: User) -> Q:
    return NOTHING


reader_volume_filter: Callable[[User], Q] = _no_volume


def projects_visible_to(user: User) -> QuerySet[Project]:
    return Project.objects.filter(_staff_filter(user, "")).distinct()


def projects_managed_by(user: User) -> QuerySet[Project]:
    """Where the user imports, sees the key table and corrects SUV: a data manager's own projects."""
    if not user.has_role(Role.DATA_MANAGER):
        return Project.objects.none()
    return Project.objects.filter(data_managers=user)


def studies_visible_to(user: User) -> QuerySet[Study]:
    return Study.objects.filter(_staff_filter(user, "project__"))


def imports_visible_to(user: User) -> QuerySet[ImportRun]:
    return ImportRun.objects.filter(_staff_filter(user, "project__"))


def volumes_visible_to(user: User) -> QuerySet[Volume]:
    """For staff by project, for readers by assignment; a person with both roles sees both."""
    visible = _staff_filter(user, "series__study__project__")
    if user.has_role(Role.READER):
        visible |= reader_volume_filter(user)
    return Volume.objects.filter(visible)


def _staff_filter(user: User, to_project: str) -> Q:
    if user.has_role(Role.COORDINATOR, Role.ADMINISTRATOR):
        return EVERYTHING
    if user.has_role(Role.DATA_MANAGER):
        managed = Project.objects.filter(data_managers=user).values("pk")
        return Q(**{f"{to_project}pk__in" if to_project else "pk__in": managed})
    return NOTHING
