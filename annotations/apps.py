from django.apps import AppConfig


class AnnotationsConfig(AppConfig):
    name = "annotations"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Assignments decide what a reader sees; the rooms below are told how, once."""
        from annotations.reads import selectors as reads
        from annotations.segmentations import visibility as segmentations
        from annotations.studies import visibility as studies

        studies.reader_volume_filter = reads.volumes_of_own_assignments
        segmentations.reader_version_filter = reads.versions_of_own_reads
