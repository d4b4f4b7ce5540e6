"""Reads of this room."""

from annotations.segmentations.models import Lesion, MeasureSet, Segmentation, Version
from annotations.studies.models import SuvRevision


def head_version(segmentation: Segmentation) -> Version:
    """The newest version of a lineage."""
    versions = segmentation.versions.select_related("segmentation__volume", "labels")
    return versions.order_by("-number")[:1].get()


def first_version(segmentation: Segmentation) -> Version:
    return segmentation.versions.select_related("segmentation__volume", "labels").get(number=1)


def last_version_with(version: Version, label: int) -> Version | None:
    """The newest version up to and before `version`, across lineages, in which the label had voxels."""
    here: Version | None = version
    while here is not None:
        rows = Lesion.objects.filter(
            version__segmentation=here.segmentation_id, version__number__lte=here.number, label=label
        )
        alive = rows.exclude(status=Lesion.Status.DELETED).order_by("-version__number").first()
        if alive is not None:
            return alive.version
        here = first_version(here.segmentation).parent
    return None


def current_measures(version: Version, revision: SuvRevision | None = None) -> MeasureSet:
    """The newest measures of a version, of one SUV revision when it is named."""
    rows = version.measure_sets.order_by("-created_at", "-pk")
    return (rows.filter(suv_revision=revision) if revision else rows)[:1].get()
