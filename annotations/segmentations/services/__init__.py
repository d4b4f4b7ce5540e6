"""Writes of this room."""

from annotations.segmentations.services.create import (
    PreparedVersion,
    create_segmentation,
    insert_version,
    prepare_version,
)

__all__ = ["PreparedVersion", "create_segmentation", "insert_version", "prepare_version"]
