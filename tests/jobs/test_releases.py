"""A release is a folder as it was when an administrator registered it."""

import json
from pathlib import Path

import pytest

from annotations.accounts.models import Role
from annotations.errors import NotAllowed
from annotations.models import AuditRecord
from inference.jobs.runner import run_job
from inference.models import Job, ModelRelease
from inference.releases.errors import ReleaseKnown, ReleaseNameTaken
from inference.releases.services import register_release
from inference.segmenters.errors import ReleaseFolderInvalid
from tests.builders import make_user
from tests.jobs.scenes import TRACER, make_job, write_release

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_release(tmp_path / "release", method="threshold", suv_above=4.0, tracers=[TRACER])


def test_registering_twice_is_once(folder: Path):
    administrator = make_user("administrator", Role.ADMINISTRATOR)
    first = register_release(name="T4", folder=folder, registered_by=administrator)
    again = register_release(name="T4", folder=folder, registered_by=administrator)
    assert (again.pk, ModelRelease.objects.count()) == (first.pk, 1)
    audit = AuditRecord.objects.get(action="release_registered")
    assert (audit.actor, audit.new["fingerprint"]) == (administrator, first.fingerprint)


def test_a_coordinator_may_not_register(folder: Path):
    with pytest.raises(NotAllowed):
        register_release(name="T4", folder=folder, registered_by=make_user("coordinator", Role.COORDINATOR))


def test_a_name_is_given_once_and_so_are_weights(folder: Path, tmp_path: Path):
    register_release(name="T4", folder=folder, registered_by=None)
    other = write_release(tmp_path / "other", method="threshold", suv_above=3.0, tracers=[TRACER])
    with pytest.raises(ReleaseNameTaken):
        register_release(name="T4", folder=other, registered_by=None)
    with pytest.raises(ReleaseKnown):
        register_release(name="T4 again", folder=folder, registered_by=None)


@pytest.mark.parametrize(
    "options",
    [
        {"method": "unknown", "tracers": [TRACER]},
        {"method": "threshold", "suv_above": 4.0},
        {"method": "threshold", "tracers": [TRACER]},
        {"method": "threshold", "suv_above": 4.0, "tracers": [TRACER], "training_patients": "PT-1"},
    ],
)
def test_a_folder_that_is_no_release_is_refused(tmp_path: Path, options: dict[str, object]):
    with pytest.raises(ReleaseFolderInvalid):
        register_release(name="R", folder=write_release(tmp_path, **options), registered_by=None)


def test_a_folder_without_release_json_is_refused(tmp_path: Path):
    with pytest.raises(ReleaseFolderInvalid):
        register_release(name="R", folder=tmp_path, registered_by=None)


def test_a_folder_that_changed_is_not_loaded(folder: Path):
    release = register_release(name="T4", folder=folder, registered_by=None)
    job = make_job(release=release)
    (folder / "release.json").write_text(json.dumps(release.options | {"suv_above": 2.0}))
    assert run_job(job.pk)
    job = Job.objects.get(pk=job.pk)
    assert (job.state, job.error_code, job.attempts) == ("failed", "release_changed", 1)
