"""Images, their slices and files are frozen whole, and rows are not replaced under their own key."""

from django.db import migrations

from annotations.migrations import _triggers_v3, _triggers_v4


class Migration(migrations.Migration):
    dependencies = [("annotations", "0006_exports_and_analyses")]

    operations = [
        migrations.RunPython(_triggers_v3.remove, _triggers_v3.install),
        migrations.RunPython(_triggers_v4.install, _triggers_v4.remove),
    ]
