"""Re-exports only: each model lives in its room."""

from annotations.accounts.models import RoleGrant, User
from annotations.audit.models import AuditRecord
from annotations.exports.models import Analysis, Export
from annotations.reads.models import (
    Arm,
    Assignment,
    Case,
    CaseStart,
    Comparison,
    Event,
    Exemption,
    Look,
    Plan,
    Read,
    ReaderStudy,
    ReadingTime,
    Score,
)
from annotations.segmentations.models import CompanionMap, Lesion, MeasureSet, Segmentation, Version
from annotations.store.models import Blob
from annotations.studies.models import (
    ImportRun,
    Instance,
    Patient,
    PatientAttribute,
    PatientKey,
    Project,
    Series,
    Study,
    SuvRevision,
    Volume,
    VolumeInstance,
)

__all__ = [
    "Analysis",
    "Arm",
    "Assignment",
    "AuditRecord",
    "Blob",
    "Case",
    "CaseStart",
    "CompanionMap",
    "Comparison",
    "Event",
    "Exemption",
    "Export",
    "ImportRun",
    "Instance",
    "Lesion",
    "Look",
    "MeasureSet",
    "Patient",
    "PatientAttribute",
    "PatientKey",
    "Plan",
    "Project",
    "Read",
    "ReaderStudy",
    "ReadingTime",
    "RoleGrant",
    "Score",
    "Segmentation",
    "Series",
    "Study",
    "SuvRevision",
    "User",
    "Version",
    "Volume",
    "VolumeInstance",
]
