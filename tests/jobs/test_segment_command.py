"""`manage.py segment` and `register_release`, as a person at the machine uses them."""

import json
import threading
import time
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from annotations.models import Study, Version
from inference.jobs.services import cancel_job
from inference.models import Job, ModelRelease
from petreview.management.commands import segment
from tests.jobs.scenes import TRACER, make_study, write_release

pytestmark = pytest.mark.django_db


@pytest.fixture
def study(tmp_path: Path) -> Study:
    folder = write_release(
        tmp_path / "r", method="threshold", suv_above=4.0, minimum_ml=0.1, tracers=[TRACER]
    )
    call_command("register_release", "T4", str(folder), stdout=StringIO())
    return make_study()


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("segment", *arguments, stdout=out)
    return out.getvalue()


def test_it_prints_the_version_with_its_lesions_as_json(study: Study, capsys):
    report = json.loads(run(str(study.pk), "--release", "T4", "--here", "--json"))
    version = Version.objects.get()
    assert (report["version"], report["version_digest"]) == (str(version.pk), version.version_digest)
    assert [lesion["volume_ml"] for lesion in report["lesions"]] == pytest.approx([3.84, 2.56])
    assert report["summary"]["ttv_ml"] == pytest.approx(6.4)
    assert report["device"] == "cpu"
    assert "job " in capsys.readouterr().err


@pytest.mark.parametrize("name", ["id", "uid", "pseudonym"])
def test_a_study_is_named_by_id_uid_or_pseudonym(study: Study, name: str):
    names = {"id": study.pk, "uid": study.study_instance_uid, "pseudonym": study.patient.pseudonym}
    table = run(str(names[name]), "--release", "T4", "--here")
    assert "Research use only. Synthetic." in table
    assert "2 lesions" in table


def test_a_pseudonym_of_several_studies_is_refused(study: Study):
    Study.objects.create(project=study.project, patient=study.patient, study_instance_uid="2.25.99999")
    with pytest.raises(CommandError, match="several studies"):
        run(study.patient.pseudonym, "--release", "T4", "--here")


def test_what_is_unknown_is_said(study: Study):
    with pytest.raises(CommandError, match="no study"):
        run("nobody", "--release", "T4")
    with pytest.raises(CommandError, match="release_not_found"):
        run(str(study.pk), "--release", "T5")


def test_a_failed_job_is_said_with_its_error(study: Study):
    Path(ModelRelease.objects.get().folder, "more.bin").write_bytes(b"changed")
    with pytest.raises(CommandError, match="release_changed"):
        run(str(study.pk), "--release", "T4", "--here")


@pytest.mark.django_db(transaction=True)
def test_without_a_worker_it_says_so_and_offers_to_run_here(study: Study, monkeypatch, capsys):
    monkeypatch.setattr(segment, "PATIENCE_SECONDS", 0.2)

    def cancel_later() -> None:
        time.sleep(1.5)
        cancel_job(job=Job.objects.get(), cancelled_by=None)

    thread = threading.Thread(target=cancel_later)
    thread.start()
    with pytest.raises(CommandError, match="job cancelled"):
        run(str(study.pk), "--release", "T4")
    thread.join()
    assert "use --here" in capsys.readouterr().err
