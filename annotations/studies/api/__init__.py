"""Endpoints of this room."""

from django.urls import path

from annotations.studies.api import imports, projects, studies, volumes

urlpatterns = [
    path("projects/", projects.ProjectListView.as_view()),
    path("projects/<uuid:project_id>/", projects.ProjectView.as_view()),
    path("projects/<uuid:project_id>/attributes/", projects.AttributesView.as_view()),
    path("patient-keys/", projects.PatientKeyListView.as_view()),
    path("studies/", studies.StudyListView.as_view()),
    path("volumes/<uuid:volume_id>/", volumes.VolumeView.as_view()),
    path("volumes/<uuid:volume_id>/voxels/", volumes.VoxelsView.as_view()),
    path("volumes/<uuid:volume_id>/mip/", volumes.MipView.as_view()),
    path("volumes/<uuid:volume_id>/suv-revisions/", volumes.SuvRevisionListView.as_view()),
    path("volumes/<uuid:volume_id>/suv-revisions/preview/", volumes.SuvPreviewView.as_view()),
    path("imports/", imports.ImportListView.as_view()),
    path("imports/<uuid:run_id>/", imports.ImportView.as_view()),
    path("imports/<uuid:run_id>/files/", imports.ImportFilesView.as_view()),
    path("imports/<uuid:run_id>/start/", imports.StartImportView.as_view()),
    path("imports/<uuid:run_id>/cancel/", imports.CancelImportView.as_view()),
]
