"""Enhanced multi-frame PET says the same things as single-frame PET with other tags: translate them.

Units stand in the real world value mapping (UCUM codes), which also replaces the rescale factors; what
was corrected stands in yes/no attributes. A legacy converted object keeps the single-frame tags.
"""

from collections.abc import Sequence

from pydicom.dataset import Dataset
from pydicom.valuerep import format_number_as_ds

from annotations.dicom import values
from annotations.dicom.refusals import UnsupportedPixels

# UCUM code -> Units, SUVType (PS3.16 CID 84 and 85; the order of annotation and unit varies)
UNITS: dict[str, tuple[str, str]] = {
    "Bq/ml": ("BQML", ""),
    "Bq/mL": ("BQML", ""),
    "{counts}": ("CNTS", ""),
    "{SUVbw}g/ml": ("GML", "BW"),
    "g/ml{SUVbw}": ("GML", "BW"),
    "{SUVlbm}g/ml": ("GML", "LBM"),
    "g/ml{SUVlbm}": ("GML", "LBM"),
    "{SUVlbm(James128)}g/ml": ("GML", "LBMJAMES128"),
    "{SUVlbm(Janma)}g/ml": ("GML", "LBMJANMA"),
    "{SUVibw}g/ml": ("GML", "IBW"),
    "g/ml{SUVibw}": ("GML", "IBW"),
    "{SUVbsa}cm2/ml": ("CM2ML", "BSA"),
    "cm2/ml{SUVbsa}": ("CM2ML", "BSA"),
}
CORRECTIONS = {
    "AttenuationCorrected": "ATTN",
    "DecayCorrected": "DECY",
    "ScatterCorrected": "SCAT",
    "DeadTimeCorrected": "DTIM",
    "RandomsCorrected": "RAN",
    "GantryMotionCorrected": "GMOT",
    "PatientMotionCorrected": "PMOT",
}


def as_single_frame(flat: Dataset) -> Dataset:
    """A flattened frame with the tags of a single-frame PET. Anything that has Units already, or is no
    PET, is given back as it is. Raises UnsupportedPixels for a mapping by a table.
    """
    if values.text(flat, "Modality") != "PT" or values.text(flat, "Units"):
        return flat
    mapping = _best_mapping(_mappings(flat))
    if mapping is not None:
        _apply_mapping(flat, mapping)
    flat.CorrectedImage = [
        short for keyword, short in CORRECTIONS.items() if values.text(flat, keyword).upper() == "YES"
    ]
    corrected = values.text(flat, "DecayCorrected").upper()
    if corrected in ("YES", "NO"):
        flat.DecayCorrection = "START" if corrected == "YES" else "NONE"
    _translate_times(flat)
    return flat


def _mappings(flat: Dataset) -> Sequence[Dataset]:
    """One mapping was lifted to the top level by the flattening; several still stand in their sequence."""
    if "MeasurementUnitsCodeSequence" in flat:
        return [flat]
    found: Sequence[Dataset] = values.items(flat, "RealWorldValueMappingSequence")
    return found


def _unit(mapping: Dataset) -> str:
    for code in values.items(mapping, "MeasurementUnitsCodeSequence"):
        return values.text(code, "CodeValue")
    return ""


def _best_mapping(mappings: Sequence[Dataset]) -> Dataset | None:
    """Activity first: from it SUV follows by our own record; else the first unit that is known."""
    known = [mapping for mapping in mappings if _unit(mapping) in UNITS]
    activity = [mapping for mapping in known if UNITS[_unit(mapping)][0] == "BQML"]
    return (activity or known or [None])[0]  # type: ignore[list-item]


def _apply_mapping(flat: Dataset, mapping: Dataset) -> None:
    slope = values.number(mapping, "RealWorldValueSlope")
    intercept = values.number(mapping, "RealWorldValueIntercept")
    if slope is None or intercept is None:
        raise UnsupportedPixels("Voxels that are mapped to values by a table are not used.")
    flat.Units, suv_type = UNITS[_unit(mapping)]
    if suv_type:
        flat.SUVType = suv_type
    flat.RescaleSlope, flat.RescaleIntercept = format_number_as_ds(slope), format_number_as_ds(intercept)


def _translate_times(flat: Dataset) -> None:
    acquired = values.text(flat, "FrameAcquisitionDateTime")
    if acquired:
        flat.AcquisitionDateTime = acquired
        for keyword in ("AcquisitionDate", "AcquisitionTime"):
            if keyword in flat:
                del flat[keyword]
    duration = values.number(flat, "FrameAcquisitionDuration")
    if duration is not None:
        flat.ActualFrameDuration = str(round(duration))
