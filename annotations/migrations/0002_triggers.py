"""Freeze what is stored: triggers for SQLite and PostgreSQL."""

from django.db import migrations

from annotations.migrations import _triggers_v1


class Migration(migrations.Migration):
    dependencies = [("annotations", "0001_initial")]
    operations = [migrations.RunPython(_triggers_v1.install, _triggers_v1.remove)]
