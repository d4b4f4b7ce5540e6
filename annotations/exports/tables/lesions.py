"""lesions: one row a lesion of the start or the final version of a read."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from annotations.exports.rows import Row
from annotations.exports.study_data import StudyData
from annotations.exports.tables.column import Column, Kind, Reason, Table
from annotations.segmentations.models import Lesion, ProducerKind, Version
from annotations.segmentations.selectors import current_measures

VERSIONS = {"start": "the version the read started from", "final": "the version the reader left"}
STATUSES = {
    "kept": "voxels are those of the start",
    "edited": "a lesion of the start whose voxels were changed",
    "added": "not in the start, nor a part of a lesion that was",
    "deleted": "deleted; measures are the last ones",
}


class LesionRow(NamedTuple):
    row: Row
    which: str
    version: Version
    lesion: Lesion
    measures: dict[str, Any] | None


NOT_MEASURED = Reason("not_measured", "deleted before it was measured", lambda one: one.measures is None)
NO_SUV = Reason("no_suv", "the PET has no valid SUV", lambda one: one.measures["suv_mean"] is None)
ONE_VOXEL = Reason("undefined", "a single voxel has no SD", lambda one: one.measures["voxel_count"] == 1)
NOT_STATED = Reason("not_stated", "the reader did not state it", lambda one: True)


def _said(name: str, meaning: str, **more: Any) -> Column:
    return Column(
        name,
        "text",
        "",
        meaning,
        "the reader",
        lambda one: getattr(one.lesion, name) or None,
        (NOT_STATED,),
        **more,
    )


def _measure(
    name: str, kind: Kind, unit: str, meaning: str, key: str = "", more: tuple[Reason, ...] = ()
) -> Column:
    return Column(
        name,
        kind,
        unit,
        meaning,
        "measures of the version's voxels under the SUV revision of the case",
        lambda one: None if one.measures is None else one.measures[key or name],
        (NOT_MEASURED, *more),
    )


def _suv(name: str, meaning: str, *more: Reason, key: str = "", unit: str = "SUVbw") -> Column:
    return _measure(name, "number", unit, meaning, key, (NO_SUV, *more))


COLUMNS = (
    Column("read", "text", "", "Id of the read, as in reads_long.", "read", lambda one: one.row.read.pk),
    Column("reader", "text", "", "Pseudonym of the reader.", "order of accounts", lambda one: one.row.reader),
    Column(
        "case_number",
        "integer",
        "",
        "Number of the case in the reader study.",
        "plan",
        lambda one: one.row.assignment.case.number,
    ),
    Column("version_of_read", "text", "", "Which version.", "read", lambda one: one.which, values=VERSIONS),
    Column(
        "version_digest",
        "text",
        "sha256",
        "Digest of the version.",
        "version",
        lambda one: one.version.version_digest,
    ),
    Column(
        "label",
        "integer",
        "",
        "Number of the lesion, the same from version to version.",
        "version",
        lambda one: one.lesion.label,
    ),
    Column(
        "status",
        "text",
        "",
        "Against the start of the read.",
        "version",
        lambda one: one.lesion.status,
        values=STATUSES,
    ),
    Column(
        "source",
        "text",
        "",
        "Who made it first.",
        "version",
        lambda one: one.lesion.source,
        values={kind.value: str(kind.label) for kind in ProducerKind},
    ),
    _said("name", "The reader's name for it."),
    _said("site", "Code of the anatomical site."),
    _said("physiological_class", "Class of physiological uptake, where it is no tumour."),
    _said("boundary_rule", "How the outline was set."),
    _said("comment", "The reader's words."),
    _measure("voxel_count", "integer", "count", "Voxels."),
    _measure("volume_ml", "number", "mL", "Voxels times voxel volume."),
    _suv("suv_max", "Highest voxel."),
    _suv("suv_mean", "Mean of the voxels."),
    _suv("suv_sd", "Sample standard deviation of the voxels.", ONE_VOXEL),
    _suv("suv_peak_local", "Mean of a 1 mL sphere round the hottest voxel."),
    _suv("suv_peak_global", "Highest mean of a 1 mL sphere in the lesion."),
    _suv("tlg_suv_ml", "volume_ml * suv_mean.", key="tlg", unit="SUVbw*mL"),
    _measure("centroid_xyz_mm", "json", "mm", "Centroid x, y, z in patient coordinates (LPS)."),
)


def lesions(data: StudyData) -> Table:
    return Table(
        "lesions",
        "Lesions of start and final versions",
        "one lesion of one version of a read",
        ("read", "version_of_read", "label"),
        COLUMNS,
        lambda: _rows(data),
    )


def _rows(data: StudyData) -> Iterator[LesionRow]:
    for row in data.rows:
        versions = [("start", row.start), ("final", row.final)]
        for which, version in versions:
            if version is not None:
                yield from _lesions(row, which, version)


def _lesions(row: Row, which: str, version: Version) -> Iterator[LesionRow]:
    measures = current_measures(version).lesions
    for lesion in sorted(version.lesions.all(), key=lambda one: one.label):
        yield LesionRow(row, which, version, lesion, measures.get(str(lesion.label)))
