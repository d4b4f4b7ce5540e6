import io

import pytest
from django.core.management import CommandError, call_command

from annotations.errors import InvalidInput
from annotations.models import AuditRecord, PatientAttribute, Project
from annotations.studies.services import ensure_patient, ensure_project, import_attributes

pytestmark = pytest.mark.django_db


@pytest.fixture
def project():
    project = ensure_project(name="Clinic")
    ensure_patient(project=project, source_patient_id="A-17")
    ensure_patient(project=project, source_patient_id="B-18")
    return project


def stored(project: Project) -> dict[tuple[str, str], str]:
    rows = PatientAttribute.objects.filter(patient__project=project)
    return {
        (pseudonym, name): value
        for pseudonym, name, value in rows.values_list("patient__pseudonym", "name", "value")
    }


def test_columns_become_attributes_of_the_patient(project):
    table = "pseudonym,Age,WHO grade,Ki67 %\nPT-0001,61,G2,4\nPT-0002,55,,\n"
    result = import_attributes(project=project, content=table.encode())
    assert result.updated == 2
    assert result.refusals == []
    assert stored(project) == {
        ("PT-0001", "age"): "61",
        ("PT-0001", "who_grade"): "G2",
        ("PT-0001", "ki67_percent"): "4",
        ("PT-0002", "age"): "55",
    }


def test_rows_may_be_named_by_patient_id_and_separated_by_semicolons(project):
    table = "\ufeffPatientID;primary site\nB-18;Pankreas, Kopf\n"
    import_attributes(project=project, content=table.encode())
    assert stored(project) == {("PT-0002", "primary_site"): "Pankreas, Kopf"}


def test_the_same_table_again_changes_nothing(project):
    table = b"pseudonym,age\nPT-0001,61\n"
    import_attributes(project=project, content=table)
    assert import_attributes(project=project, content=table).updated == 0
    assert AuditRecord.objects.filter(action="attributes_changed").count() == 1


def test_a_changed_value_is_audited_with_the_old_one(project):
    import_attributes(project=project, content=b"pseudonym,age\nPT-0001,61\n")
    import_attributes(project=project, content=b"pseudonym,age\nPT-0001,62\n")
    last = AuditRecord.objects.filter(action="attributes_changed").latest("pk")
    assert (last.old, last.new) == ({"age": "61"}, {"age": "62"})


def test_rows_that_cannot_be_used_are_refused_and_the_rest_goes_on(project):
    table = "pseudonym,age\nPT-0099,1\nPT-0001,2,3\nPT-0002,70\nPT-0002,71\nPT-0001," + "9" * 201 + "\n"
    result = import_attributes(project=project, content=table.encode())
    assert [(one.file, one.code) for one in result.refusals] == [
        ("row 2", "unknown_patient"),
        ("row 3", "wrong_cell_count"),
        ("row 5", "patient_twice"),
        ("row 6", "value_too_long"),
    ]
    assert stored(project) == {("PT-0002", "age"): "70"}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"name,age\nx,1\n",
        b"pseudonym\nPT-0001\n",
        b"pseudonym,age,Age\nPT-0001,1,2\n",
        b"\0\1,age\n",
        b'pseudonym,age\n"PT-0001,1\n',
        b"pseudonym,!!\nPT-0001,1\n",
    ],
)
def test_a_table_that_cannot_be_read_is_refused_whole(project, content):
    with pytest.raises(InvalidInput):
        import_attributes(project=project, content=content)
    assert stored(project) == {}


def test_patients_of_another_project_are_not_touched(project):
    other = ensure_project(name="Elsewhere")
    result = import_attributes(project=other, content=b"PatientID,age\nA-17,61\n")
    assert [one.code for one in result.refusals] == ["unknown_patient"]


def test_the_command_imports_a_file(project, tmp_path):
    (tmp_path / "table.csv").write_text("pseudonym,sex\nPT-0001,F\n")
    out = io.StringIO()
    call_command("import_attributes", str(tmp_path / "table.csv"), "--project", "Clinic", stdout=out)
    assert "1 patients" in out.getvalue()
    with pytest.raises(CommandError, match="no project"):
        call_command("import_attributes", str(tmp_path / "table.csv"), "--project", "Nowhere")
