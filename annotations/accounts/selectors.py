"""Reads of accounts."""

from django.db.models import QuerySet

from annotations.accounts.models import Role, User


def all_users() -> QuerySet[User]:
    return User.objects.prefetch_related("role_grants").order_by("username")


def active_readers() -> QuerySet[User]:
    return User.objects.filter(is_active=True, role_grants__role=Role.READER).order_by("username")
