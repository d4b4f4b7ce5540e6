"""Dates moved by whole days; times of day stay."""

from datetime import datetime, timedelta

from annotations.dicom import values

OLDEST_YEAR = 1800


def shift_date(value: str, days: int) -> str | None:
    """A DA moved, as YYYYMMDD; None when it is not a date."""
    try:
        return _moved(values.parse_date(value), days).strftime("%Y%m%d")
    except (ValueError, OverflowError):
        return None


def shift_datetime(value: str, days: int) -> str | None:
    """A DT moved, with its time of day and fraction, without UTC offset; None when it is not one."""
    try:
        moment = _moved(values.parse_datetime(value), days)
    except (ValueError, OverflowError):
        return None
    return moment.strftime("%Y%m%d%H%M%S") + (f".{moment.microsecond:06d}" if moment.microsecond else "")


def plain_time(value: str) -> str | None:
    """A TM as it is, when it is one; else None."""
    try:
        values.parse_time(value)
    except ValueError:
        return None
    return value.strip()


def _moved(moment: datetime, days: int) -> datetime:
    moved = moment + timedelta(days=days)
    if moved.year < OLDEST_YEAR:
        raise ValueError("no date of a scan")
    return moved


def age_at(birth: str, day: str) -> str | None:
    """ "059Y" from two DICOM dates; None when they are not dates."""
    try:
        born, then = values.parse_date(birth), values.parse_date(day)
    except ValueError:
        return None
    years = then.year - born.year - ((then.month, then.day) < (born.month, born.day))
    return f"{years:03d}Y" if 0 <= years < 150 else None


def grouped_age(age: str) -> str | None:
    """Ages over 89 are one group, 090Y. None when it is not an age."""
    text = age.strip().upper()
    if len(text) != 4 or not text[:3].isdigit() or text[3] not in "DWMY":
        return None
    years = int(text[:3]) / {"D": 365.25, "W": 52.18, "M": 12.0, "Y": 1.0}[text[3]]
    return "090Y" if years >= 90 else text
