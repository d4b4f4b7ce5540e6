"""Endpoints of this room."""

from django.urls import path

from annotations.exports.api.analysis import AnalysisView
from annotations.exports.api.exports import (
    CancelExportView,
    ExportFileView,
    ExportListView,
    ExportView,
    ScoresView,
)
from annotations.exports.api.versions import VersionExportView

urlpatterns = [
    path("versions/<uuid:version_id>/export/", VersionExportView.as_view()),
    path("reader-studies/<uuid:reader_study_id>/scores.csv", ScoresView.as_view()),
    path("reader-studies/<uuid:reader_study_id>/exports/", ExportListView.as_view()),
    path("reader-studies/<uuid:reader_study_id>/analysis/", AnalysisView.as_view()),
    path("exports/<uuid:export_id>/", ExportView.as_view()),
    path("exports/<uuid:export_id>/cancel/", CancelExportView.as_view()),
    path("exports/<uuid:export_id>/file/", ExportFileView.as_view()),
]
