"""Reads of this room. Who may see a version is decided in `visibility.py`."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Prefetch, QuerySet

from annotations.accounts.models import User
from annotations.errors import NotFound
from annotations.segmentations.models import Lesion, MeasureSet, ProducerKind, Segmentation, Version
from annotations.segmentations.visibility import masked_volumes, versions_of_staff, versions_visible_to
from annotations.studies.models import Study


def head_version(segmentation: Segmentation) -> Version:
    """The newest version of a lineage."""
    versions = segmentation.versions.select_related("segmentation__volume", "labels")
    return versions.order_by("-number")[:1].get()


def first_version(segmentation: Segmentation) -> Version:
    return segmentation.versions.select_related("segmentation__volume", "labels").get(number=1)


def last_version_with(version: Version, label: int) -> Version | None:
    """The newest version up to `version`, across lineages, in which the label had voxels."""
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


def current_measures(version: Version) -> MeasureSet:
    """The newest measures of a version (uses what was prefetched)."""
    return max(version.measure_sets.all(), key=lambda rows: (rows.created_at, rows.pk))


def is_automatic(version: Version) -> bool:
    """Made by a machine and seen by no reader yet: shown and exported as automatic and unverified."""
    return version.producer_kind in (ProducerKind.MODEL, ProducerKind.SEMI_AUTOMATIC)


def visible_version(user: User, version_id: UUID) -> Version:
    """Raises NotFound when there is no such version or the user may not see it."""
    return _get(versions_visible_to(user), version_id)


def staff_version(user: User, version_id: UUID) -> Version:
    """As `visible_version`, but seen by project only: for what tells where a version comes from."""
    return _get(versions_of_staff(user), version_id)


def _get(versions: QuerySet[Version], version_id: UUID) -> Version:
    version = with_details(versions).filter(pk=version_id).first()
    if version is None:
        raise NotFound("There is no such version, or it is not yours to see.")
    return version


def with_details(versions: QuerySet[Version]) -> QuerySet[Version]:
    return versions.select_related("segmentation__volume", "labels", "parent").prefetch_related(
        "lesions", "measure_sets"
    )


def segmentations_of(study: Study, user: User) -> Iterable[Segmentation]:
    """With all versions, oldest first, and the measures of each; newest segmentation first. None on images
    that the user reads in a masked study.
    """
    measures = Prefetch("measure_sets", queryset=MeasureSet.objects.defer("lesions"))
    versions = Version.objects.order_by("number").prefetch_related(measures)
    return (
        Segmentation.objects.filter(volume__series__study=study)
        .exclude(volume__in=masked_volumes(user))
        .prefetch_related(Prefetch("versions", queryset=versions))
        .order_by("-created_at", "pk")
    )


def segmented_volumes(volumes: Iterable[UUID], fingerprints: Iterable[str]) -> set[tuple[UUID, str]]:
    """Which of the volumes hold a first version of which of the model releases, in one query."""
    found = Version.objects.filter(
        number=1,
        producer_kind=ProducerKind.MODEL,
        producer_fingerprint__in=set(fingerprints),
        segmentation__volume__in=set(volumes),
    )
    return set(found.values_list("segmentation__volume_id", "producer_fingerprint"))


def first_version_of_producer(volume_id: UUID, fingerprint: str) -> Version | None:
    """The first version a model release made on a volume: of several runs the oldest, for all readers."""
    return (
        Version.objects.filter(
            segmentation__volume=volume_id,
            number=1,
            producer_kind=ProducerKind.MODEL,
            producer_fingerprint=fingerprint,
        )
        .select_related("segmentation__volume", "labels")
        .order_by("created_at", "pk")
        .first()
    )
