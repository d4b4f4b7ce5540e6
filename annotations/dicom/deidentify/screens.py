"""Objects whose pixels are pictures of text: refused by name, for nobody scrubs pixels here."""

from pydicom.dataset import Dataset

from annotations.dicom import values
from annotations.dicom.deidentify.words import tokens
from annotations.dicom.refusals import DicomRefused

SCREEN_TYPES = ("SCREEN", "SCREENSHOT", "SCREENSAVE", "DOSE", "PROT", "PROTOCOL", "REPORT", "SUMMARY")
SCREEN_TEXTS = ("dose report", "screen save", "screenshot", "patient protocol", "dose info", "exam protocol")


class BurnedInText(DicomRefused):
    code = "burned_in_text"


class ScreenCapture(DicomRefused):
    code = "screen_capture"


def check_pixels_safe(dataset: Dataset) -> None:
    """Raises BurnedInText or ScreenCapture. Secondary capture, dose reports and encapsulated documents
    are not even read (unsupported_sop_class).
    """
    if values.text(dataset, "BurnedInAnnotation").upper() == "YES":
        raise BurnedInText("The image says that text is burned into it; it may name the patient.")
    if "ConversionType" in dataset:
        raise ScreenCapture("The image is a secondary capture; text may be burned into it.")
    parts = {part for value in values.texts(dataset, "ImageType") for part in tokens(value.upper())}
    described = " ".join(tokens(values.text(dataset, "SeriesDescription").casefold()))
    if not parts.isdisjoint(SCREEN_TYPES) or any(text in described for text in SCREEN_TEXTS):
        raise ScreenCapture("The image is a screen save or dose sheet; text may be burned into it.")
    if values.text(dataset, "PhotometricInterpretation") in ("RGB", "PALETTE COLOR", "YBR_FULL_422"):
        raise ScreenCapture("A colour image is no PET or CT slice; text may be burned into it.")
