"""Maps beside a version (model disagreement), and the triggers that keep them."""

import django.db.models.deletion
from django.db import migrations, models

from annotations.migrations import _triggers_v2, _triggers_v3


class Migration(migrations.Migration):
    dependencies = [("annotations", "0004_lesion_flags")]

    operations = [
        migrations.RunPython(_triggers_v2.remove, _triggers_v2.install),
        migrations.CreateModel(
            name="CompanionMap",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(choices=[("disagreement", "model disagreement")], max_length=20)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "blob",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="annotations.blob"
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="companions",
                        to="annotations.version",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("version", "kind"), name="companion_kind_once"),
                    models.CheckConstraint(
                        condition=models.Q(("kind", "disagreement")), name="companion_known_kind"
                    ),
                ],
            },
        ),
        migrations.RunPython(_triggers_v3.install, _triggers_v3.remove),
    ]
