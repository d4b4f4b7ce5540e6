"""Read single values out of a data set: typed, or None where the tag is absent or empty.

A value that is there and cannot be understood is never treated as absent: BadTag says so.
"""

import math
import struct
from datetime import datetime, timedelta

from pydicom.datadict import keyword_for_tag
from pydicom.dataset import Dataset
from pydicom.errors import BytesLengthException, InvalidDicomError
from pydicom.multival import MultiValue
from pydicom.sequence import Sequence
from pydicom.tag import Tag

from annotations.dicom.refusals import BadTag, MissingTag

# What pydicom raises on broken input; it decodes many values only when they are first used. Anything else
# is a fault of ours and must be seen.
READ_ERRORS = (
    InvalidDicomError,
    BytesLengthException,
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    LookupError,
    AttributeError,
    NotImplementedError,
    OverflowError,
    RecursionError,
    EOFError,
    OSError,
    struct.error,
)


def _raw(dataset: Dataset, keyword: str) -> object | None:
    try:
        value: object = dataset.get(keyword)
    except READ_ERRORS as error:
        raise BadTag(f"{keyword} cannot be read.", tag=keyword) from error
    return None if value is None or value == "" else value


def items(dataset: Dataset, keyword: str) -> list[Dataset]:
    """The items of a sequence; none when it is absent or empty. Raises BadTag when it is no sequence."""
    value = _raw(dataset, keyword)
    if value is None:
        return []
    if not isinstance(value, Sequence):
        raise BadTag(f"{keyword} is not a sequence.", tag=keyword)
    return list(value)


def coded(dataset: Dataset, keyword: str) -> tuple[str, str, str] | None:
    """(value, scheme, meaning) of the first item of a code sequence."""
    for item in items(dataset, keyword):
        value, scheme, meaning = (
            text(item, name) for name in ("CodeValue", "CodingSchemeDesignator", "CodeMeaning")
        )
        return value, scheme, meaning
    return None


def text(dataset: Dataset, keyword: str) -> str:
    """Several values are joined by backslashes, as in the file. "" when absent."""
    value = _raw(dataset, keyword)
    if value is None:
        return ""
    if isinstance(value, MultiValue | list):
        return "\\".join(str(part) for part in value)
    return str(value).strip().strip("\0")


def texts(dataset: Dataset, keyword: str) -> tuple[str, ...]:
    whole = text(dataset, keyword)
    return tuple(part.strip() for part in whole.split("\\")) if whole else ()


def number(dataset: Dataset, keyword: str) -> float | None:
    value = _raw(dataset, keyword)
    if value is None:
        return None
    try:
        result = float(str(value).strip().strip("\0"))
    except ValueError as error:
        raise BadTag(f"{keyword} is not a number: {value!r}.", tag=keyword) from error
    if not math.isfinite(result):
        raise BadTag(f"{keyword} is not a finite number.", tag=keyword)
    return result


def numbers(dataset: Dataset, keyword: str, count: int) -> tuple[float, ...]:
    """Exactly `count` numbers. Raises MissingTag or BadTag."""
    parts = texts(dataset, keyword)
    if not parts:
        raise MissingTag(f"{keyword} is missing.", tag=keyword)
    try:
        result = tuple(float(part) for part in parts)
    except ValueError as error:
        raise BadTag(f"{keyword} is not a list of numbers.", tag=keyword) from error
    if len(result) != count or not all(math.isfinite(value) for value in result):
        raise BadTag(f"{keyword} must have {count} numbers; it has {len(result)}.", tag=keyword)
    return result


def integer(dataset: Dataset, keyword: str) -> int | None:
    value = number(dataset, keyword)
    if value is None:
        return None
    if value != int(value):
        raise BadTag(f"{keyword} is not a whole number: {value}.", tag=keyword)
    return int(value)


def required_integer(dataset: Dataset, keyword: str) -> int:
    value = integer(dataset, keyword)
    if value is None:
        raise MissingTag(f"{keyword} is missing.", tag=keyword)
    return value


def tag_text(keyword: str) -> str:
    """ "(0010,1030)" for "PatientWeight"."""
    tag = Tag(keyword)
    assert keyword_for_tag(tag) == keyword
    return f"({tag.group:04X},{tag.element:04X})"


def parse_time(value: str) -> timedelta:
    """DICOM TM (HHMMSS.FFFFFF, shortened, or with colons as in the old standard) as time of day."""
    digits, _, fraction = value.strip().replace(":", "").partition(".")
    if not digits.isdigit() or len(digits) not in (2, 4, 6) or (fraction and not fraction.isdigit()):
        raise ValueError(f"not a DICOM time: {value!r}")
    hours, minutes, seconds = int(digits[:2]), int(digits[2:4] or 0), int(digits[4:6] or 0)
    if hours > 23 or minutes > 59 or seconds > 60:
        raise ValueError(f"not a DICOM time: {value!r}")
    micro = int((fraction[:6]).ljust(6, "0")) if fraction else 0
    return timedelta(hours=hours, minutes=minutes, seconds=seconds, microseconds=micro)


def parse_date(value: str) -> datetime:
    """DICOM DA (YYYYMMDD, or YYYY.MM.DD as in the old standard) as midnight."""
    return datetime.strptime(value.strip().replace(".", ""), "%Y%m%d")


def parse_datetime(value: str) -> datetime:
    """DICOM DT without its UTC offset: all times of a study are read on one local clock."""
    bare = value.strip()
    for sign in "+-":
        bare = bare.split(sign)[0].strip()
    if len(bare.partition(".")[0]) < 10:
        raise ValueError(f"not a DICOM date and time with hours: {value!r}")
    return parse_date(bare[:8]) + parse_time(bare[8:])


def moment(dataset: Dataset, date_keyword: str, time_keyword: str) -> datetime | None:
    """Date and time of two tags; None when either is absent. Raises BadTag."""
    date, time = text(dataset, date_keyword), text(dataset, time_keyword)
    if not date or not time:
        return None
    try:
        return parse_date(date) + parse_time(time)
    except ValueError as error:
        raise BadTag(f"{date_keyword} or {time_keyword} is not a date or time.", tag=time_keyword) from error


def datetime_of(dataset: Dataset, keyword: str) -> datetime | None:
    value = text(dataset, keyword)
    if not value:
        return None
    try:
        return parse_datetime(value)
    except ValueError as error:
        raise BadTag(f"{keyword} is not a date and time: {value!r}.", tag=keyword) from error
