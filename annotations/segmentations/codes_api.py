"""The coded lists of the reading room: sites, sides, classes. The same for everyone, and cached."""

import hashlib
from functools import cache
from typing import Any

from django.http.response import HttpResponseBase
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotations.dicom.codes import CLASSES, SIDES, SITES, Code
from annotations.imaging.geometry import canonical_json
from annotations.store.responses import not_modified, with_cache_headers

CACHE_CONTROL = "private, max-age=3600"  # a new version of the product may know more codes


class CodeSerializer(serializers.Serializer[Any]):
    value = serializers.CharField()
    scheme = serializers.CharField()
    meaning = serializers.CharField()


class SiteSerializer(serializers.Serializer[Any]):
    """key: as stored with a lesion; a paired site may be followed by "/left", "/right" or "/bilateral"."""

    key = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # Field has an attribute of this name
    group = serializers.CharField()
    group_label = serializers.CharField()
    paired = serializers.BooleanField()
    code = CodeSerializer()


class SideSerializer(serializers.Serializer[Any]):
    key = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # as above
    code = CodeSerializer()


class ClassSerializer(serializers.Serializer[Any]):
    """group: lesion, physiological (uptake that belongs there) or other. Only the last two can be removed."""

    key = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # as above
    group = serializers.ChoiceField(["lesion", "physiological", "other"])
    code = CodeSerializer()


class CodesSerializer(serializers.Serializer[Any]):
    sites = SiteSerializer(many=True)
    sides = SideSerializer(many=True)
    classes = ClassSerializer(many=True)


@cache
def codes_json() -> dict[str, Any]:
    """The content of CodesSerializer, in the order of the lists."""
    return {
        "sites": [
            {
                "key": site.key,
                "label": site.code.meaning,
                "group": site.group,
                "group_label": site.group.replace("_", " ").capitalize(),
                "paired": site.paired,
                "code": _code_json(site.code),
            }
            for site in SITES.values()
        ],
        "sides": [
            {"key": key, "label": code.meaning, "code": _code_json(code)} for key, code in SIDES.items()
        ],
        "classes": [
            {"key": one.key, "label": one.code.meaning, "group": one.group, "code": _code_json(one.code)}
            for one in CLASSES.values()
        ],
    }


@cache
def codes_etag() -> str:
    return hashlib.sha256(canonical_json(codes_json())).hexdigest()


class CodesView(APIView):
    @extend_schema(operation_id="list_codes", responses={200: CodesSerializer, 304: None})
    def get(self, request: Request) -> HttpResponseBase:
        known = not_modified(request, codes_etag(), CACHE_CONTROL)
        if known is not None:
            return known
        answer = Response(CodesSerializer(codes_json()).data)
        return with_cache_headers(answer, codes_etag(), CACHE_CONTROL)


def _code_json(code: Code) -> dict[str, str]:
    return {"value": code.value, "scheme": code.scheme, "meaning": code.meaning}
