"""Which DICOM objects and encodings are read. Everything else is refused by name."""

from pydicom.uid import (
    JPEG2000,
    UID,
    CTImageStorage,
    DeflatedExplicitVRLittleEndian,
    EnhancedCTImageStorage,
    EnhancedPETImageStorage,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    HTJ2KLossless,
    HTJ2KLosslessRPCL,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGExtended12Bit,
    JPEGLossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    JPEGLSNearLossless,
    LegacyConvertedEnhancedCTImageStorage,
    LegacyConvertedEnhancedPETImageStorage,
    PositronEmissionTomographyImageStorage,
    RLELossless,
    RTStructureSetStorage,
    SegmentationStorage,
)

HTJ2K = UID("1.2.840.10008.1.2.4.203")
LabelMapSegmentationStorage = UID("1.2.840.10008.5.1.4.1.1.66.7")  # newer than pydicom's own list

ENHANCED = frozenset(
    {
        EnhancedPETImageStorage,
        EnhancedCTImageStorage,
        LegacyConvertedEnhancedPETImageStorage,
        LegacyConvertedEnhancedCTImageStorage,
    }
)

KINDS: dict[str, str] = {
    PositronEmissionTomographyImageStorage: "image",
    CTImageStorage: "image",
    **dict.fromkeys(ENHANCED, "image"),
    RTStructureSetStorage: "rtstruct",
    SegmentationStorage: "seg",
    LabelMapSegmentationStorage: "seg",
}

# Objects whose meaning is in large sequences.
KEPT_WHOLE = frozenset({RTStructureSetStorage, SegmentationStorage, LabelMapSegmentationStorage, *ENHANCED})

NATIVE = frozenset(
    {ImplicitVRLittleEndian, ExplicitVRLittleEndian, ExplicitVRBigEndian, DeflatedExplicitVRLittleEndian}
)
# Never lossless. JPEG 2000 (.91) and HTJ2K (.203) may be either: LossyImageCompression decides.
LOSSY = frozenset({JPEGBaseline8Bit, JPEGExtended12Bit, JPEGLSNearLossless})
COMPRESSED = frozenset(
    {
        JPEGLossless,
        JPEGLosslessSV1,
        JPEGLSLossless,
        JPEG2000Lossless,
        JPEG2000,
        HTJ2KLossless,
        HTJ2KLosslessRPCL,
        HTJ2K,
        RLELossless,
    }
)
TRANSFER_SYNTAXES = NATIVE | COMPRESSED | LOSSY


def name_of(uid: str) -> str:
    """The standard's name, or the UID itself."""
    return UID(uid).name if uid else "(none)"
