"""SUV inputs of an enhanced multi-frame PET, whose tags differ from those of single-frame PET."""

from collections.abc import Sequence

from pydicom.dataset import Dataset

from annotations.dicom.suv_inputs import SuvInputs
from annotations.dicom.suv_inputs import collect_suv_inputs as collect_single_frame


def collect_suv_inputs(frames: Sequence[Dataset]) -> SuvInputs:
    """frames: flattened by enhanced.flatten_frames, in slice order."""
    return collect_single_frame(frames)
