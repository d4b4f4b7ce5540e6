"""Every address of the product: the API of each room, its schema, and the one page of the frontend."""

from django.http import HttpRequest, JsonResponse
from django.urls import include, path, re_path
from drf_spectacular.views import SpectacularAPIView

from annotations.accounts.api import urlpatterns as accounts
from annotations.exports.api import urlpatterns as exports
from annotations.reads.api import urlpatterns as reads
from annotations.segmentations.api import urlpatterns as segmentations
from annotations.segmentations.render_api import urlpatterns as pictures
from annotations.studies.api import urlpatterns as studies
from inference.jobs.api import urlpatterns as jobs
from inference.releases.api import urlpatterns as releases
from petreview.pages import frontend

api = [*accounts, *studies, *segmentations, *pictures, *reads, *exports, *releases, *jobs]


def unknown_endpoint(request: HttpRequest) -> JsonResponse:
    body = {"code": "not_found", "message": "There is no such endpoint.", "detail": {}}
    return JsonResponse(body, status=404)


urlpatterns = [
    path("api/", include(api)),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    re_path(r"^(api|static|ws)/", unknown_endpoint),
    re_path(r"^.*$", frontend),
]
