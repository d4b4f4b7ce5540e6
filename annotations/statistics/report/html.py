"""The report as one page that needs nothing but itself: figures stand in it as SVG."""

import base64
from collections.abc import Mapping
from html import escape

from annotations.statistics.report.tables import Cell, Column, Figure, Report, Section, Table

STYLE = """
:root{color-scheme:light}body{font:14px/1.5 Inter,'Segoe UI',Helvetica,Arial,sans-serif;color:#1a1a1a;
background:#fff;margin:0 auto;max-width:1180px;padding:32px 28px 64px;font-variant-numeric:tabular-nums}
h1{font-size:24px;margin:0 0 4px}
h2{font-size:19px;margin:44px 0 8px;padding-top:16px;border-top:1px solid #d9dde3}
h3{font-size:14px;margin:26px 0 6px}p{margin:6px 0;max-width:88ch}.quiet{color:#5b6470}
.chip{display:inline-block;border-radius:99px;padding:1px 10px;font-size:12px;
border:1px solid #b45309;color:#92400e}
.heads{display:grid;grid-template-columns:repeat(auto-fit,minmax(230px,1fr));gap:12px;margin:20px 0}
.heads div{border:1px solid #d9dde3;border-radius:8px;padding:12px 14px}.heads b{display:block;font-size:24px}
.wide{overflow-x:auto}table{border-collapse:collapse;font-size:12.5px}caption{text-align:left;color:#5b6470}
th,td{padding:4px 9px;border-bottom:1px solid #e3e6ea;text-align:left;vertical-align:top}
th{font-weight:600;border-bottom:1px solid #6b7280}
.n{text-align:right;white-space:nowrap}td.long{min-width:26ch}
figure{margin:22px 0}figure img{max-width:100%;height:auto}
figcaption,.notes{color:#5b6470;font-size:12.5px;max-width:96ch}
nav a{margin-right:16px}a{color:#0b5cad}.methods{background:#f5f7f9;padding:14px 16px;border-radius:8px}
""".strip()


def html_page(report: Report, svgs: Mapping[str, str]) -> str:
    """svgs: the picture of every figure by key."""
    chips = [
        text
        for text, is_so in (("Synthetic data", report.is_synthetic), ("Interim", report.is_interim))
        if is_so
    ]
    links = "".join(f'<a href="#{one.key}">{escape(one.title)}</a>' for one in report.sections)
    body = [
        f"<h1>{escape(report.name)}</h1>",
        f'<p class="quiet">Plan {report.plan_number}, {escape(report.plan_digest or "not locked")}. '
        f"Research use only. PETReview {escape(report.product_version)}.</p>",
        "".join(f'<span class="chip">{text}</span> ' for text in chips),
        *(f"<p><b>{escape(text)}</b></p>" for text in report.warnings),
        _headlines(report),
        f'<nav>{links}<a href="#methods">Methods</a></nav>',
        *(_section(one, svgs) for one in report.sections),
        f'<h2 id="methods">Methods</h2><p class="methods">{escape(report.methods)}</p>',
        _settings(report),
        "<h3>References</h3><ul>" + "".join(f"<li>{escape(one)}</li>" for one in report.references) + "</ul>",
    ]
    head = f'<meta charset="utf-8"><title>{escape(report.name)}: analysis</title><style>{STYLE}</style>'
    return (
        f'<!doctype html>\n<html lang="en"><head>{head}</head><body>\n'
        + "\n".join(body)
        + "\n</body></html>\n"
    )


def _headlines(report: Report) -> str:
    cells = "".join(
        f"<div><b>{escape(' '.join(filter(None, (one.value, one.unit))))}</b>{escape(one.label)}</div>"
        for one in report.headlines
    )
    return f'<div class="heads">{cells}</div>'


def _section(section: Section, svgs: Mapping[str, str]) -> str:
    parts = [f'<h2 id="{section.key}">{escape(section.title)}</h2>']
    if section.intro:
        parts.append(f'<p class="quiet">{escape(section.intro)}</p>')
    parts += [_figure(one, svgs[one.key]) for one in section.figures]
    parts += [_table(one) for one in section.tables]
    return "\n".join(parts)


def _figure(figure: Figure, svg: str) -> str:
    data = base64.b64encode(svg.encode()).decode("ascii")
    return (
        f'<figure><img alt="{escape(figure.title)}" src="data:image/svg+xml;base64,{data}">'
        f"<figcaption>{escape(figure.caption)} n = {figure.n}.</figcaption></figure>"
    )


def _table(table: Table) -> str:
    mark = " [synthetic data]" if table.is_synthetic else ""
    head = "".join(f'<th class="{_class(column)}">{escape(heading(column))}</th>' for column in table.columns)
    rows = "".join(
        "<tr>"
        + "".join(
            f'<td class="{_class(column, cell)}">{escape(show(cell, column))}</td>'
            for column, cell in zip(table.columns, row, strict=True)
        )
        + "</tr>"
        for row in table.rows
    )
    none = "" if table.rows else '<p class="quiet">None.</p>'
    notes = "".join(f'<p class="notes">{escape(note)}</p>' for note in table.notes)
    said = f"n = {table.n}; analysis set: {table.analysis_set}{mark}"
    return (
        f'<h3 id="table-{table.key}">{escape(table.title)}</h3><p class="notes">{escape(said)}</p>{none}'
        f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>{notes}'
    )


def _settings(report: Report) -> str:
    rows = "".join(
        f"<tr><td>{escape(one.name)}</td><td>{escape(one.value)}</td><td>{escape(one.meaning)}</td></tr>"
        for one in report.settings
    )
    return f"<h3>Settings</h3><table>{rows}</table>"


def heading(column: Column) -> str:
    return f"{column.title} ({column.unit})" if column.unit else column.title


def show(cell: Cell, column: Column) -> str:
    """A cell as people read it; the page of the app follows the same rules (format.ts)."""
    if cell is None:
        return "–"
    if isinstance(cell, str):
        return cell
    if column.kind == "p":
        return "< 0.001" if cell < 0.001 else f"{cell:.3f}"
    if column.kind == "percent":
        return f"{100 * cell:.{column.digits or 0}f} %"
    if column.kind == "integer" or isinstance(cell, int):
        return f"{cell:d}" if isinstance(cell, int) else f"{cell:g}"
    return f"{cell:g}" if column.digits is None else f"{cell:.{column.digits}f}"


def _class(column: Column, cell: Cell = None) -> str:
    if column.kind != "text":
        return "n"
    return "long" if isinstance(cell, str) and len(cell) > 60 else ""
