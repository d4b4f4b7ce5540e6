"""The version digest: each version names its parent's, so a lineage is a hash chain (invariant 2)."""

import hashlib
from collections.abc import Iterable
from typing import Any

from annotations.errors import InvalidInput
from annotations.imaging.geometry import canonical_json
from annotations.segmentations.models import Lesion, Version

LESION_FIELDS = (
    "label",
    "status",
    "source",
    "name",
    "site",
    "physiological_class",
    "comment",
    "boundary_rule",
)


def version_digest(version: Version, lesions: Iterable[Lesion], parent_digest: str | None) -> str:
    """sha256 of canonical JSON of all that a version says. The volume goes in by its digest."""
    content = {
        "id": str(version.pk),
        "content_digest": version.labels_id,
        "volume": version.segmentation.volume.digest,
        "parent": parent_digest,
        "producer": {
            "kind": version.producer_kind,
            "name": version.producer_name,
            "fingerprint": version.producer_fingerprint,
            "parameters": version.producer_parameters,
        },
        "author": version.author_id,
        "tool": version.tool,
        "parameters": version.parameters,
        "created_at": version.created_at.isoformat(),
        "lesions": [
            {name: getattr(lesion, name) for name in LESION_FIELDS}
            for lesion in sorted(lesions, key=lambda one: one.label)
        ],
    }
    return hashlib.sha256(canonical_json(content)).hexdigest()


def normal_json(data: Any) -> Any:
    """JSON data in the one form both databases give back unchanged, so that a digest can be taken again.

    PostgreSQL's jsonb knows one kind of number: 2.0 and 2, 1e22 and its digits, 0.0 and -0.0 are the
    same to it, so whole floats become integers here. Raises InvalidInput for what is not JSON.
    """
    if isinstance(data, dict):
        return {_text(key): normal_json(value) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [normal_json(value) for value in data]
    if data is None or isinstance(data, bool | int):
        return data
    if isinstance(data, float) and data == data and abs(data) != float("inf"):
        return int(data) if data.is_integer() else data
    return _text(data)


def _text(data: Any) -> str:
    if not isinstance(data, str) or "\x00" in data or any("\ud800" <= c <= "\udfff" for c in data):
        raise InvalidInput(
            "Parameters hold text, finite numbers, lists and tables only.", got=repr(data)[:80]
        )
    return data
