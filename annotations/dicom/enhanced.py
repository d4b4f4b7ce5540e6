"""Frames of an enhanced multi-frame object, each as one flat data set."""

from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from annotations.dicom import values
from annotations.dicom.refusals import Malformed, MissingTag

# Bulky or replaced by the frame's own values.
LEFT_OUT = ("SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence", "DimensionIndexSequence")


def flatten_frames(header: Dataset) -> list[Dataset]:
    """One data set for each frame: top level, then shared, then per-frame functional groups, later ones
    winning; the items of a functional group are lifted to the top level. Raises MissingTag or Malformed.
    """
    per_frame = values.items(header, "PerFrameFunctionalGroupsSequence")
    if not per_frame:
        raise MissingTag(
            "PerFrameFunctionalGroupsSequence is missing.", tag="PerFrameFunctionalGroupsSequence"
        )
    announced = values.integer(header, "NumberOfFrames")
    if announced != len(per_frame):
        raise MissingTag(f"{announced} frames are announced; {len(per_frame)} are described.")
    shared = values.items(header, "SharedFunctionalGroupsSequence")
    try:
        return _flatten(header, shared, per_frame)
    except values.READ_ERRORS as error:
        raise Malformed(f"The frames cannot be read ({type(error).__name__}).") from error


def _flatten(header: Dataset, shared: list[Dataset], per_frame: list[Dataset]) -> list[Dataset]:
    base = Dataset()
    for element in header:
        if element.keyword not in LEFT_OUT:
            base.add(element)
    for group in shared:
        _lift(group, base)
    return [_frame(base, group) for group in per_frame]


def _frame(base: Dataset, group: Dataset) -> Dataset:
    flat = Dataset()
    flat.update(base)
    _lift(group, flat)
    return flat


def _lift(group: Dataset, into: Dataset) -> None:
    for element in group:
        if isinstance(element.value, Sequence) and len(element.value) == 1:
            into.update(element.value[0])
        else:
            into.add(element)
