"""Switch the demo accounts off: what they did stays, with their names."""

from django.core.management.base import BaseCommand

from annotations.accounts.models import User


class Command(BaseCommand):
    help = "Deactivate the demo accounts, so that this database can be used in production."

    def handle(self, *args: object, **options: object) -> None:
        count = User.objects.filter(is_demo=True, is_active=True).update(is_active=False, password="!")
        self.stdout.write(f"{count} demo accounts switched off.")
