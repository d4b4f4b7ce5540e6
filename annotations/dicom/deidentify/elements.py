"""What happens to one element that is kept. Each rule says whether it may stay."""

import re
from dataclasses import dataclass, field

from pydicom.charset import python_encoding
from pydicom.datadict import dictionary_VR, keyword_for_tag
from pydicom.dataelem import DataElement, RawDataElement
from pydicom.dataset import Dataset
from pydicom.tag import BaseTag

from annotations.dicom import values
from annotations.dicom.deidentify import kept, moments, words
from annotations.dicom.deidentify.identity import Identity
from annotations.dicom.deidentify.keyed import Keyed
from annotations.dicom.refusals import BadTag

_DECIMALS = re.compile(rb"[0-9+\-.eE \\\0]*")
TEXT_NUMBERS = ("DS", "IS")


def tag_name(tag: BaseTag) -> str:
    """The keyword; for private and unknown attributes the group, for their numbers may be anything."""
    if tag.is_private:
        return f"private group {tag.group:04X}"
    return keyword_for_tag(tag) or f"({tag.group:04X},{tag.element:04X})"


@dataclass
class Cleaner:
    """The rules for one object. done: (action, attribute) for the report; a value is never in it."""

    keyed: Keyed
    identity: Identity
    days: int
    done: list[tuple[str, str]] = field(default_factory=list)

    def note(self, action: str, name: str) -> None:
        self.done.append((action, name))

    def empty(self, dataset: Dataset, tag: BaseTag, keyword: str) -> bool:
        if values.text(dataset, keyword):
            self.note("emptied", keyword)
        dataset[tag] = DataElement(tag, dictionary_VR(tag), "")
        return True

    def replaced(self, dataset: Dataset, tag: BaseTag, keyword: str) -> bool:
        self.note("changed", keyword)
        return True  # profile.py writes the pseudonym

    def date(self, dataset: Dataset, tag: BaseTag, keyword: str) -> bool:
        moved = [moments.shift_date(one, self.days) for one in values.texts(dataset, keyword)]
        return self._put_moments(dataset, tag, keyword, moved)

    def time(self, dataset: Dataset, tag: BaseTag, keyword: str) -> bool:
        same = [moments.plain_time(one) for one in values.texts(dataset, keyword)]
        return self._put_moments(dataset, tag, keyword, same, action="")

    def datetime(self, dataset: Dataset, tag: BaseTag, keyword: str) -> bool:
        moved = [moments.shift_datetime(one, self.days) for one in values.texts(dataset, keyword)]
        return self._put_moments(dataset, tag, keyword, moved)

    def _put_moments(
        self, dataset: Dataset, tag: BaseTag, keyword: str, found: list[str | None], action: str = "changed"
    ) -> bool:
        good = [one for one in found if one is not None]
        if len(good) < len(found):
            self._refuse_if_needed(keyword)
            return False
        self._put(dataset, tag, good)
        if good and action:
            self.note(action, keyword)
        return True

    def number(self, dataset: Dataset, tag: BaseTag, keyword: str) -> bool:
        """Left as it is, byte for byte, when it is a number of the attribute's own kind."""
        raw = dataset.get_item(tag)
        vr = dictionary_VR(tag).split(" or ")
        if raw is None or (raw.VR is not None and raw.VR not in (*vr, "UN")):
            good = False
        elif vr[0] not in TEXT_NUMBERS:
            good = True
        else:
            is_raw = isinstance(raw, RawDataElement)
            text = raw.value if is_raw else values.text(dataset, keyword).encode("utf-8", "replace")
            good = _DECIMALS.fullmatch(text or b"") is not None
        if not good:
            self._refuse_if_needed(keyword)
        return good

    def uid(self, dataset: Dataset, tag: BaseTag, keyword: str) -> bool:
        old = values.texts(dataset, keyword)
        new = [self.keyed.uid(one) for one in old]
        if new != list(old):
            self.note("changed", keyword)
            self._put(dataset, tag, new)
        return True

    def code(self, dataset: Dataset, tag: BaseTag, keyword: str) -> bool:
        """An unknown code becomes a keyed one, so that what differed still differs."""
        old = values.texts(dataset, keyword)
        new = [one if self._is_known(one) else f"X{self.keyed.code(keyword, one)}" for one in old]
        self._put_cleaned(dataset, tag, keyword, list(old), new)
        return True

    def _is_known(self, code: str) -> bool:
        return words.is_known_code(code, self.identity.names)

    def text(self, dataset: Dataset, tag: BaseTag, keyword: str) -> bool:
        old = values.text(dataset, keyword)
        new = words.clean_text(old, self.identity.names)
        if keyword == "ConvolutionKernel":
            new = words.clean_kernel(old) or f"X{self.keyed.code(keyword, old)}"
        self._put_cleaned(dataset, tag, keyword, [old], [new])
        return True

    def region_name(self, dataset: Dataset, tag: BaseTag, keyword: str) -> bool:
        """As it is, unless it has the patient's name, an identifier or a date in it."""
        old = values.text(dataset, keyword)
        if not self.identity.is_in(old):
            return True
        number = values.text(dataset, "ROINumber") or values.text(dataset, "SegmentNumber") or "?"
        self._put_cleaned(dataset, tag, keyword, [old], [f"Region {number}"])
        return True

    def place(self, dataset: Dataset, tag: BaseTag, keyword: str) -> bool:
        """Institution and station become one code of the centre."""
        institution = dataset.get("InstitutionName") if keyword == "StationName" else None
        text = values.text(dataset, keyword)
        known = str(institution or "")
        if not text:
            return True
        code = (
            known if known.startswith("CENTRE-") else f"CENTRE-{self.keyed.code('centre', text.casefold())}"
        )
        self._put(dataset, tag, [code])
        self.note("changed", keyword)
        return True

    def dummy(self, dataset: Dataset, tag: BaseTag, keyword: str) -> bool:
        """A keyed code: two devices stay two, and nobody knows which."""
        old = values.text(dataset, keyword)
        self._put_cleaned(dataset, tag, keyword, [old], [f"X{self.keyed.code(keyword, old)}" if old else ""])
        return True

    def sex(self, dataset: Dataset, tag: BaseTag, keyword: str) -> bool:
        return values.text(dataset, keyword).upper() in ("", "M", "F", "O")

    def age(self, dataset: Dataset, tag: BaseTag, keyword: str) -> bool:
        """Over 89 years is one group."""
        old = values.text(dataset, keyword)
        new = moments.grouped_age(old) if old else ""
        if new is not None:
            self._put_cleaned(dataset, tag, keyword, [old], [new])
        return new is not None

    def character_set(self, dataset: Dataset, tag: BaseTag, keyword: str) -> bool:
        return all(one in python_encoding for one in values.texts(dataset, keyword))

    def _put_cleaned(
        self, dataset: Dataset, tag: BaseTag, keyword: str, old: list[str], new: list[str]
    ) -> None:
        if old != new:
            self.note("cleaned", keyword)
        self._put(dataset, tag, new)

    def _put(self, dataset: Dataset, tag: BaseTag, found: list[str]) -> None:
        """Written anew with the dictionary's VR: nothing of the file's own element is left."""
        value: str | list[str] = found if len(found) > 1 else (found[0] if found else "")
        dataset[tag] = DataElement(tag, dictionary_VR(tag), value)

    def _refuse_if_needed(self, keyword: str) -> None:
        if keyword in kept.NEEDED_FOR_SUV:
            raise BadTag(f"{keyword} cannot be read, and SUV hangs on it.", tag=keyword)
