"""Who may see which version. Staff by project; a reader only the lineages of the own reads.

Reads live in the room above, which gives its answer down once, at start (`annotations/apps.py`). What a
read started from is not among them: its producer, its time and its siblings could be masked, and the
first version of the read's own lineage shows the same label map.

Who reads a case of a masked study is no staff for it until the data lock, whatever other roles they have:
the other versions on its images would say what the plan hides.
"""

from collections.abc import Callable

from django.db.models import Q, QuerySet

from annotations.accounts.models import Role, User
from annotations.segmentations.models import Version
from annotations.studies.models import Volume
from annotations.studies.visibility import NOTHING, studies_visible_to


def _nothing(user: User) -> Q:
    return NOTHING


reader_version_filter: Callable[[User], Q] = _nothing
masked_volume_filter: Callable[[User], Q] = _nothing


def masked_volumes(user: User) -> QuerySet[Volume]:
    """Images that the user reads in a masked study: nothing that others or a model drew on them is shown."""
    return Volume.objects.filter(masked_volume_filter(user))


def versions_of_staff(user: User) -> QuerySet[Version]:
    """What the user sees by project, with everything that is known of a version."""
    return Version.objects.filter(segmentation__volume__series__study__in=studies_visible_to(user)).exclude(
        segmentation__volume__in=masked_volumes(user)
    )


def versions_visible_to(user: User) -> QuerySet[Version]:
    visible = Q(pk__in=versions_of_staff(user).values("pk"))
    if user.has_role(Role.READER):
        visible |= reader_version_filter(user)
    return Version.objects.filter(visible)
