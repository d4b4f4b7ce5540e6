"""What an export is to hold."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from annotations.errors import Conflict, InvalidInput
from annotations.exports.study_data import StudyData

Format = Literal["csv", "xlsx", "json", "parquet"]
FORMATS: tuple[Format, ...] = ("csv", "xlsx", "json", "parquet")
Part = Literal["tables", "forms", "versions", "dataset"]
PARTS: tuple[Part, ...] = ("tables", "forms", "versions", "dataset")
OPEN_PARTS: tuple[Part, ...] = ("forms", "versions", "dataset")
"""What cannot be masked: results of single reads, whose arm the allocation tells."""


class MaskedUntilLock(Conflict):
    code = "masked_until_lock"


@dataclass(frozen=True)
class Wish:
    """What an export is to hold."""

    parts: tuple[Part, ...] = ("tables",)
    formats: tuple[Format, ...] = FORMATS

    def to_json(self) -> dict[str, list[str]]:
        return {"parts": list(self.parts), "formats": list(self.formats)}


def checked_wish(data: StudyData, parts: Iterable[str], formats: Iterable[str]) -> Wish:
    """In the order of the product. Raises InvalidInput, and MaskedUntilLock for what cannot be masked."""
    wish = Wish(
        tuple(part for part in PARTS if part in set(parts)),
        tuple(form for form in FORMATS if form in set(formats)),
    )
    unknown = sorted((set(parts) - set(PARTS)) | (set(formats) - set(FORMATS)))
    if unknown or not wish.parts or ("tables" in wish.parts and not wish.formats):
        raise InvalidInput("Choose at least one part, and for tables a format.", unknown=unknown)
    masked = [part for part in wish.parts if part in OPEN_PARTS] if data.masked else []
    if masked:
        raise MaskedUntilLock(
            "Results of single reads can be exported after the data lock.",
            parts=masked,
        )
    return wish
