"""One reference from several readers: one of their segmentations chosen, the majority, or STAPLE."""

import uuid
from collections.abc import Sequence
from typing import Any

import numpy as np
from django.db import transaction

from annotations.accounts.models import User
from annotations.audit.services import record
from annotations.errors import InvalidInput
from annotations.imaging.components import number_lesions
from annotations.imaging.consensus import majority, staple
from annotations.imaging.geometry import Grid
from annotations.imaging.volume import LabelArray
from annotations.reads.errors import ReferenceNamed
from annotations.reads.models import Case, Read
from annotations.reads.services.comparing import compare_reads_of
from annotations.segmentations.digests import normal_json
from annotations.segmentations.models import ProducerKind, Version
from annotations.segmentations.services import create_segmentation
from annotations.segmentations.voxels import read_labels
from annotations.studies.selectors import volume_grid

NAMES = {"majority": "Majority of {n} readers", "staple": "STAPLE of {n} readers"}


def adjudicate_case(
    *, case: Case, by: User, method: str, reads: Sequence[Read], reason: str, chosen: Read | None = None
) -> tuple[Version, dict[str, Any]]:
    """The case's reference, named once, and how it was made. method: choice, majority, staple.

    A choice is the reader's own version; the others make a new one whose lesions are the 26-connected
    components of the consensus mask. Every submitted read of the case is compared with it then.
    Raises ReferenceNamed, InvalidInput (a read of another case or not submitted, nothing chosen).
    """
    if not reason.strip():
        raise InvalidInput("Please say why the reference is this.", field="reason")
    if case.reference_id is not None:
        raise ReferenceNamed("The case has a reference already.", reference=str(case.reference_id))
    finals = [_final_of(read, case) for read in reads]
    if len({read.assignment.reader_id for read in reads}) < 2:
        raise InvalidInput("Adjudication takes the reads of at least two readers.")
    parameters: dict[str, Any] = {"method": method, "reads": sorted(str(read.pk) for read in reads)}
    if method == "choice":
        if chosen is None or chosen.pk not in {read.pk for read in reads}:
            raise InvalidInput("Please choose one of the reads.", field="chosen")
        version = _final_of(chosen, case)
        parameters["chosen"] = str(chosen.pk)
    else:
        version = _consensus(case, by, method, finals, parameters)
    with transaction.atomic():
        if not Case.objects.filter(pk=case.pk, reference__isnull=True).update(reference=version):
            raise ReferenceNamed("The case was given a reference a moment ago.")
        record(
            actor=by,
            action="case_adjudicated",
            object_type="case",
            object_id=case.pk,
            new={"reference": str(version.pk), **parameters},
            reason=reason.strip(),
        )
    compare_reads_of([case])
    return version, parameters


def _final_of(read: Read, case: Case) -> Version:
    if read.assignment.case_id != case.pk or read.state != Read.State.SUBMITTED:
        raise InvalidInput("A read is not a submitted read of this case.", read=str(read.pk))
    assert read.final_version is not None
    return read.final_version


def _consensus(
    case: Case, by: User, method: str, finals: Sequence[Version], parameters: dict[str, Any]
) -> Version:
    grid = volume_grid(case.volume)
    labels, found = _merge(method, [read_labels(version) for version in finals], grid)
    parameters |= found | {"versions": [version.version_digest for version in finals]}
    return create_segmentation(
        volume=case.volume,
        title=f"Consensus of case {case.number}",
        labels=labels,
        suv_revision=case.suv_revision,
        producer_kind=ProducerKind.REFERENCE,
        producer_name=NAMES[method].format(n=len(finals)),
        producer_parameters=normal_json(parameters),
        author=by,
        tool=f"consensus_{method}",
        source=ProducerKind.READER,
        is_synthetic=case.volume.series.study.is_synthetic,
        version_id=uuid.uuid4(),
    )


def _merge(method: str, maps: Sequence[LabelArray], grid: Grid) -> tuple[LabelArray, dict[str, Any]]:
    if method == "majority":
        mask, found = majority(maps, grid), {}
    else:
        result = staple(maps, grid)
        mask, found = result.mask, result.to_json()
    return number_lesions(np.asarray(mask), grid, minimum_ml=0.0), found
