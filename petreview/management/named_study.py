"""A reader study as the command line names it."""

from django.core.management.base import CommandError
from django.db.models import Q

from annotations.reads.models import ReaderStudy
from annotations.reads.selectors import with_plan


def find_reader_study(name: str) -> ReaderStudy:
    """By id or by name. Raises CommandError where that is not exactly one."""
    plain = name.replace("-", "").lower()
    is_id = len(plain) == 32 and set(plain) <= set("0123456789abcdef")
    found = list(with_plan(ReaderStudy.objects.filter(Q(pk=name) if is_id else Q(name=name))))
    if len(found) != 1:
        raise CommandError(f"{len(found)} reader studies are named {name!r}; give the id.")
    return found[0]
