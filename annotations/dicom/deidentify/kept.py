"""What is kept of an object, and how. Whatever is not named here is removed.

A list of what may stay is safer than the standard's list of what must go: an attribute nobody thought of,
or a newer edition's, is removed too. Nothing here stays as it is where PS3.15 Table E.1-1 removes it,
except under the options that the object then names (patient characteristics, modified dates, cleaned
descriptors, safe private values).
"""

NUMBER_VRS = frozenset({"US", "UL", "UV", "SS", "SL", "SV", "FL", "FD", "AT", "DS", "IS"})
# Groups whose numbers describe acquisition, geometry, image, segments or contours.
NUMBER_GROUPS = frozenset({0x0018, 0x0020, 0x0028, 0x0054, 0x0062, 0x3006})
NUMBERS = frozenset(
    {
        *("PatientWeight", "PatientSize", "PatientBodyMassIndex", "MeasuredLateralDimension"),
        *("RealWorldValueFirstValueMapped", "RealWorldValueLastValueMapped", "RealWorldValueSlope"),
        *("RealWorldValueIntercept", "DoubleFloatRealWorldValueFirstValueMapped", "ReferencedFrameNumber"),
        *("DoubleFloatRealWorldValueLastValueMapped", "ReferencedSegmentNumber"),
    }
)

EMPTIED = frozenset(  # type 2: must be there, may be empty
    {
        *("PatientBirthDate", "AccessionNumber", "ReferringPhysicianName", "StudyID"),
        *("PositionReferenceIndicator", "ContentCreatorName", "ROIInterpreter", "OperatorsName"),
    }
)

DATES = frozenset(
    {
        *("StudyDate", "SeriesDate", "AcquisitionDate", "ContentDate", "StructureSetDate"),
        *("InstanceCreationDate",),
    }
)
TIMES = frozenset(
    {
        *("StudyTime", "SeriesTime", "AcquisitionTime", "ContentTime", "StructureSetTime"),
        *("InstanceCreationTime", "RadiopharmaceuticalStartTime", "RadiopharmaceuticalStopTime"),
    }
)
DATETIMES = frozenset(
    {
        *("AcquisitionDateTime", "RadiopharmaceuticalStartDateTime", "RadiopharmaceuticalStopDateTime"),
        *("DecayCorrectionDateTime", "FrameAcquisitionDateTime", "FrameReferenceDateTime"),
    }
)
# SUV hangs on these: one that cannot be read refuses the object, as it would without de-identification.
NEEDED_FOR_SUV = frozenset(
    {
        *("SeriesDate", "SeriesTime", "AcquisitionDate", "AcquisitionTime", "AcquisitionDateTime"),
        *("RadiopharmaceuticalStartTime", "RadiopharmaceuticalStartDateTime", "DecayCorrectionDateTime"),
        *("FrameAcquisitionDateTime", "PatientWeight", "PatientSize", "RadionuclideTotalDose"),
        *("RadionuclideHalfLife", "DecayFactor", "FrameReferenceTime", "ActualFrameDuration"),
        *("RescaleSlope", "RescaleIntercept"),
    }
)

# Short codes: kept where every word is a known technical one, else replaced by a keyed code.
CODES = frozenset(
    {
        *("ImageType", "Modality", "Units", "SUVType", "DecayCorrection", "CorrectedImage", "CountsSource"),
        *("SeriesType", "CollimatorType", "RandomsCorrectionMethod", "BodyPartExamined", "PatientPosition"),
        *("PhotometricInterpretation", "LossyImageCompression", "LossyImageCompressionMethod"),
        *("BurnedInAnnotation", "RecognizableVisualFeatures", "QualityControlSubject", "FilterType"),
        *("PixelPresentation", "VolumetricProperties", "VolumeBasedCalculationTechnique"),
        *("ContentQualification", "PresentationLUTShape", "VOILUTFunction", "RescaleType", "ScanOptions"),
        *("SegmentationType", "SegmentAlgorithmType", "SegmentsOverlap", "ContentLabel"),
        *("SegmentationFractionalType", "DimensionOrganizationType", "PositionMeasuringDeviceUsed"),
        *("ContourGeometricType", "ROIGenerationAlgorithm", "RTROIInterpretedType", "ApprovalStatus"),
        *("ROIPhysicalProperty", "Laterality", "ImageLaterality", "FrameLaterality", "FrameType"),
        *("GantryMotionCorrected", "PatientMotionCorrected", "CountLossNormalizationCorrected"),
        *("DecayCorrected", "AttenuationCorrected", "ScatterCorrected", "DeadTimeCorrected"),
        *("RandomsCorrected", "NonUniformRadialSamplingCorrected", "SensitivityCalibrated"),
        *("DetectorNormalizationCorrection", "TimeOfFlightInformationUsed", "ReconstructionType"),
        *("AttenuationCorrectionSource", "IterativeReconstructionMethod"),
        *("AcquisitionStartCondition", "AcquisitionTerminationCondition", "TypeOfDetectorMotion"),
        *("LUTLabel", "RadiusOfCircularCollimator", "SpatialLocationsPreserved", "RotationDirection"),
        *("CardiacSynchronizationTechnique", "RespiratoryMotionCompensationTechnique"),
    }
)

# Free text: known technical words are kept, every other word goes.
TEXTS = frozenset(
    {
        *("StudyDescription", "SeriesDescription", "ProtocolName", "Manufacturer", "ManufacturerModelName"),
        *("ReconstructionMethod", "AttenuationCorrectionMethod", "ScatterCorrectionMethod"),
        *("ReconstructionAlgorithm", "Radiopharmaceutical", "DerivationDescription", "LUTExplanation"),
        *("SegmentDescription", "SegmentAlgorithmName", "AlgorithmName", "AlgorithmVersion"),
        *("StructureSetLabel", "StructureSetName", "StructureSetDescription", "ContentDescription"),
        *("ROIDescription", "ROIGenerationDescription", "DimensionDescriptionLabel", "TrackingID"),
        *("ROIObservationLabel", "StackID", "RadiopharmaceuticalRoute", "ConvolutionKernel"),
    }
)
REGION_NAMES = frozenset({"ROIName", "SegmentLabel"})  # kept unless they give the patient away
COMMENTS = frozenset({"PatientComments", "ImageComments"})  # only "this is synthetic" is kept of them
DUMMIES = frozenset({"DeviceSerialNumber", "SoftwareVersions"})  # type 1 in SEG and multi-frame objects
PLACES = frozenset({"InstitutionName", "StationName"})  # become the centre's code

SEQUENCES = frozenset(
    {
        # PET and CT
        *("RadiopharmaceuticalInformationSequence", "RadionuclideCodeSequence"),
        *("RadiopharmaceuticalCodeSequence", "PatientOrientationCodeSequence"),
        *("PatientOrientationModifierCodeSequence", "PatientGantryRelationshipCodeSequence"),
        *("AdministrationRouteCodeSequence", "EnergyWindowRangeSequence", "AnatomicRegionSequence"),
        *("AnatomicRegionModifierSequence", "PrimaryAnatomicStructureSequence"),
        *("EnergyWindowInformationSequence", "ViewCodeSequence"),
        # references
        *("ReferencedSeriesSequence", "ReferencedInstanceSequence", "ReferencedSOPSequence"),
        *("StudiesContainingOtherReferencedInstancesSequence", "ReferencedImageSequence"),
        *("SourceImageSequence", "DerivationImageSequence", "PurposeOfReferenceCodeSequence"),
        *("DerivationCodeSequence", "ReferencedRawDataSequence", "SourceImageEvidenceSequence"),
        *("ReferencedFrameOfReferenceSequence", "RTReferencedStudySequence", "RTReferencedSeriesSequence"),
        *("FrameOfReferenceRelationshipSequence", "ContourImageSequence"),
        # multi-frame objects
        *("SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence", "PixelMeasuresSequence"),
        *("PlaneOrientationSequence", "PlanePositionSequence", "FrameContentSequence"),
        *("DimensionOrganizationSequence", "DimensionIndexSequence", "FrameVOILUTSequence"),
        *("PixelValueTransformationSequence", "RealWorldValueMappingSequence", "FrameAnatomySequence"),
        *("MeasurementUnitsCodeSequence", "PETFrameTypeSequence", "PETFrameAcquisitionSequence"),
        *("PETFrameCorrectionFactorsSequence", "PETReconstructionSequence", "PETPositionSequence"),
        *("PETDetectorMotionDetailsSequence", "PETTableDynamicsSequence", "CTImageFrameTypeSequence"),
        *("RadiopharmaceuticalUsageSequence", "TemporalPositionSequence"),
        "UnassignedPerFrameConvertedAttributesSequence",
        *("CTReconstructionSequence", "CTGeometrySequence", "CTExposureSequence", "CTXRayDetailsSequence"),
        *("CTPositionSequence", "CTTableDynamicsSequence", "CTAcquisitionDetailsSequence"),
        *("CTAcquisitionTypeSequence", "QuantityDefinitionSequence", "ConversionSourceAttributesSequence"),
        # segments
        *("SegmentSequence", "SegmentIdentificationSequence", "SegmentedPropertyCategoryCodeSequence"),
        *("SegmentedPropertyTypeCodeSequence", "SegmentedPropertyTypeModifierCodeSequence"),
        *("SegmentationAlgorithmIdentificationSequence", "AlgorithmFamilyCodeSequence"),
        # contours
        *("StructureSetROISequence", "ROIContourSequence", "ContourSequence", "RTROIObservationsSequence"),
        *("RTROIIdentificationCodeSequence", "ROIPhysicalPropertiesSequence", "RTRelatedROISequence"),
        *("SourceSeriesSequence", "SourcePixelPlanesCharacteristicsSequence"),
    }
)  # fmt: skip
CODE_ITEM = frozenset({"CodeValue", "CodingSchemeDesignator", "CodeMeaning"})
