"""Compare what a read started from, ended with and is judged against; store each comparison once."""

from collections.abc import Iterable
from typing import Any

from django.utils import timezone

from annotations.imaging.agreement import compare_lesions, compare_voxels, false_volumes
from annotations.imaging.table1 import derive_row
from annotations.reads.layout import PLANTED
from annotations.reads.models import Arm, Case, Comparison, Read
from annotations.reads.scoring.differences import list_differences
from annotations.reads.scoring.planting import corrections
from annotations.reads.selectors import design_of
from annotations.segmentations.models import Version
from annotations.segmentations.voxels import read_labels
from annotations.studies.selectors import volume_grid

COMPARISON_VERSION = "1"
"""Raised whenever a number may change; part of the key of a comparison."""


def compare_read(read: Read) -> list[Comparison]:
    """Store what is not stored yet of a submitted read. Call it outside any transaction (invariant 9).

    The AI version against the final version (AI arms), and both against the case's reference where it
    has one. Whoever is second finds the row there already.
    """
    if read.final_version is None:
        return []
    reference = read.assignment.case.reference
    start = read.start_version if read.assignment.arm.start == Arm.Start.AI else None
    wanted: list[tuple[str, Version, Version]] = []
    if start is not None:
        wanted.append((Comparison.Kind.START_FINAL, start, read.final_version))
    if reference is not None:
        wanted.append((Comparison.Kind.FINAL_REFERENCE, read.final_version, reference))
        if start is not None:
            wanted.append((Comparison.Kind.START_REFERENCE, start, reference))
    known = set(read.comparisons.values_list("kind", "truth_id", "code_version"))
    made = []
    for kind, version, truth in wanted:
        if (kind, truth.pk, COMPARISON_VERSION) not in known:
            data = _compare(read, version, truth)
            if kind == Comparison.Kind.START_FINAL:
                data["planted"] = _planted(version, truth)
            made.append(_row(read, kind, truth, data))
    Comparison.objects.bulk_create(made, ignore_conflicts=True)
    return made


def compare_reads_of(cases: Iterable[Case]) -> int:
    """After a reference was named: every submitted read of the cases. The number of new comparisons."""
    reads = Read.objects.filter(assignment__case__in=list(cases), state=Read.State.SUBMITTED).select_related(
        "assignment__case__reference__segmentation__volume",
        "assignment__case__reference__labels",
        "assignment__arm",
        "assignment__plan",
        "start_version__segmentation__volume",
        "final_version__segmentation__volume",
        "segmentation__volume",
    )
    return sum(len(compare_read(read)) for read in reads)


def _compare(read: Read, version: Version, truth: Version) -> dict[str, Any]:
    design = design_of(read.assignment.plan)
    minimum_ml, tolerance = design["boundary"]["minimum_ml"], design["partial_tolerance_voxels"]
    grid = volume_grid(read.segmentation.volume)
    ours, true = read_labels(version), read_labels(truth)
    limits = {"tolerance_voxels": tolerance, "minimum_ml": minimum_ml}
    return {
        "version": str(version.pk),
        "truth": str(truth.pk),
        "row": derive_row(ours, true, grid, **limits).to_json(),
        "voxels": compare_voxels(true, ours, grid).to_json(),
        "lesion_agreement": compare_lesions(true, ours, grid, minimum_ml=minimum_ml).to_json(),
        "false_volumes": false_volumes(true, ours, grid).to_json(),
        "lesions": [one.to_json() for one in list_differences(ours, true, grid, **limits)],
    }


def _planted(start: Version, final: Version) -> list[dict[str, Any]] | None:
    """What became of the errors planted in the start; None where none were."""
    errors = start.parameters.get(PLANTED)
    if errors is None or start.parent is None:
        return None
    return corrections(errors, read_labels(start.parent), read_labels(start), read_labels(final))


def _row(read: Read, kind: str, truth: Version, data: dict[str, Any]) -> Comparison:
    return Comparison(
        read=read,
        kind=kind,
        truth=truth,
        code_version=COMPARISON_VERSION,
        data=data,
        created_at=timezone.now(),
    )
