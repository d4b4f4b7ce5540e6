"""Reader studies as designed: chosen starts, comparisons, exemptions, looks; data lock and new triggers."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from annotations.migrations import _triggers_v1, _triggers_v2


class Migration(migrations.Migration):
    dependencies = [
        ("annotations", "0002_triggers"),
    ]

    operations = [
        migrations.RunPython(_triggers_v1.remove, _triggers_v1.install),
        migrations.CreateModel(
            name="CaseStart",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "is_planted",
                    models.BooleanField(
                        default=False, help_text="Holds planted errors; readers are never told."
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Comparison",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("start_final", "AI version against final version"),
                            ("start_reference", "AI version against the reference"),
                            ("final_reference", "final version against the reference"),
                        ],
                        max_length=16,
                    ),
                ),
                ("code_version", models.CharField(max_length=32)),
                (
                    "data",
                    models.JSONField(
                        help_text="annotations/reads/scoring: row, agreement, lesions, planted errors."
                    ),
                ),
                ("created_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Exemption",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "rule",
                    models.CharField(
                        choices=[
                            ("order", "out of the planned order"),
                            ("washout", "before the wash-out is over"),
                            ("training", "before the training is passed"),
                        ],
                        max_length=8,
                    ),
                ),
                ("reason", models.TextField()),
                ("granted_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Look",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField(help_text="From 1, in the order of the plan.")),
                ("reason", models.TextField()),
                ("taken_at", models.DateTimeField(help_text="Reads submitted up to here are seen.")),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="arm",
            name="arm_ai_names_its_release",
        ),
        migrations.AddField(
            model_name="arm",
            name="tools",
            field=models.JSONField(
                help_text="Tools of the reading room; null: the same for all arms.", null=True
            ),
        ),
        migrations.AddField(
            model_name="arm",
            name="uses_chosen_versions",
            field=models.BooleanField(
                default=False, help_text="Every case of this AI arm names its own start version."
            ),
        ),
        migrations.AddField(
            model_name="assignment",
            name="in_timing_subgroup",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="assignment",
            name="role",
            field=models.CharField(
                choices=[("main", "Main"), ("training", "Training")], default="main", max_length=8
            ),
        ),
        migrations.AddField(
            model_name="assignment",
            name="sequence",
            field=models.CharField(
                blank=True, help_text="Arms of this case in order of reading.", max_length=60
            ),
        ),
        migrations.AddField(
            model_name="assignment",
            name="stratum",
            field=models.CharField(blank=True, help_text="Burden stratum it was balanced in.", max_length=40),
        ),
        migrations.AddField(
            model_name="plan",
            name="design",
            field=models.JSONField(
                default=dict, help_text="All that was planned (annotations/reads/design.py)."
            ),
        ),
        migrations.AddField(
            model_name="plan",
            name="revision",
            field=models.PositiveIntegerField(default=1, help_text="Raised by each change of a draft."),
        ),
        migrations.AddField(
            model_name="read",
            name="abandoned_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="read",
            name="abandoned_reason",
            field=models.TextField(blank=True),
        ),
        migrations.AddField(
            model_name="read",
            name="reopened_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="readerstudy",
            name="data_lock_signature",
            field=models.JSONField(default=dict, help_text="As a plan's signature."),
        ),
        migrations.AddField(
            model_name="readerstudy",
            name="data_locked_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddConstraint(
            model_name="arm",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("start", "ai"), _negated=True),
                    models.Q(("producer_fingerprint", ""), _negated=True),
                    ("uses_chosen_versions", True),
                    _connector="OR",
                ),
                name="arm_ai_names_its_release",
            ),
        ),
        migrations.AddConstraint(
            model_name="read",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "abandoned"), _negated=True),
                    models.Q(
                        ("abandoned_at__isnull", False), models.Q(("abandoned_reason", ""), _negated=True)
                    ),
                    _connector="OR",
                ),
                name="read_abandoned_has_reason",
            ),
        ),
        migrations.AddField(
            model_name="casestart",
            name="arm",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="case_starts", to="annotations.arm"
            ),
        ),
        migrations.AddField(
            model_name="casestart",
            name="case",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="starts", to="annotations.case"
            ),
        ),
        migrations.AddField(
            model_name="casestart",
            name="version",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="annotations.version"
            ),
        ),
        migrations.AddField(
            model_name="comparison",
            name="read",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="comparisons", to="annotations.read"
            ),
        ),
        migrations.AddField(
            model_name="comparison",
            name="truth",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="annotations.version"
            ),
        ),
        migrations.AddField(
            model_name="exemption",
            name="assignment",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="exemptions",
                to="annotations.assignment",
            ),
        ),
        migrations.AddField(
            model_name="exemption",
            name="granted_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="look",
            name="plan",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="looks", to="annotations.plan"
            ),
        ),
        migrations.AddField(
            model_name="look",
            name="taken_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddConstraint(
            model_name="casestart",
            constraint=models.UniqueConstraint(fields=("arm", "case"), name="case_start_once"),
        ),
        migrations.AddConstraint(
            model_name="comparison",
            constraint=models.UniqueConstraint(
                fields=("read", "kind", "truth", "code_version"), name="comparison_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="exemption",
            constraint=models.UniqueConstraint(fields=("assignment", "rule"), name="exemption_once"),
        ),
        migrations.AddConstraint(
            model_name="exemption",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), _negated=True), name="exemption_has_reason"
            ),
        ),
        migrations.AddConstraint(
            model_name="look",
            constraint=models.UniqueConstraint(fields=("plan", "number"), name="look_once"),
        ),
        migrations.AddConstraint(
            model_name="look",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), _negated=True), name="look_has_reason"
            ),
        ),
        migrations.RunPython(_triggers_v2.install, _triggers_v2.remove),
    ]
