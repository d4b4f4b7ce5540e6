from django.apps import AppConfig


class PetreviewConfig(AppConfig):
    name = "petreview"
    default_auto_field = "django.db.models.BigAutoField"
