"""A slice or projection as PNG, for thin clients and reports."""

import hashlib
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.urls import path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.views import APIView

from annotations.accounts.models import User
from annotations.accounts.permissions import signed_in_user
from annotations.errors import Conflict, NotFound
from annotations.imaging.geometry import canonical_json
from annotations.segmentations.models import Version
from annotations.segmentations.rendering import RENDER_VERSION, Picture, render_volume
from annotations.segmentations.selectors import is_automatic, visible_version
from annotations.store.responses import not_modified, with_cache_headers
from annotations.studies.api.volumes import chosen_revision, visible_volume
from annotations.studies.models import Volume
from annotations.studies.selectors import studies_visible_to

CACHE_CONTROL = "private, max-age=3600"  # not for ever: without suv_revision the newest SUV is shown
PLANES = ["axial", "coronal", "sagittal", "mip"]


class FrameMismatch(Conflict):
    code = "frame_of_reference_mismatch"


class VolumeMismatch(Conflict):
    code = "volume_mismatch"


class RenderSerializer(serializers.Serializer[Any]):
    """Windows are in SUVbw, HU, or the volume's own unit without a valid SUV."""

    plane = serializers.ChoiceField(choices=PLANES, default="axial")
    index = serializers.IntegerField(required=False, min_value=0, help_text="Slice; default: the middle.")
    angle = serializers.FloatField(required=False, default=0.0, min_value=-3600, max_value=3600)
    lower = serializers.FloatField(required=False)
    upper = serializers.FloatField(required=False)
    version = serializers.UUIDField(required=False, help_text="Outlines of its lesions are drawn.")
    ct = serializers.UUIDField(required=False, help_text="CT volume under the PET.")
    fusion = serializers.FloatField(required=False, default=0.5, min_value=0, max_value=1)
    size = serializers.IntegerField(required=False, min_value=64, max_value=2048, help_text="Longer side.")
    suv_revision = serializers.UUIDField(required=False, help_text="Default: the newest.")


class RenderView(APIView):
    @extend_schema(
        operation_id="render_volume",
        parameters=[RenderSerializer],
        responses={(200, "image/png"): OpenApiTypes.BINARY, 304: None},
    )
    def get(self, request: Request, volume_id: UUID) -> HttpResponseBase:
        form = RenderSerializer(data=request.query_params)
        form.is_valid(raise_exception=True)
        wanted = form.validated_data
        user = signed_in_user(request)
        volume = visible_volume(user, volume_id)
        revision = chosen_revision(volume, wanted.get("suv_revision"))
        version = _version(user, volume, wanted.get("version"))
        ct = _ct(user, volume, wanted.get("ct"))
        picture = Picture(
            plane=wanted["plane"],
            index=wanted.get("index"),
            angle_deg=wanted["angle"],
            lower=wanted.get("lower"),
            upper=wanted.get("upper"),
            fusion=wanted["fusion"],
            size=wanted.get("size"),
            marks=_marks(user, volume, version),
        )
        etag = _etag(volume, revision.digest if revision else "", version, ct, picture)
        known = not_modified(request, etag, CACHE_CONTROL)
        if known is not None:
            return known
        png = render_volume(volume, revision, picture, version=version, ct=ct)
        return with_cache_headers(HttpResponse(png, content_type="image/png"), etag, CACHE_CONTROL)


def _version(user: User, volume: Volume, version_id: UUID | None) -> Version | None:
    if version_id is None:
        return None
    version = visible_version(user, version_id)
    if version.segmentation.volume_id != volume.pk:
        raise VolumeMismatch("This version was drawn on another volume.")
    return version


def _ct(user: User, volume: Volume, ct_id: UUID | None) -> Volume | None:
    """Never fuses different frames of reference."""
    if ct_id is None:
        return None
    ct = visible_volume(user, ct_id)
    frame = volume.series.frame_of_reference_uid
    if ct.series.modality != "CT":
        raise NotFound("This volume is not a CT.")
    if not frame or frame != ct.series.frame_of_reference_uid:
        raise FrameMismatch("PET and CT have different frames of reference.")
    return ct


def _marks(user: User, volume: Volume, version: Version | None) -> tuple[str, ...]:
    """Words burned in. Whether a start was automatic may be masked in a read: readers get no such mark."""
    marks = ["SYNTHETIC"] if volume.series.study.is_synthetic else []
    is_staff = studies_visible_to(user).filter(pk=volume.series.study_id).exists()
    if version is not None and is_automatic(version) and is_staff:
        marks.append("AUTOMATIC, UNVERIFIED")
    return tuple(marks)


def _etag(volume: Volume, revision: str, version: Version | None, ct: Volume | None, picture: Picture) -> str:
    content = {
        "code": RENDER_VERSION,
        "volume": volume.digest,
        "suv": revision,
        "version": version.version_digest if version else None,
        "ct": ct.digest if ct else None,
        "picture": [str(value) for value in vars(picture).values()],
    }
    return hashlib.sha256(canonical_json(content)).hexdigest()


urlpatterns = [path("volumes/<uuid:volume_id>/render.png", RenderView.as_view(), name="render")]
