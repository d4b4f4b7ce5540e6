"""A reader study as a folder of files: the same data gives the same bytes, whenever it is exported."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from annotations.exports.comparing import CONNECTIVITY
from annotations.exports.dataset import write_dataset
from annotations.exports.formats.code_book import HEADER, code_book_rows, table_schema
from annotations.exports.formats.labels import r_script, sas_script, stata_script
from annotations.exports.formats.writers import TableWriter, open_writer
from annotations.exports.formats.xlsx import MOST_ROWS, Sheet, TablesWorkbook
from annotations.exports.forms.forms import write_forms
from annotations.exports.study_data import StudyData, study_data
from annotations.exports.table import write_csv
from annotations.exports.tables import columns_left_out, tables_of
from annotations.exports.tables.column import Table
from annotations.exports.version_package import write_versions
from annotations.exports.wish import Part, Wish, checked_wish
from annotations.imaging.components import MINIMUM_LESION_ML
from annotations.reads.clock import CLOCK_VERSION
from annotations.reads.models import ReaderStudy
from annotations.segmentations.measures import MEASURES_VERSION
from annotations.store.services import small_caches
from annotations.version import VERSION

MANIFEST = "manifest.json"
ROWS_A_TICK = 5_000
Progress = Callable[[str, int, int], None]
"""Told (stage, done, total); may raise to stop the export."""


@dataclass
class _Work:
    """What was written so far, in order."""

    folder: Path
    progress: Progress
    names: list[str] = field(default_factory=list)
    left_out: dict[str, str] = field(default_factory=dict)

    def path(self, name: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        self.names.append(name)
        return path

    def put(self, name: str, content: bytes) -> None:
        self.path(name).write_bytes(content)


def build_package(
    study: ReaderStudy, folder: Path, wish: Wish, progress: Progress = lambda stage, done, total: None
) -> list[str]:
    """Write the files into an empty folder; their names, the manifest with the sha256 of the others last."""
    data = study_data(study)
    wish = checked_wish(data, wish.parts, wish.formats)
    work = _Work(folder, progress)
    writers: dict[Part, Callable[[], None]] = {
        "tables": lambda: _write_tables(data, wish, work),
        "forms": lambda: write_forms(data, work.put, progress),
        "versions": lambda: write_versions(data, work.put, progress),
        "dataset": lambda: write_dataset(data, work.put, progress),
    }
    with small_caches():
        for part in wish.parts:
            writers[part]()
    progress("writing the manifest", 0, 1)
    work.put(MANIFEST, _json(_manifest(data, wish, work)))
    return work.names


def _write_tables(data: StudyData, wish: Wish, work: _Work) -> None:
    tables = tables_of(data, work.progress)
    workbook = TablesWorkbook() if "xlsx" in wish.formats else None
    for table in tables:
        _write_table(table, wish, workbook, work)
        work.put(f"schemas/{table.name}.schema.json", _json(table_schema(table, plan_json(data))))
    if workbook:
        work.progress("writing the workbook", 0, 1)
        workbook.add_rows("code_book", HEADER, code_book_rows(tables))
        workbook.save(work.path("tables.xlsx"))
    with work.path("code_book.csv").open("w", encoding="utf-8", newline="") as file:
        write_csv(file, HEADER, code_book_rows(tables))
    if "csv" in wish.formats:
        for name, script in (("labels.R", r_script), ("labels.sas", sas_script), ("labels.do", stata_script)):
            work.put(name, script(tables).encode())


def _write_table(table: Table, wish: Wish, workbook: TablesWorkbook | None, work: _Work) -> None:
    """All formats in one pass over the rows."""
    writers: list[TableWriter] = [
        open_writer(form, work.path(f"tables/{table.name}.{form}"), table)
        for form in wish.formats
        if form != "xlsx"
    ]
    sheet = Sheet(workbook, table) if workbook else None
    if sheet:
        writers.append(sheet)
    try:
        for number, values in enumerate(table.values()):
            if number % ROWS_A_TICK == 0:
                work.progress(f"writing {table.name}", number, 0)
            for writer in writers:
                writer.write(values)
    finally:
        for writer in writers:
            writer.close()
    if sheet and sheet.is_too_long:
        work.left_out[f"tables.xlsx: {table.name}"] = f"more than {MOST_ROWS} rows"


def plan_json(data: StudyData) -> dict[str, Any]:
    plan = data.plan
    return {
        "number": plan.number,
        "digest": plan.digest or None,
        "locked_at": plan.locked_at.isoformat() if plan.locked_at else None,
    }


def _manifest(data: StudyData, wish: Wish, work: _Work) -> dict[str, Any]:
    study = data.study
    signature = {name: data.plan.signature.get(name) for name in ("meaning", "at", "zone")}
    return {
        "product": "PETReview",
        "product_version": VERSION,
        "intended_use": "Research use only",
        "is_synthetic": study.is_synthetic,
        "reader_study": {"id": str(study.pk), "name": study.name},
        "data_locked_at": study.data_locked_at.isoformat() if study.data_locked_at else None,
        "plan": plan_json(data) | {"signature": signature},
        "wish": wish.to_json(),
        "mask": {
            "is_masked": data.masked,
            "name": "arms and results of single reads, until the data lock" if data.masked else None,
            "left_out": columns_left_out(data),
        },
        "left_out": work.left_out,
        "persons": "pseudonyms only: readers R01, R02 ...; others P01, P02 ...",
        "text": "In CSV and XLSX text that a spreadsheet would run as a formula has an apostrophe in front.",
        "code_versions": {"clock": CLOCK_VERSION, "measures": MEASURES_VERSION},
        "comparison": {"connectivity": CONNECTIVITY, "minimum_ml": MINIMUM_LESION_ML},
        "files": {name: _file_json(work.folder / name) for name in work.names},
    }


def _file_json(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return {"sha256": digest, "bytes": path.stat().st_size}


def _json(content: dict[str, Any]) -> bytes:
    return (json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode()
