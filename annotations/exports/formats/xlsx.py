"""One workbook with a sheet a table and the code book. Text is stored as text, never as a formula."""

import re
import zipfile
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from annotations.exports.archive import EPOCH
from annotations.exports.table import cell
from annotations.exports.tables.column import Table

MOST_ROWS = 50_000
"""A longer table (raw events) is left to the other formats: no one reads it in a spreadsheet."""
MOST_CHARACTERS = 32_767
CUT = " [cut: see the CSV]"
_WRITTEN = datetime(*EPOCH)
_MODIFIED = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*")


class Sheet:
    """A table of the workbook; what is too long for it becomes one line that says so."""

    def __init__(self, workbook: "TablesWorkbook", table: Table) -> None:
        self._sheet = workbook.add_sheet(table.name, table.header)
        self._rows: list[Sequence[Any]] | None = []
        self._table = table
        self.is_too_long = False

    def write(self, values: Sequence[Any]) -> None:
        if self._rows is None:
            return
        self._rows.append(values)
        if len(self._rows) > MOST_ROWS:
            self._rows, self.is_too_long = None, True

    def close(self) -> None:
        if self._rows is None:
            text = f"More than {MOST_ROWS} rows: see {self._table.name} in the other formats."
            self._sheet.append([_cell(self._sheet, text)])
            return
        for row in self._rows:
            self._sheet.append([_cell(self._sheet, value) for value in row])
        self._rows = []


class TablesWorkbook:
    def __init__(self) -> None:
        self._workbook = Workbook(write_only=True)
        self._workbook.properties.creator = "PETReview"
        self._workbook.properties.created = _WRITTEN

    def add_sheet(self, name: str, header: Sequence[str]) -> WriteOnlyWorksheet:
        sheet: WriteOnlyWorksheet = self._workbook.create_sheet(name[:31])
        sheet.freeze_panes = "A2"
        sheet.append([_cell(sheet, one) for one in header])
        return sheet

    def add_rows(self, name: str, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        sheet = self.add_sheet(name, header)
        for row in rows:
            sheet.append([_cell(sheet, value) for value in row])

    def save(self, path: Path) -> None:
        """The same content gives the same bytes: openpyxl's times of saving are taken out."""
        raw = path.with_name(f".{path.name}.raw")
        try:
            self._workbook.save(raw)
            with zipfile.ZipFile(raw) as source, zipfile.ZipFile(path, "w") as target:
                for info in source.infolist():
                    _copy(source, info, target)
        finally:
            raw.unlink(missing_ok=True)


def _cell(sheet: WriteOnlyWorksheet, value: Any) -> Any:
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        number = WriteOnlyCell(sheet, value=repr(value))
        number.data_type = "n"  # a float would be written with 16 digits, one too few
        return number
    text = ILLEGAL_CHARACTERS_RE.sub("\N{REPLACEMENT CHARACTER}", cell(value))
    if len(text) > MOST_CHARACTERS:
        text = text[: MOST_CHARACTERS - len(CUT)] + CUT
    made = WriteOnlyCell(sheet, value=text)
    made.data_type = "s"  # text that begins with "=" would be taken for a formula
    return made


def _copy(source: zipfile.ZipFile, info: zipfile.ZipInfo, target: zipfile.ZipFile) -> None:
    fixed = zipfile.ZipInfo(info.filename, EPOCH)
    fixed.compress_type = zipfile.ZIP_DEFLATED
    fixed.external_attr = 0o644 << 16
    if info.filename == "docProps/core.xml":
        stamp = _WRITTEN.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
        target.writestr(fixed, _MODIFIED.sub(rb"\g<1>" + stamp, source.read(info)))
        return
    with source.open(info) as content, target.open(fixed, "w") as out:
        while chunk := content.read(2**20):
            out.write(chunk)
