"""Single cases: volumes in negative controls, and example pictures."""

import base64
from collections.abc import Mapping, Sequence

from annotations.statistics.data import PictureRow
from annotations.statistics.report.figures.base import Row, colour_of, make_spec
from annotations.statistics.report.tables import Spec


def volumes(rows: Sequence[Row], *, names: Sequence[str]) -> Spec:
    """rows: case, source, volume_ml, label: one bar for each negative control."""
    encoding = {
        "y": {"field": "case", "type": "nominal", "sort": None, "title": None},
        "x": {
            "field": "volume_ml",
            "type": "quantitative",
            "title": "Segmented volume (mL)",
            "axis": {"tickCount": 5, "labelOverlap": True},
            "scale": {"type": "symlog"},
        },
        "yOffset": {"field": "source", "type": "nominal", "sort": list(names)},
    }
    colour = colour_of(names, field="source", title="Version", show=len(names) > 1)
    bars = {"mark": {"type": "bar"}, "encoding": {**encoding, "color": colour}}
    words = {
        "mark": {"type": "text", "align": "left", "dx": 4, "fontSize": 10, "style": "label"},
        "encoding": {**encoding, "text": {"field": "label"}},
    }
    step = 20 if len(names) < 2 else 16
    return make_spec(
        rows,
        {
            "width": 380,
            "height": {"step": step, "for": "offset" if len(names) > 1 else "position"},
            "layer": [bars, words],
        },
    )


def example_pictures(pictures: Sequence[PictureRow], titles: Mapping[int, str]) -> Spec:
    """A row a case, a column a panel; the PNG bytes stand in the specification."""
    first = pictures[0]
    height = 320
    width = round(height * first.width_px / first.height_px)
    rows = [
        {
            "case": titles[picture.case],
            "panel": picture.panel,
            "url": "data:image/png;base64," + base64.b64encode(picture.png).decode("ascii"),
        }
        for picture in pictures
    ]
    inner = {
        "width": width,
        "height": height,
        "mark": {"type": "image", "width": width, "height": height},
        "encoding": {"url": {"field": "url"}, "x": {"value": width / 2}, "y": {"value": height / 2}},
    }
    facet = {
        "row": {"field": "case", "sort": None, "title": None, "header": {"labelOrient": "left"}},
        "column": {"field": "panel", "sort": ["PET", "Reference", "AI result"], "title": None},
    }
    return make_spec(rows, {"facet": facet, "spec": inner, "spacing": 6})
