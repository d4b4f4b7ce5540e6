"""A report as a folder: page, tables, figures, methods. The same report twice gives the same bytes."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import vl_convert

from annotations.statistics.report.html import html_page
from annotations.statistics.report.tables import Figure, Report, Table, plain
from annotations.statistics.report.theme import themed

VEGA_LITE = "6.4"
PNG_SCALE = 3.0  # 288 dots per inch
PNG_PPI = 96.0


def write_report(report: Report, folder: Path) -> list[Path]:
    """Writes index.html, report.json, methods.txt, tables/ (CSV, JSON) and figures/ (SVG, PNG, Vega-Lite).

    The folder is made; files of the same name are replaced. Returns what was written, sorted.
    """
    svgs = {figure.key: svg_of(figure) for figure in report.figures}
    files: dict[str, bytes] = {
        "index.html": html_page(report, svgs).encode(),
        "report.json": _json(report.to_json()),
        "methods.txt": (report.methods + "\n\n" + "\n".join(report.references) + "\n").encode(),
    }
    for table in report.tables:
        files[f"tables/{table.key}.csv"] = csv_of(table)
        files[f"tables/{table.key}.json"] = _json(table.to_json())
    for figure in report.figures:
        files[f"figures/{figure.key}.svg"] = svgs[figure.key].encode()
        files[f"figures/{figure.key}.png"] = png_of(figure)
        files[f"figures/{figure.key}.vl.json"] = _json(titled(figure))
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return sorted(folder / name for name in files)


def csv_of(table: Table) -> bytes:
    """UTF-8 with a header of column names; numbers to ten digits; missing cells empty. A text that a
    spreadsheet would run as a formula gets a leading apostrophe. Synthetic data have a column that says so.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    extra = ["data"] if table.is_synthetic else []
    writer.writerow([column.name for column in table.columns] + extra)
    for row in table.rows:
        writer.writerow([_cell(plain(cell)) for cell in row] + (["synthetic"] if extra else []))
    return out.getvalue().encode()


def _cell(cell: Any) -> Any:
    if isinstance(cell, str) and cell.startswith(("=", "+", "-", "@", "\t", "\r")):
        return "'" + cell
    return "" if cell is None else cell


def titled(figure: Figure) -> dict[str, Any]:
    """The specification with title, n, and the mark of synthetic data, so that no copy loses them."""
    subtitle = [f"n = {figure.n}"] + (["SYNTHETIC DATA"] if figure.is_synthetic else [])
    title = {"text": figure.title, "subtitle": " · ".join(subtitle)}
    spec: dict[str, Any] = plain({**figure.spec, "title": title})
    return spec


def svg_of(figure: Figure) -> str:
    return str(vl_convert.vegalite_to_svg(themed(titled(figure)), vl_version=VEGA_LITE))


def png_of(figure: Figure) -> bytes:
    spec = themed(titled(figure))
    return bytes(vl_convert.vegalite_to_png(spec, vl_version=VEGA_LITE, scale=PNG_SCALE, ppi=PNG_PPI))


def _json(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode()
