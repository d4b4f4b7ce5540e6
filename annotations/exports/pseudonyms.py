"""Nobody's name leaves in an export: readers are R01, R02 ..., everyone else P01, P02 ..."""

from collections.abc import Iterable, Mapping
from typing import Any

from annotations.accounts.models import User
from annotations.audit.models import AuditRecord
from annotations.reads.models import Assignment, ReaderStudy

PERSON_KEYS = frozenset(
    {"user", "reader", "readers", "by", "actor", "locked_by", "created_by", "author", "adjudicator"}
)


def reader_codes(study: ReaderStudy) -> dict[int, str]:
    """User id to R01, R02 ...: by the plan that names them first, then in the order of their accounts.

    An amendment that adds readers changes nobody's number.
    """
    named = Assignment.objects.filter(plan__reader_study=study).order_by("plan__number", "reader_id")
    pairs = named.values_list("plan__number", "reader_id").distinct()
    codes: dict[int, str] = {}
    for _, reader in sorted(pairs):
        codes.setdefault(reader, f"R{len(codes) + 1:02d}")
    return codes


class People:
    """Everybody who stands in some audit rows, by id and by name."""

    def __init__(self, readers: Mapping[int, str], audit: Iterable[AuditRecord]) -> None:
        self.codes = dict(readers)
        others = sorted({row.actor_id for row in audit if row.actor_id is not None} - set(readers))
        self.codes |= {user: f"P{number:02d}" for number, user in enumerate(others, start=1)}
        self._names: dict[str, str] = {}
        for user in User.objects.all():
            for name in {user.username, user.get_full_name(), user.email} - {""}:
                self._names[name] = self.codes.get(user.pk, "person")

    def code(self, user_id: int | None) -> str:
        return "system" if user_id is None else self.codes.get(user_id, "person")

    def hide(self, value: Any, key: str = "") -> Any:
        """The same JSON with people's names, and ids where a key says that they are people's, replaced."""
        if isinstance(value, dict):
            return {name: self.hide(part, name) for name, part in value.items()}
        if isinstance(value, list):
            return [self.hide(part, key) for part in value]
        if isinstance(value, str):
            return self.hide_in_text(value)
        if isinstance(value, int) and not isinstance(value, bool) and key in PERSON_KEYS:
            return self.code(value)
        return value

    def hide_in_text(self, text: str) -> str:
        if text in self._names:
            return self._names[text]
        for name in sorted(self._names, key=len, reverse=True):
            if len(name) > 3 and name in text:
                text = text.replace(name, self._names[name])
        return text
