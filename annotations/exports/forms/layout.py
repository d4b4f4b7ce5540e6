"""How a report form looks: one page of facts and pictures, the lesion table going on over further pages."""

from dataclasses import dataclass
from io import BytesIO
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib import colors
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    Frame,
    Image,
    PageTemplate,
    Paragraph,
    Spacer,
    Table,
    TableStyle,
)

from annotations.imaging.colours import lesion_colour

MARGIN = 16 * mm
HEAD, FOOT = 12 * mm, 9 * mm
WIDTH = A4[0] - 2 * MARGIN
PICTURE_HEIGHT = 92 * mm
INK, MUTED, LINE = colors.HexColor("#1b2530"), colors.HexColor("#5b6875"), colors.HexColor("#c9d1d9")
WARN = colors.HexColor("#9c5400")
BODY = ParagraphStyle("body", fontName="Helvetica", fontSize=8, leading=10, textColor=INK)
SMALL = ParagraphStyle("small", parent=BODY, fontSize=7, leading=8.6)
NUMBER = ParagraphStyle("number", parent=SMALL, alignment=TA_RIGHT)
QUIET = ParagraphStyle("quiet", parent=BODY, textColor=MUTED)
HEADING = ParagraphStyle(
    "heading", parent=BODY, fontName="Helvetica-Bold", fontSize=9, leading=12, spaceBefore=7
)
TITLE = ParagraphStyle("title", parent=BODY, fontName="Helvetica-Bold", fontSize=14, leading=18)
LESION_HEADER = ("", "Lesion", "Site", "Status", "Outline", "mL", "SUVmax", "SUVmean", "SUVpeak", "TLG")
LESION_WIDTHS = (4, 32, 32, 15, 25, 13, 14, 15, 15, 13)
Facts = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class LesionLine:
    """numbers: mL, SUVmax, SUVmean, SUVpeak, TLG as text."""

    label: int
    name: str
    site: str
    status: str
    outline: str
    numbers: tuple[str, ...]


@dataclass(frozen=True)
class Form:
    """What is on the form, as text. pictures: PNG. marks: printed at the head of every page."""

    title: str
    marks: tuple[str, ...]
    read: Facts
    measures: Facts
    score: Facts
    clock: Facts
    lesions: tuple[LesionLine, ...]
    pictures: tuple[bytes, ...]
    note: str
    foot: str


def draw_form(form: Form) -> bytes:
    """PDF bytes, without the time of writing."""
    buffer = BytesIO()
    document = BaseDocTemplate(
        buffer,
        pagesize=A4,
        leftMargin=MARGIN,
        rightMargin=MARGIN,
        topMargin=MARGIN + HEAD,
        bottomMargin=MARGIN + FOOT,
        title=form.title,
        author="PETReview",
        subject="; ".join(form.marks),
        invariant=1,
    )
    frame = Frame(MARGIN, MARGIN + FOOT, WIDTH, A4[1] - 2 * MARGIN - HEAD - FOOT, 0, 0, 0, 0)
    document.addPageTemplates(PageTemplate(frames=[frame], onPage=lambda canvas, _: _page(canvas, form)))
    document.build(_story(form))
    return buffer.getvalue()


def _page(canvas: Canvas, form: Form) -> None:
    top = A4[1] - MARGIN
    canvas.saveState()
    canvas.setFont("Helvetica-Bold", 9)
    canvas.setFillColor(WARN)
    canvas.drawString(MARGIN, top - 8, "  ·  ".join(form.marks))
    canvas.setStrokeColor(LINE)
    canvas.line(MARGIN, top - 14, A4[0] - MARGIN, top - 14)
    canvas.setFont("Helvetica", 7)
    canvas.setFillColor(MUTED)
    canvas.drawString(MARGIN, MARGIN, form.foot)
    canvas.drawRightString(A4[0] - MARGIN, MARGIN, f"page {canvas.getPageNumber()}")
    canvas.restoreState()


def _story(form: Form) -> list[Any]:
    left = [*_block("Read", form.read)]
    right = [*_block("Measures of the final version", form.measures)]
    right += _block("Score", form.score) if form.score else []
    story: list[Any] = [Paragraph(escape(form.title), TITLE), Spacer(1, 3)]
    story.append(_side_by_side(left, [*right, *_block("Reading time", form.clock)]))
    if form.note:
        story += [Spacer(1, 8), Paragraph(escape(form.note), QUIET)]
    if form.pictures:
        story += [
            Paragraph("Maximum intensity projections with the final lesions: front, and left side", HEADING),
            Spacer(1, 3),
            _picture_row(form.pictures),
        ]
    if form.lesions:
        story += [
            Paragraph(f"Lesions ({len(form.lesions)})", HEADING),
            Spacer(1, 3),
            _lesion_table(form.lesions),
        ]
    return story


def _block(title: str, facts: Facts) -> list[Any]:
    rows = [[Paragraph(escape(name), QUIET), Paragraph(escape(value), BODY)] for name, value in facts]
    table = Table(rows, colWidths=[WIDTH * 0.17, WIDTH * 0.31], hAlign="LEFT")
    table.setStyle(TableStyle([*_TIGHT, ("VALIGN", (0, 0), (-1, -1), "TOP")]))
    return [Paragraph(escape(title), HEADING), table]


def _side_by_side(left: list[Any], right: list[Any]) -> Table:
    table = Table([[left, right]], colWidths=[WIDTH / 2, WIDTH / 2], hAlign="LEFT")
    table.setStyle(TableStyle([*_TIGHT, ("VALIGN", (0, 0), (-1, -1), "TOP")]))
    return table


def _picture_row(pictures: tuple[bytes, ...]) -> Table:
    widest = WIDTH / len(pictures) - 4 * mm
    table = Table(
        [[_picture(one, widest) for one in pictures]], colWidths=[WIDTH / len(pictures)] * len(pictures)
    )
    table.setStyle(TableStyle([*_TIGHT, ("ALIGN", (0, 0), (-1, -1), "CENTER")]))
    return table


def _picture(content: bytes, widest: float) -> Image:
    image = Image(BytesIO(content))
    scale = min(widest / image.imageWidth, PICTURE_HEIGHT / image.imageHeight)
    image.drawWidth, image.drawHeight = image.imageWidth * scale, image.imageHeight * scale
    return image


def _lesion_table(lesions: tuple[LesionLine, ...]) -> Table:
    numbers_from = LESION_HEADER.index("mL")
    header = [
        Paragraph(f"<b>{name}</b>", NUMBER if place >= numbers_from else SMALL)
        for place, name in enumerate(LESION_HEADER)
    ]
    rows: list[list[Any]] = [header]
    style: list[Any] = [
        *_TIGHT,
        ("LINEBELOW", (0, 0), (-1, 0), 0.6, LINE),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ]
    for number, one in enumerate(lesions, start=1):
        words = (one.name, one.site, one.status, one.outline)
        cells = [Paragraph(escape(word), SMALL) for word in words]
        rows.append(["", *cells, *(Paragraph(text, NUMBER) for text in one.numbers)])
        red, green, blue = (part / 255 for part in lesion_colour(one.label))
        style.append(("BACKGROUND", (0, number), (0, number), colors.Color(red, green, blue)))
        style.append(("LINEBELOW", (0, number), (-1, number), 0.25, LINE))
    table = Table(rows, colWidths=[width * mm for width in LESION_WIDTHS], repeatRows=1, hAlign="LEFT")
    table.setStyle(TableStyle(style))
    return table


_TIGHT = [
    ("LEFTPADDING", (0, 0), (-1, -1), 1.5),
    ("RIGHTPADDING", (0, 0), (-1, -1), 3),
    ("TOPPADDING", (0, 0), (-1, -1), 0.8),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 0.8),
]
