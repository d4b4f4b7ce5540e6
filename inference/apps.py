from django.apps import AppConfig


class InferenceConfig(AppConfig):
    name = "inference"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Analyses and exports tell the time of AI jobs and the patients of training sets; they ask here."""
        from annotations.segmentations import producing
        from inference.jobs.selectors import seconds_of_versions
        from inference.releases.selectors import training_patients_of

        producing.job_seconds = seconds_of_versions
        producing.training_patients = training_patients_of
