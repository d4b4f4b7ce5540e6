from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("inference", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Worker",
            fields=[
                (
                    "name",
                    models.CharField(
                        help_text="Host and process, as Job.worker says it.",
                        max_length=120,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("queue", models.CharField(choices=[("gpu", "Gpu"), ("cpu", "Cpu")], max_length=3)),
                ("seen_at", models.DateTimeField()),
            ],
        ),
    ]
