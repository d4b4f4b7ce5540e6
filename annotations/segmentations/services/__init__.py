"""Writes of this room."""

from annotations.segmentations.services.create import (
    LabelReserved,
    PreparedVersion,
    create_segmentation,
    insert_version,
    prepare_version,
    with_companion,
)
from annotations.segmentations.services.edits import (
    BadPatch,
    Edit,
    LabelDeleted,
    StaleParent,
    VersionConflict,
    decode_patch,
    save_edit,
)
from annotations.segmentations.services.lineage import ChainFault, prepare_lineage, verify_chain

__all__ = [
    "BadPatch",
    "ChainFault",
    "Edit",
    "LabelDeleted",
    "LabelReserved",
    "PreparedVersion",
    "StaleParent",
    "VersionConflict",
    "create_segmentation",
    "decode_patch",
    "insert_version",
    "prepare_lineage",
    "prepare_version",
    "save_edit",
    "verify_chain",
    "with_companion",
]
