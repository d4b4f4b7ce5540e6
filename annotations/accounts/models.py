"""Users and their roles (design.md, Words: Roles)."""

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models.functions import Lower


class Role(models.TextChoices):
    READER = "reader"
    COORDINATOR = "coordinator"
    DATA_MANAGER = "data_manager"
    ADMINISTRATOR = "administrator"


class User(AbstractUser):
    """A person who signs in. `is_demo` marks accounts with a published password (refused in production)."""

    is_demo = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(Lower("username"), name="user_username_any_case")]

    def has_role(self, *roles: str) -> bool:
        """True when the user holds at least one of `roles`."""
        if not hasattr(self, "_role_names"):
            self._role_names = set(self.role_grants.values_list("role", flat=True))
        return self.is_active and not self._role_names.isdisjoint(roles)


class RoleGrant(models.Model):
    """One role of one user; a person may hold several."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="role_grants")
    role = models.CharField(max_length=20, choices=Role.choices)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "role"], name="role_grant_once"),
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="role_grant_known_role"),
        ]
