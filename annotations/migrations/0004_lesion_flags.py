"""A score may carry the reader's own remarks on single lesions."""

from django.db import migrations, models

from annotations.migrations import _triggers_v2


class Migration(migrations.Migration):
    dependencies = [
        ("annotations", "0003_reader_studies"),
    ]

    operations = [
        migrations.RunPython(_triggers_v2.remove, _triggers_v2.install),
        migrations.AddField(
            model_name="score",
            name="lesion_flags",
            field=models.JSONField(
                null=True,
                help_text="The reader's own remarks on single lesions: label, flag, remark. Null: none.",
            ),
        ),
        migrations.RunPython(_triggers_v2.install, _triggers_v2.remove),
    ]
