"""The analysis of a reader study: computed in the background, kept until something changes."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotations.accounts.models import User
from annotations.accounts.permissions import IsCoordinator, signed_in_user
from annotations.exports import analyses
from annotations.exports.models import Analysis
from annotations.reads.models import ReaderStudy
from annotations.reads.results import results_are_open
from annotations.reads.selectors import reader_study_for
from annotations.reads.services.looks import look_at_results

STATES = ("none", "running", "done", "failed", "masked")
MASKED = (
    "Results by arm are hidden until the data are locked. Lock the data, or take an interim look that the "
    "plan names."
)


class AnalysisSerializer(serializers.Serializer[Any]):
    state = serializers.ChoiceField(STATES)
    computed_at = serializers.DateTimeField(allow_null=True)
    is_stale = serializers.BooleanField()
    error = serializers.CharField(allow_blank=True)
    report = serializers.JSONField(allow_null=True)


def analysis_json(study: ReaderStudy, by: User) -> dict[str, Any]:
    """The content of AnalysisSerializer. Whoever gets a report has looked at the results: audited."""
    empty: dict[str, Any] = {"computed_at": None, "is_stale": False, "error": "", "report": None}
    is_open, look = results_are_open(study), analyses.newest_look(study)
    if not is_open and look is None:
        return empty | {"state": "masked", "error": MASKED}
    newest = analyses.newest_analysis(study)
    if newest is None:
        return empty | {"state": "none"}
    if newest.state in analyses.WAITING:
        return empty | {"state": "running"}
    if newest.state != Analysis.State.DONE:
        return empty | {"state": "failed", "error": newest.error_message}
    number = None if is_open or look is None else look.number
    look_at_results(study=study, by=by, what="analysis", look=number)
    return {
        "state": "done",
        "computed_at": newest.finished_at,
        "is_stale": analyses.is_stale(newest),
        "error": "",
        "report": newest.report,
    }


class AnalysisView(APIView):
    permission_classes = [IsCoordinator]

    @extend_schema(operation_id="get_analysis", responses=AnalysisSerializer)
    def get(self, request: Request, reader_study_id: UUID) -> Response:
        user = signed_in_user(request)
        study = reader_study_for(user, reader_study_id)
        return Response(AnalysisSerializer(analysis_json(study, user)).data)

    @extend_schema(operation_id="compute_analysis", request=None, responses={202: AnalysisSerializer})
    def post(self, request: Request, reader_study_id: UUID) -> Response:
        """403 results_masked before the data lock, unless a planned look was taken."""
        user = signed_in_user(request)
        study = reader_study_for(user, reader_study_id)
        made = analyses.request_analysis(study=study, by=user)
        if made.state == Analysis.State.DONE:
            return Response(AnalysisSerializer(analysis_json(study, user)).data)
        running = {"state": "running", "computed_at": None, "is_stale": False, "error": "", "report": None}
        return Response(AnalysisSerializer(running).data, status=status.HTTP_202_ACCEPTED)
