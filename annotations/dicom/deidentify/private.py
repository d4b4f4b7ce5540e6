"""The few private values that SUV needs: read, checked, and written back with their creator.

Every other private element goes. What stays is a date and time or a number, never text.
"""

import math
import re
from dataclasses import dataclass

from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.tag import Tag

from annotations.dicom import values
from annotations.dicom.deidentify.moments import shift_datetime
from annotations.dicom.refusals import BadTag

BLOCK = 0x10


@dataclass(frozen=True)
class PrivateValue:
    """One element of a vendor. vr: "DT" (moved with the other dates) or "DS"."""

    group: int
    creator: str
    offset: int
    vr: str
    makers: tuple[str, ...]


SUV_VALUES = (
    PrivateValue(0x0009, "GEMS_PETD_01", 0x0D, "DT", ("GE ",)),  # scan date and time
    PrivateValue(0x0071, "SIEMENS MED PT", 0x22, "DT", ("SIEMENS", "CPS")),  # start of the scan
    PrivateValue(0x7053, "Philips PET Private Group", 0x00, "DS", ("PHILIPS",)),  # SUV factor
    PrivateValue(0x7053, "Philips PET Private Group", 0x09, "DS", ("PHILIPS",)),  # activity factor
)


@dataclass(frozen=True)
class KeptValue:
    """has_creator: False where the creator was lost on the way; it is not made up, SUV warns of it."""

    source: PrivateValue
    text: str
    has_creator: bool


def take_private(dataset: Dataset, days: int) -> list[KeptValue]:
    """The values that stay, scrubbed and moved. Raises BadTag for one that cannot be read: SUV could be
    another without it.
    """
    found = []
    for wanted in SUV_VALUES:
        text, has_creator = _find(dataset, wanted)
        if text:
            found.append(KeptValue(wanted, _scrub(text, wanted, days), has_creator))
    return found


def put_private(dataset: Dataset, kept: list[KeptValue]) -> None:
    for value in kept:
        source = value.source
        if value.has_creator:
            dataset.add(DataElement(Tag(source.group, BLOCK), "LO", source.creator))
        dataset.add(DataElement(Tag(source.group, (BLOCK << 8) + source.offset), source.vr, value.text))


def _scrub(text: str, wanted: PrivateValue, days: int) -> str:
    if wanted.vr == "DT":
        moved = shift_datetime(re.sub(r"[^0-9.]", "", text), days)
        if moved is not None:
            return moved
    else:
        try:
            if math.isfinite(float(text)) and len(text) <= 16:
                return text
        except ValueError:
            pass
    raise BadTag(f"The private value ({wanted.group:04X},xx{wanted.offset:02X}) cannot be read.")


def _find(dataset: Dataset, wanted: PrivateValue) -> tuple[str, bool]:
    """(text, whether it has a creator), as suv_inputs reads it: in the block of its creator, or in block 10
    of the maker's own file.
    """
    group = wanted.group
    present = [tag for tag in dataset.keys() if tag.group == group]  # noqa: SIM118
    creators = {tag.element: _text(dataset, tag) for tag in present if 0x10 <= tag.element < 0x100}
    blocks = [e for e, name in creators.items() if name.upper() == wanted.creator.upper()]
    maker = values.text(dataset, "Manufacturer").upper()
    same_maker = any(name in maker for name in wanted.makers)
    has_creator = bool(blocks)
    if not blocks and same_maker and BLOCK not in creators:
        blocks = [BLOCK]
    for block in blocks:
        tag = Tag(group, (block << 8) + wanted.offset)
        if tag in dataset:
            return _text(dataset, tag), has_creator
    return "", False


def _text(dataset: Dataset, tag: int) -> str:
    try:
        value = dataset[tag].value
    except values.READ_ERRORS as error:
        raise BadTag(f"Private values of group {tag >> 16:04X} cannot be read.") from error
    text = value.decode("ascii", "replace") if isinstance(value, bytes) else str(value or "")
    return text.strip().strip("\0").strip()
