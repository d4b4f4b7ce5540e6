"""Endpoints of this room."""

from django.urls import path

from annotations.reads.api import comparisons, disagreement, proposals, reader_studies, reading

urlpatterns = [
    path("worklist/", reading.WorklistView.as_view()),
    path("assignments/<uuid:assignment_id>/open/", reading.OpenView.as_view()),
    path("reads/<uuid:read_id>/", reading.ReadView.as_view()),
    path("reads/<uuid:read_id>/versions/", reading.EditsView.as_view()),
    path("reads/<uuid:read_id>/proposals/", proposals.ProposalsView.as_view()),
    path("reads/<uuid:read_id>/organ-rois/", proposals.OrganRoiView.as_view()),
    path("reads/<uuid:read_id>/comparisons/", comparisons.ComparisonsView.as_view()),
    path("reads/<uuid:read_id>/disagreement/", disagreement.DisagreementView.as_view()),
    path("reads/<uuid:read_id>/disagreement/lesions/", disagreement.LesionDisagreementView.as_view()),
    path("reads/<uuid:read_id>/events/", reading.EventsView.as_view()),
    path("reads/<uuid:read_id>/final/", reading.FinalView.as_view()),
    path("reads/<uuid:read_id>/resume/", reading.ResumeView.as_view()),
    path("reads/<uuid:read_id>/score/", reading.ScoreView.as_view()),
    path("reads/<uuid:read_id>/submit/", reading.SubmitView.as_view()),
    path("reader-studies/", reader_studies.ReaderStudyListView.as_view()),
    path("reader-studies/<uuid:reader_study_id>/", reader_studies.ReaderStudyView.as_view()),
    path("reader-studies/<uuid:reader_study_id>/lock/", reader_studies.LockView.as_view()),
]
