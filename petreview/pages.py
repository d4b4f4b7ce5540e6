"""The single page of the frontend, for every path that is not the API's."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie

INDEX = settings.BASE_DIR / "frontend" / "dist" / "index.html"


@never_cache
@ensure_csrf_cookie
def frontend(request: HttpRequest) -> HttpResponse:
    if not INDEX.exists():
        return HttpResponse(
            "The frontend is not built yet: run `make setup`.", status=503, content_type="text/plain"
        )
    return HttpResponse(INDEX.read_bytes())
