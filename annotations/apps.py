from django.apps import AppConfig


class AnnotationsConfig(AppConfig):
    name = "annotations"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Assignments decide what a reader sees; the rooms below are told how, once."""
        from annotations.reads import comparisons, selectors
        from annotations.segmentations import visibility as segmentations
        from annotations.studies import visibility as studies

        studies.reader_volume_filter = selectors.volumes_of_own_assignments
        segmentations.reader_version_filter = comparisons.versions_of_reader
        segmentations.masked_volume_filter = selectors.volumes_of_masked_cases
