"""What web process and worker check before they start: nothing meant for a demo runs in production."""

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from annotations.accounts.models import User

LOOPBACK = {"localhost", "127.0.0.1", "[::1]", "testserver"}


def refuse_unsafe_start() -> None:
    """Raise ImproperlyConfigured naming what has to be changed first."""
    problems = _demo_problems() if settings.DEMO else _production_problems()
    if problems:
        raise ImproperlyConfigured("PETReview does not start: " + " ".join(problems))


def _demo_problems() -> list[str]:
    outside = sorted(set(settings.ALLOWED_HOSTS) - LOOPBACK)
    if outside:
        return [
            "PETREVIEW_DEMO=1 is for this computer only, "
            f"but PETREVIEW_ALLOWED_HOSTS names {', '.join(outside)}."
        ]
    return []


def _production_problems() -> list[str]:
    problems = []
    if settings.DEBUG:
        problems.append("PETREVIEW_DEBUG=1 must not be set outside the demo.")
    demo = sorted(User.objects.filter(is_demo=True, is_active=True).values_list("username", flat=True))
    if demo:
        problems.append(
            f"The database holds demo accounts ({', '.join(demo)}) whose passwords are published; "
            "remove them with `manage.py remove_demo_accounts`."
        )
    if "*" in settings.ALLOWED_HOSTS:
        problems.append("PETREVIEW_ALLOWED_HOSTS must name the hosts instead of '*'.")
    return problems
