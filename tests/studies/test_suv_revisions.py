import pytest

from annotations.accounts.models import Role
from annotations.errors import InvalidInput
from annotations.models import AuditRecord, Volume
from annotations.studies.selectors import current_suv_revision
from annotations.studies.services import correct_suv
from tests.builders import make_user
from tests.studies.importing import FACTOR, import_files, write_pet

pytestmark = pytest.mark.django_db


@pytest.fixture
def volume(tmp_path):
    import_files(write_pet(tmp_path))
    return Volume.objects.get()


@pytest.fixture
def manager():
    return make_user("manager", Role.DATA_MANAGER)


def test_a_corrected_weight_is_a_new_revision_and_the_first_one_stays(volume, manager):
    revision = correct_suv(
        volume=volume, corrections={"weight_kg": 37.0}, reason="weighed again", corrected_by=manager
    )
    assert revision.number == 2
    assert revision.factor == pytest.approx(FACTOR / 2, rel=1e-12)
    first = volume.suv_revisions.get(number=1)
    assert first.factor == pytest.approx(FACTOR, rel=1e-12)
    assert current_suv_revision(volume) == revision
    record = AuditRecord.objects.get(action="suv_corrected")
    assert (record.actor, record.reason) == (manager, "weighed again")


def test_a_correction_without_a_reason_is_refused(volume, manager):
    with pytest.raises(InvalidInput):
        correct_suv(volume=volume, corrections={"weight_kg": 37.0}, reason=" ", corrected_by=manager)


def test_a_tag_that_cannot_be_corrected_is_refused(volume, manager):
    with pytest.raises(InvalidInput):
        correct_suv(volume=volume, corrections={"units": "GML"}, reason="no", corrected_by=manager)
    assert volume.suv_revisions.count() == 1
