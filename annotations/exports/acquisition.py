"""How a PET was acquired, from the tags of its first stored slice. What a header does not say is None."""

from pydicom.dataset import Dataset

from annotations.dicom import values
from annotations.dicom.attributes import series_info
from annotations.dicom.enhanced import flatten_frames
from annotations.dicom.part10 import parse_part10
from annotations.dicom.refusals import BadTag
from annotations.statistics.data import Acquisition
from annotations.store.services import read_blob
from annotations.studies.models import Volume
from annotations.studies.selectors import volume_grid

MBQ, MS = 1e6, 1e3


def acquisition_of(volume: Volume) -> Acquisition:
    """scanner: manufacturer and model. reconstruction: method and kernel. Time per bed: frame duration."""
    spacing = volume_grid(volume).spacing_xyz_mm
    header = _first_header(volume)
    if header is None:
        return Acquisition(voxel_size_xyz_mm=spacing)
    info = series_info(header)
    dose = _number(_tracer(header), "RadionuclideTotalDose")
    duration = _number(header, "ActualFrameDuration")
    return Acquisition(
        scanner=_words(info.manufacturer, info.model),
        voxel_size_xyz_mm=spacing,
        reconstruction=_words(
            values.text(header, "ReconstructionMethod"), values.text(header, "ConvolutionKernel")
        ),
        time_per_bed_s=None if duration is None else duration / MS,
        dose_mbq=None if dose is None else dose / MBQ,
    )


def _first_header(volume: Volume) -> Dataset | None:
    first = volume.slices.select_related("instance__blob").order_by("position").first()
    if first is None:
        return None
    header = parse_part10(read_blob(first.instance.blob)).header
    return flatten_frames(header)[first.frame] if "NumberOfFrames" in header else header


def _tracer(header: Dataset) -> Dataset:
    items = values.items(header, "RadiopharmaceuticalInformationSequence")
    return items[0] if items else Dataset()


def _number(header: Dataset, keyword: str) -> float | None:
    try:
        return values.number(header, keyword)
    except BadTag:
        return None


def _words(*parts: str) -> str | None:
    return " ".join(part for part in parts if part) or None
