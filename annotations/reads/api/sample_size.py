"""How many cases a reader study needs, before it is locked."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotations.accounts.permissions import IsCoordinator
from annotations.errors import InvalidInput
from annotations.reads.api.reading import checked
from annotations.reads.design import SAMPLE_SIZE_KINDS
from annotations.statistics.sample_size import SampleSize, paired_log_time, paired_non_inferiority


class SampleSizeQuestionSerializer(serializers.Serializer[Any]):
    """kind "log_time": ratio of geometric mean times and the SD of the log ratio. kind "noninferiority":
    margin, expected difference and SD of the difference, in the measure's own unit.
    """

    kind = serializers.ChoiceField(SAMPLE_SIZE_KINDS)
    power = serializers.FloatField(default=0.8, min_value=0.01, max_value=0.999)
    alpha = serializers.FloatField(default=0.05, min_value=0.0001, max_value=0.5)
    readers = serializers.IntegerField(default=1, min_value=1, max_value=1000)
    reader_correlation = serializers.FloatField(default=1.0, min_value=0, max_value=1)
    sd = serializers.FloatField(min_value=0)
    ratio = serializers.FloatField(required=False, min_value=0)
    margin = serializers.FloatField(required=False, min_value=0)
    expected_difference = serializers.FloatField(default=0.0)


class SampleSizeSerializer(serializers.Serializer[Any]):
    cases = serializers.IntegerField()
    power = serializers.FloatField()
    statement = serializers.CharField()


class SampleSizeView(APIView):
    permission_classes = [IsCoordinator]

    @extend_schema(
        operation_id="ask_sample_size", request=SampleSizeQuestionSerializer, responses=SampleSizeSerializer
    )
    def post(self, request: Request) -> Response:
        try:
            size = _answer(checked(SampleSizeQuestionSerializer, request))
        except ValueError as error:
            raise InvalidInput(str(error)) from error
        return Response({"cases": size.cases, "power": size.power, "statement": size.statement})


def _answer(asked: dict[str, Any]) -> SampleSize:
    common = {name: asked[name] for name in ("power", "alpha", "readers", "reader_correlation")}
    if asked["kind"] == "log_time":
        return paired_log_time(ratio=_needed(asked, "ratio"), sd_log_difference=asked["sd"], **common)
    return paired_non_inferiority(
        margin=_needed(asked, "margin"),
        sd_difference=asked["sd"],
        expected_difference=asked["expected_difference"],
        **common,
    )


def _needed(asked: dict[str, Any], name: str) -> float:
    if asked.get(name) is None:
        raise InvalidInput("This question needs one more number.", field=name)
    return float(asked[name])
