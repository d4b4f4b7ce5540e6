"""Exports and analyses of reader studies as background work."""

import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('annotations', '0005_companion_maps'),
    ]

    operations = [
        migrations.CreateModel(
            name='Analysis',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('state', models.CharField(choices=[('queued', 'Queued'), ('running', 'Running'), ('done', 'Done'), ('failed', 'Failed'), ('cancelled', 'Cancelled')], default='queued', max_length=10)),
                ('attempts', models.PositiveIntegerField(default=0, help_text='Starts so far; a worker writes only under its own number.')),
                ('stage', models.CharField(blank=True, max_length=80)),
                ('done', models.PositiveIntegerField(default=0, help_text='Steps of the stage that are done.')),
                ('total', models.PositiveIntegerField(default=0, help_text='Steps of the stage; 0: not known.')),
                ('cancel_requested', models.BooleanField(default=False)),
                ('error_code', models.CharField(blank=True, max_length=60)),
                ('error_message', models.TextField(blank=True)),
                ('created_at', models.DateTimeField()),
                ('updated_at', models.DateTimeField(help_text='Last sign of life.')),
                ('finished_at', models.DateTimeField(null=True)),
                ('is_interim', models.BooleanField(default=False)),
                ('cut_off', models.DateTimeField(help_text='Of an interim look: what was submitted by then.', null=True)),
                ('inputs_digest', models.CharField(blank=True, max_length=64)),
                ('report', models.JSONField(null=True)),
                ('reader_study', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='analyses', to='annotations.readerstudy')),
                ('requested_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name_plural': 'analyses',
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('state', 'done'), _negated=True), ('report__isnull', False), _connector='OR'), name='analysis_done_has_report'), models.UniqueConstraint(condition=models.Q(('state__in', ['queued', 'running'])), fields=('reader_study',), name='analysis_one_at_a_time')],
            },
        ),
        migrations.CreateModel(
            name='Export',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('state', models.CharField(choices=[('queued', 'Queued'), ('running', 'Running'), ('done', 'Done'), ('failed', 'Failed'), ('cancelled', 'Cancelled')], default='queued', max_length=10)),
                ('attempts', models.PositiveIntegerField(default=0, help_text='Starts so far; a worker writes only under its own number.')),
                ('stage', models.CharField(blank=True, max_length=80)),
                ('done', models.PositiveIntegerField(default=0, help_text='Steps of the stage that are done.')),
                ('total', models.PositiveIntegerField(default=0, help_text='Steps of the stage; 0: not known.')),
                ('cancel_requested', models.BooleanField(default=False)),
                ('error_code', models.CharField(blank=True, max_length=60)),
                ('error_message', models.TextField(blank=True)),
                ('created_at', models.DateTimeField()),
                ('updated_at', models.DateTimeField(help_text='Last sign of life.')),
                ('finished_at', models.DateTimeField(null=True)),
                ('parts', models.JSONField(help_text='tables, forms, versions, dataset.')),
                ('formats', models.JSONField(help_text='csv, xlsx, json, parquet.')),
                ('is_masked', models.BooleanField(help_text='Made before the data lock: nothing in it tells an arm.')),
                ('file_name', models.CharField(blank=True, max_length=240)),
                ('size_bytes', models.BigIntegerField(null=True)),
                ('sha256', models.CharField(blank=True, max_length=64)),
                ('file_removed_at', models.DateTimeField(null=True)),
                ('reader_study', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='exports', to='annotations.readerstudy')),
                ('requested_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['state', 'updated_at'], name='export_waiting')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('state', 'done'), _negated=True), models.Q(('sha256', ''), _negated=True), _connector='OR'), name='export_done_has_file')],
            },
        ),
    ]
