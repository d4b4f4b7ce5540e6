"""Clinical attributes of patients from a CSV table: one row a patient, one column an attribute."""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import StringIO

from django.db import transaction

from annotations.accounts.models import User
from annotations.audit.services import record as audit
from annotations.dicom.refusals import Refusal
from annotations.errors import InvalidInput
from annotations.studies.models import Patient, PatientAttribute, PatientKey, Project

PSEUDONYM = {"pseudonym", "case", "subject"}
PATIENT_ID = {"patientid", "patient_id", "patient id", "id"}
MAX_BYTES = 16 * 2**20
MAX_VALUE = 200
NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")


@dataclass
class AttributesResult:
    """updated: patients whose attributes changed. refusals: rows left out, `file` names the row."""

    updated: int = 0
    refusals: list[Refusal] = field(default_factory=list)


def import_attributes(
    *, project: Project, content: bytes, imported_by: User | None = None
) -> AttributesResult:
    """Columns: pseudonym or PatientID first, then attributes (age, sex, primary_site, who_grade ...).

    UTF-8 (or Windows-1252), separated by comma, semicolon or tab. An empty cell changes nothing. A row
    of an unknown patient is refused by name and the rest goes on. Raises InvalidInput for a table that
    cannot be read at all.
    """
    by_key, columns, rows = _read_table(content)
    result = AttributesResult()
    patients = _patients(project, by_key)
    seen: set[str] = set()
    with transaction.atomic():
        for number, cells in rows:
            refusal = _check_row(number, cells, columns, patients, seen)
            if refusal is not None:
                result.refusals.append(refusal)
                continue
            seen.add(cells[0])
            values = {name: cell for name, cell in zip(columns, cells[1:], strict=True) if cell}
            result.updated += _update(patients[cells[0]], values, imported_by)
    return result


def _read_table(content: bytes) -> tuple[bool, list[str], list[tuple[int, list[str]]]]:
    """(whether rows are named by PatientID, attribute names, [(line, cells)])."""
    text = _decode(content)
    first_line = text.split("\n", 1)[0]
    separator = max(",;\t", key=first_line.count)
    try:
        table = list(_rows(text, separator))
    except csv.Error as error:
        raise InvalidInput(f"The table cannot be read: {error}.") from error
    if not table:
        raise InvalidInput("The table is empty.")
    (_, header), *rows = table
    key = header[0].lower()
    if key not in PSEUDONYM | PATIENT_ID:
        raise InvalidInput("The first column must be 'pseudonym' or 'PatientID'.", got=header[0][:60])
    columns = [attribute_name(title) for title in header[1:]]
    if not columns or len(set(columns)) != len(columns):
        raise InvalidInput("The table needs attribute columns, each with a name of its own.", got=columns)
    return key in PATIENT_ID, columns, rows


def _rows(text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(StringIO(text, newline=""), delimiter=separator, strict=True)
    for cells in reader:
        stripped = [cell.strip() for cell in cells]
        if any(stripped):
            yield reader.line_num, stripped


def attribute_name(title: str) -> str:
    """ "WHO grade" -> "who_grade". Raises InvalidInput for a title that gives no name."""
    name = re.sub(r"[^a-z0-9]+", "_", title.lower().replace("%", " percent ")).strip("_")
    if not NAME.fullmatch(name):
        raise InvalidInput("A column has no usable name.", got=title[:60])
    return name


def _decode(content: bytes) -> str:
    if len(content) > MAX_BYTES:
        raise InvalidInput(f"The table is larger than {MAX_BYTES // 2**20} MB.")
    if b"\0" in content:
        raise InvalidInput("This is not a CSV table.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _patients(project: Project, by_key: bool) -> dict[str, Patient]:
    if not by_key:
        return {patient.pseudonym: patient for patient in project.patients.all()}
    keys = PatientKey.objects.filter(project=project).select_related("patient")
    return {key.source_patient_id: key.patient for key in keys}


def _check_row(
    number: int, cells: list[str], columns: list[str], patients: dict[str, Patient], seen: set[str]
) -> Refusal | None:
    where = f"row {number}"
    if len(cells) != len(columns) + 1:
        return Refusal(where, "wrong_cell_count", f"{len(cells)} cells; the table has {len(columns) + 1}.")
    if cells[0] not in patients:
        return Refusal(where, "unknown_patient", "There is no such patient in this project.")
    if cells[0] in seen:
        return Refusal(where, "patient_twice", "An earlier row is of the same patient.")
    if any(len(cell) > MAX_VALUE for cell in cells):
        return Refusal(where, "value_too_long", f"A value is longer than {MAX_VALUE} characters.")
    return None


def _update(patient: Patient, values: dict[str, str], imported_by: User | None) -> int:
    old = dict(patient.attributes.values_list("name", "value"))
    changed = {name: value for name, value in values.items() if old.get(name) != value}
    for name, value in changed.items():
        PatientAttribute.objects.update_or_create(patient=patient, name=name, defaults={"value": value})
    if changed:
        audit(
            actor=imported_by,
            action="attributes_changed",
            object_type="patient",
            object_id=patient.pk,
            old={name: old.get(name) for name in changed},
            new=changed,
        )
    return int(bool(changed))
