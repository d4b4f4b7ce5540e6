"""A version with planted errors, derived from an AI version. Readers are never told of it."""

import uuid

from django.db import transaction
from django.utils import timezone

from annotations.accounts.models import User
from annotations.audit.services import record
from annotations.errors import InvalidInput
from annotations.imaging.body import outline_body
from annotations.reads.layout import PLANTED
from annotations.reads.models import ReaderStudy
from annotations.reads.scoring.planting import PlantedError, plant_errors
from annotations.segmentations.digests import normal_json
from annotations.segmentations.measures import measure_all
from annotations.segmentations.models import Lesion, ProducerKind, Segmentation, Version
from annotations.segmentations.services import insert_version
from annotations.segmentations.services.create import LESION_TEXT, label_after, new_lesion, seal
from annotations.segmentations.voxels import read_labels, read_suv, store_labels
from annotations.studies.selectors import current_suv_revision, volume_grid


def plant_version(
    *,
    study: ReaderStudy,
    version: Version,
    by: User,
    seed: int,
    added: int = 0,
    removed: int = 0,
    truncated: int = 0,
) -> tuple[Version, list[PlantedError]]:
    """A new lineage whose first version is `version` with errors, and what they are.

    The errors stand in the version's parameters, so its digest holds them; lesions look like the
    model's own. Raises InvalidInput (not a model's result, another project's, no error asked for, no
    valid SUV), PlantingImpossible.
    """
    volume = version.segmentation.volume
    if volume.series.study.project_id != study.project_id:
        raise InvalidInput("The version belongs to another project.")
    if version.producer_kind != ProducerKind.MODEL or PLANTED in version.parameters:
        raise InvalidInput("Errors are planted in a model's own result.")
    if not added + removed + truncated:
        raise InvalidInput("Please say how many errors to plant.")
    grid, revision = volume_grid(volume), current_suv_revision(volume)
    z, y, x = grid.shape_zyx
    suv = read_suv(volume, revision, (slice(0, z), slice(0, y), slice(0, x)))
    if suv is None:
        raise InvalidInput("The PET has no valid SUV: the body cannot be outlined.")
    labels, errors = plant_errors(
        read_labels(version),
        outline_body(suv, grid),
        grid,
        seed=seed,
        next_label=version.next_label,
        added=added,
        removed=removed,
        truncated=truncated,
    )
    row = Version(
        id=uuid.uuid4(),
        segmentation=Segmentation(
            volume=volume,
            title=f"Planted errors in {version.segmentation.title}"[:200],
            is_synthetic=version.segmentation.is_synthetic,
            is_resampled=version.segmentation.is_resampled,
        ),
        number=1,
        labels=store_labels(labels, grid),
        producer_kind=ProducerKind.MODEL,
        producer_name="planted errors",
        producer_parameters={},
        author=by,
        tool="plant_errors",
        parameters=normal_json({"seed": seed, PLANTED: [error.to_json() for error in errors]}),
        next_label=label_after(max(version.next_label - 1, int(labels.max(initial=0)))),
        created_at=timezone.now(),
    )
    measured = measure_all(labels, volume, revision)
    before = {lesion.label: lesion for lesion in version.lesions.all()}
    lesions = [
        new_lesion(
            row,
            label,
            Lesion.Status.KEPT,
            ProducerKind.MODEL,
            {name: getattr(before[label], name) for name in LESION_TEXT} if label in before else {},
        )
        for label in sorted(measured.live)
    ]
    prepared = seal(row, lesions, measured, revision, parent=version, is_new_segmentation=True)
    with transaction.atomic():
        made = insert_version(prepared)
        record(
            actor=by,
            action="errors_planted",
            object_type="version",
            object_id=made.pk,
            new={"from": str(version.pk), "reader_study": str(study.pk), **row.parameters},
        )
    return made, errors
