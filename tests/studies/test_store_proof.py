import io

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from annotations.models import Instance, SuvRevision, Volume
from annotations.store.services import blob_path
from petreview.store_proof import files_without_row, prove_store
from tests.registry import triggers
from tests.studies.importing import import_files, write_pet

pytestmark = pytest.mark.django_db


@pytest.fixture
def imported(settings, tmp_path):
    settings.HOME = tmp_path / "home"
    import_files(write_pet(tmp_path / "files"))


def test_a_fresh_import_is_sound(imported):
    assert list(prove_store()) == []
    assert list(files_without_row()) == []


def test_a_changed_file_is_found(imported):
    path = blob_path(Instance.objects.first().blob_id)
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    (fault,) = prove_store()
    assert (fault.kind, fault.object_id, fault.code) == ("blob", path.name, "store_damaged")


def test_a_missing_file_is_found(imported):
    blob_path(Volume.objects.get().voxels_id).unlink()
    (fault,) = prove_store()
    assert fault.code == "not_found"


def test_rows_changed_behind_the_triggers_are_found(imported):
    triggers.run(connection, triggers.drop_statements(connection.vendor))
    SuvRevision.objects.update(factor=1.0)
    volume = Volume.objects.get()
    volume.grid["origin_xyz_mm"][0] += 1
    volume.save()
    assert {fault.code for fault in prove_store()} == {"suv_changed", "volume_changed", "grid_changed"}


def test_a_file_of_nothing_is_named_but_is_no_fault(imported):
    path = blob_path("ab" * 32)
    path.parent.mkdir(parents=True)
    path.write_bytes(b"left by a crash")
    assert list(files_without_row()) == [path]
    out = io.StringIO()
    call_command("verify_store", stdout=out)
    assert "1 files belong to nothing" in out.getvalue()
    assert "The store is sound." in out.getvalue()


def test_the_command_ends_with_an_error_when_something_is_wrong(imported):
    blob_path(Volume.objects.get().voxels_id).unlink()
    with pytest.raises(CommandError, match="1 faults"):
        call_command("verify_store", stdout=io.StringIO())
