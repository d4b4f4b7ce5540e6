import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pydicom import dcmread

from annotations.accounts.models import Role
from annotations.dicom.transform import Identity
from annotations.imaging.geometry import Grid
from annotations.models import (
    AuditRecord,
    Blob,
    ImportRun,
    Instance,
    Patient,
    PatientKey,
    Segmentation,
    Series,
    Study,
    SuvRevision,
    Volume,
)
from annotations.store.services import blob_path, read_blob
from annotations.studies.api.serializers import StudySummarySerializer
from annotations.studies.selectors import current_suv_revision, list_studies, read_volume
from annotations.studies.services import claim_import, create_import_run, ensure_project
from petreview.pipeline import run_import
from tests.builders import make_user
from tests.dicom import make
from tests.studies.importing import FACTOR, TINY, codes, import_files, mean_suv, pet_slices, write_pet

pytestmark = pytest.mark.django_db


def test_a_pet_becomes_patient_study_series_instances_volume_and_suv(tmp_path):
    run = import_files(write_pet(tmp_path))
    assert run.state == "done"
    (study,) = run.report["studies"]
    (series,) = study["series"]
    stored = make.random_stored(TINY)
    assert series["shape_zyx"] == [6, 8, 10]
    assert series["spacing_xyz_mm"] == [4.0, 3.0, 5.0]
    assert series["unit"] == "Bq/mL"
    assert series["suv_factor"] == pytest.approx(FACTOR, rel=1e-12)
    highest = (stored * (1 + 0.5 * np.arange(6))[:, None, None]).max() * FACTOR
    assert series["suv_max"] == pytest.approx(highest, rel=1e-6)
    volume = Volume.objects.get()
    assert np.array_equal(read_volume(volume).stored, stored)
    assert volume.slices.count() == Instance.objects.count() == 6
    values = read_volume(volume).values(current_suv_revision(volume).factor)
    assert float(values.mean()) == pytest.approx(mean_suv(stored), rel=1e-5)
    assert Patient.objects.get().pseudonym == "PT-0001"
    assert PatientKey.objects.get().source_patient_id == "SYNTHETIC-1"


def test_slices_are_in_order_of_position_whatever_their_files_are_called(tmp_path):
    slices = pet_slices()
    make.save([slices[i] for i in (3, 0, 5, 1, 4, 2)], tmp_path)
    import_files(tmp_path)
    volume = Volume.objects.get()
    uids = list(volume.slices.values_list("instance__sop_instance_uid", flat=True))
    assert uids == [str(one.SOPInstanceUID) for one in slices]
    assert np.array_equal(read_volume(volume).stored, make.random_stored(TINY))


def test_the_stored_file_is_the_file_that_came_in(tmp_path):
    write_pet(tmp_path)
    import_files(tmp_path)
    incoming = {path.read_bytes() for path in tmp_path.iterdir()}
    assert {read_blob(one.blob) for one in Instance.objects.select_related("blob")} == incoming


def test_the_same_study_twice_changes_nothing_and_reports_the_same(tmp_path):
    write_pet(tmp_path)
    first = import_files(tmp_path)
    counts = [model.objects.count() for model in (Blob, Study, Series, Instance, Volume, SuvRevision)]
    second = import_files(tmp_path)
    assert second.report == first.report
    assert [m.objects.count() for m in (Blob, Study, Series, Instance, Volume, SuvRevision)] == counts


def test_new_instances_of_a_known_series_make_a_new_volume_of_the_whole_series(tmp_path):
    slices = pet_slices()
    make.save(slices[:4], tmp_path / "first")
    make.save(slices[4:], tmp_path / "later")
    import_files(tmp_path / "first")
    old = Volume.objects.get()
    run = import_files(tmp_path / "later")
    assert run.report["studies"][0]["series"][0]["shape_zyx"] == [6, 8, 10]
    new = Volume.objects.exclude(pk=old.pk).get()
    assert new.series == old.series
    assert np.array_equal(read_volume(new).stored, make.random_stored(TINY))
    assert old.slices.count() == 4
    assert Instance.objects.count() == 6


def test_part_of_a_known_series_again_is_the_known_volume(tmp_path):
    slices = pet_slices()
    import_files(make.save(slices, tmp_path / "all"))
    run = import_files(make.save(slices[2:4], tmp_path / "part"))
    assert Volume.objects.count() == 1
    assert run.report["studies"][0]["series"][0]["shape_zyx"] == [6, 8, 10]


def test_a_known_uid_with_other_bytes_is_a_conflict_and_the_stored_one_stays(tmp_path):
    import_files(write_pet(tmp_path / "first"))
    before = Volume.objects.get().digest
    changed = pet_slices()
    changed[2].PatientWeight = "99"
    make.save(changed, tmp_path / "again")
    run = import_files(tmp_path / "again")
    assert run.report["refusals"] == [
        {
            "file": "s002.dcm",
            "code": "instance_conflict",
            "message": "This SOP Instance UID is stored already, with other content.",
        }
    ]
    assert Volume.objects.get().digest == before


def test_broken_files_are_refused_by_name_and_the_rest_is_imported(tmp_path):
    folder = write_pet(tmp_path)
    whole = (folder / "s000.dcm").read_bytes()
    (folder / "a_text.txt").write_text("not DICOM")
    (folder / "b_empty.dcm").write_bytes(b"")
    (folder / "c_cut.dcm").write_bytes(whole[:-50])
    (folder / "d_noise.dcm").write_bytes(b"\0" * 128 + b"DICM" + bytes(range(256)) * 8)
    run = import_files(folder)
    assert run.state == "done"
    refused = {refusal["file"]: refusal["code"] for refusal in run.report["refusals"]}
    assert refused["a_text.txt"] == refused["b_empty.dcm"] == "not_dicom"
    assert refused["c_cut.dcm"] == "truncated"
    assert "d_noise.dcm" in refused
    assert Volume.objects.count() == 1


def test_a_series_with_a_missing_slice_is_refused_and_nothing_of_it_is_stored(tmp_path):
    slices = pet_slices()
    make.save(slices[:2] + slices[3:], tmp_path)
    run = import_files(tmp_path)
    assert codes(run) == ["missing_slice"]
    assert run.report["studies"] == []
    assert not Instance.objects.exists()
    assert not Patient.objects.exists()


def test_a_study_without_patient_id_is_refused(tmp_path):
    run = import_files(write_pet(tmp_path, PatientID=""))
    assert codes(run) == ["missing_tag"]
    assert not Patient.objects.exists()


def test_one_study_of_two_patients_is_refused(tmp_path):
    import_files(write_pet(tmp_path / "a"))
    run = import_files(write_pet(tmp_path / "b", series="other", PatientID="SOMEBODY-ELSE"))
    assert codes(run) == ["patient_mismatch"]
    assert Patient.objects.count() == 1


def test_patients_are_numbered_in_their_project(tmp_path):
    for number in (1, 2):
        study = f"2.25.{number}"
        import_files(
            write_pet(tmp_path / study, series=study, StudyInstanceUID=study, PatientID=f"ID {number}")
        )
    other = ensure_project(name="Other")
    import_files(write_pet(tmp_path / "2.25.1"), project=other)
    assert sorted(Patient.objects.values_list("project__name", "pseudonym")) == [
        ("Other", "PT-0001"),
        ("Tests", "PT-0001"),
        ("Tests", "PT-0002"),
    ]


def test_a_pet_without_weight_is_shown_in_its_own_unit(tmp_path):
    run = import_files(write_pet(tmp_path, PatientWeight=None))
    (series,) = run.report["studies"][0]["series"]
    assert series["suv_factor"] is None
    assert series["suv_max"] is None
    revision = SuvRevision.objects.get()
    assert revision.factor is None
    assert revision.record["refusal_code"] == "suv_missing_weight"


@pytest.mark.parametrize("slope", ["1e300", "3e38", "1e34"])
def test_values_that_no_float32_holds_are_refused_and_the_rest_goes_on(tmp_path, slope):
    write_pet(tmp_path / "a", series="a", RescaleSlope=slope)
    write_pet(tmp_path / "b", series="b")
    run = import_files(tmp_path)
    assert (run.state, codes(run)) == ("done", ["bad_tag"])
    assert Volume.objects.count() == 1


def test_an_oblique_grid_is_kept_as_it_is(tmp_path):
    grid = make.rotated()
    import_files(write_pet(tmp_path, grid))
    stored = Grid.from_json(Volume.objects.get().grid)
    assert stored.matches(grid, tolerance_mm=1e-3)


class Renamed(Identity):
    name = "renamed"

    def __call__(self, dataset):
        dataset.PatientName = "ANONYMOUS"
        return dataset


def test_what_is_stored_is_the_file_after_the_transform(tmp_path):
    import_files(write_pet(tmp_path), transform=Renamed())
    assert PatientKey.objects.get().source_patient_name == "ANONYMOUS"
    for one in Instance.objects.select_related("blob"):
        dataset = dcmread(blob_path(one.blob.digest))
        assert dataset.PatientName == "ANONYMOUS"
        assert dataset.pixel_array.shape == (8, 10)
    assert Series.objects.get().attributes["transform"] == "renamed"


def test_a_transformed_study_twice_changes_nothing(tmp_path):
    write_pet(tmp_path)
    first = import_files(tmp_path, transform=Renamed())
    second = import_files(tmp_path, transform=Renamed())
    assert first.report == second.report
    assert Volume.objects.count() == 1


def test_an_import_is_audited(tmp_path):
    import_files(write_pet(tmp_path))
    actions = list(AuditRecord.objects.order_by("pk").values_list("action", flat=True))
    assert actions == ["project_created", "import_started", "volume_imported", "import_finished"]


def test_a_full_disk_ends_the_import_with_one_clear_line(tmp_path, full_disk):
    run = import_files(write_pet(tmp_path))
    assert run.state == "failed"
    assert run.error_code == "storage_full"
    assert "full" in run.error_message
    assert not Volume.objects.exists()
    full_disk.free()
    assert import_files(tmp_path).state == "done"
    assert not Segmentation.objects.exists()
    assert ImportRun.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_a_full_disk_of_the_database_is_named_too(tmp_path):
    if connection.vendor != "sqlite":
        pytest.skip("SQLite alone can be told how large its file may become")
    write_pet(tmp_path, Grid((80, 8, 10), (4.0, 3.0, 5.0)))  # more rows than fit into half-empty pages
    progress = claim_import(run=create_import_run(project=ensure_project(name="Tests")))
    with connection.cursor() as cursor:
        cursor.execute("VACUUM")
        cursor.execute("PRAGMA page_count")
        (pages,) = cursor.fetchone()
        cursor.execute(f"PRAGMA max_page_count = {pages}")
        try:
            run = run_import([tmp_path], progress=progress)
        finally:
            cursor.execute("PRAGMA max_page_count = 1073741823")
    assert (run.state, run.error_code) == ("failed", "storage_full")
    assert import_files(tmp_path).state == "done"


def test_the_list_of_studies_takes_the_same_queries_for_one_and_for_many(tmp_path):
    staff = make_user("staff", Role.COORDINATOR)

    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            data = StudySummarySerializer(list_studies(staff), many=True).data
            assert len(data) == Study.objects.count()
        return len(found)

    import_files(write_pet(tmp_path / "first"))
    queries()  # the roles of the user are asked for once
    one = queries()
    for number in range(3):
        study = {"StudyInstanceUID": f"2.25.{number}", "PatientID": f"ID {number}"}
        import_files(write_pet(tmp_path / str(number), series=str(number), **study))
    assert queries() == one
