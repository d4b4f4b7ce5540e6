"""Who may see which version. Staff by project; a reader only the lineages of the own reads.

Reads live in the room above, which gives its answer down once, at start (`annotations/apps.py`). What a
read started from is not among them: its producer, its time and its siblings could be masked, and the
first version of the read's own lineage shows the same label map.
"""

from collections.abc import Callable

from django.db.models import Q, QuerySet

from annotations.accounts.models import Role, User
from annotations.segmentations.models import Version
from annotations.studies.visibility import NOTHING, studies_visible_to


def _no_version(user: User) -> Q:
    return NOTHING


reader_version_filter: Callable[[User], Q] = _no_version


def versions_visible_to(user: User) -> QuerySet[Version]:
    visible = Q(segmentation__volume__series__study__in=studies_visible_to(user))
    if user.has_role(Role.READER):
        visible |= reader_version_filter(user)
    return Version.objects.filter(visible)
