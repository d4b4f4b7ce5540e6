"""Vega-Lite specifications with their data inside. No colours for text or background: a theme gives them.

One specification becomes the picture on the page, the SVG and the PNG. Okabe and Ito's colours, and marks
that differ by shape too, so that nothing hangs on colour alone.
"""

import base64
from collections.abc import Mapping, Sequence
from typing import Any

from annotations.statistics.data import PictureRow
from annotations.statistics.report.tables import Spec

SCHEMA_URL = "https://vega.github.io/schema/vega-lite/v6.json"
ROW_COLOURS = ["#2c7bb6", "#abd9e9", "#ffffbf", "#fdae61", "#d7191c"]
CATEGORY = ["#E69F00", "#0072B2", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442"]
Row = Mapping[str, Any]


def paired_times(rows: Sequence[Row], medians: Sequence[Row], arms: Sequence[str]) -> Spec:
    """rows: pair, arm, minutes, reader, case. One line a pair; a bar at each arm's median."""
    x = {"field": "arm", "type": "nominal", "sort": list(arms), "title": None, "axis": {"labelAngle": 0}}
    y = {"field": "minutes", "type": "quantitative", "title": "Active reading time (min)"}
    tips = [{"field": name} for name in ("case", "reader", "arm")]
    tips.append({"field": "minutes", "format": ".1f"})
    line = {
        "mark": {"type": "line", "strokeWidth": 1, "opacity": _fade(len(rows) / 2), "style": "quiet"},
        "encoding": {"x": x, "y": y, "detail": {"field": "pair"}},
    }
    dots = {
        "mark": {"type": "point", "filled": True, "size": 42, "opacity": 0.85},
        "encoding": {"x": x, "y": y, "color": _colour(arms), "shape": _shape(arms), "tooltip": tips},
    }
    bars = {
        "data": {"values": list(medians)},
        "mark": {"type": "tick", "thickness": 3, "size": 74, "orient": "horizontal", "style": "strong"},
        "encoding": {"x": x, "y": y},
    }
    words = {
        "data": {"values": list(medians)},
        "mark": {"type": "text", "align": "left", "dx": 44, "fontSize": 11, "style": "label"},
        "encoding": {"x": x, "y": y, "text": {"field": "label"}},
    }
    return _spec(rows, {"width": {"step": 190}, "height": 300, "layer": [line, dots, bars, words]})


def stacked_rows(rows: Sequence[Row], sources: Sequence[str]) -> Spec:
    """rows: source, row (1-5), meaning, count, share, start, end (shares), label."""
    y = {
        "field": "source",
        "type": "nominal",
        "sort": list(sources),
        "title": None,
        "axis": {"labelLimit": 220},
    }
    colour = {
        "field": "row",
        "type": "ordinal",
        "scale": {"domain": [1, 2, 3, 4, 5], "range": ROW_COLOURS},
        "legend": {"title": "Table 1 row", "orient": "bottom"},
    }
    bars = {
        "mark": {"type": "bar", "height": 30, "stroke": "#555", "strokeWidth": 0.5},
        "encoding": {
            "y": y,
            "x": {
                "field": "start",
                "type": "quantitative",
                "title": "Share of reads",
                "axis": {"format": "%"},
                "scale": {"domain": [0, 1]},
            },
            "x2": {"field": "end"},
            "color": colour,
            "tooltip": [{"field": name} for name in ("source", "row", "meaning", "label")],
        },
    }
    # Dark rows carry white figures, light rows black ones, on either theme.
    words = {
        "mark": {"type": "text", "fontWeight": "bold", "fontSize": 12},
        "encoding": {
            "y": y,
            "x": {"field": "middle", "type": "quantitative"},
            "text": {"field": "count", "type": "quantitative"},
            "color": {
                "condition": {"test": "datum.row == 1 || datum.row == 5", "value": "#fff"},
                "value": "#111",
            },
        },
    }
    return _spec(rows, {"width": 460, "height": {"step": 46}, "layer": [bars, words]})


def agreement_matrix(rows: Sequence[Row], first: str, second: str) -> Spec:
    """rows: first, second (1-5), count: a square of counts, darker is more."""
    axes = {
        "x": {"field": "second", "type": "ordinal", "title": second, "axis": {"labelAngle": 0}},
        "y": {"field": "first", "type": "ordinal", "title": first},
    }
    top = max((int(row["count"]) for row in rows), default=1) or 1
    cells = {
        "mark": {"type": "rect", "stroke": "#8888", "strokeWidth": 0.5},
        "encoding": {
            **axes,
            "color": {
                "field": "count",
                "type": "quantitative",
                "legend": None,
                "scale": {"domain": [0, top], "scheme": "blues"},
            },
        },
    }
    words = {
        "mark": {"type": "text", "fontSize": 13},
        "encoding": {
            **axes,
            "text": {"field": "count"},
            "color": {"condition": {"test": f"datum.count > {top / 2}", "value": "#fff"}, "value": "#111"},
        },
    }
    return _spec(rows, {"width": 240, "height": 240, "layer": [cells, words]})


def box_plots(
    rows: Sequence[Row],
    *,
    value: str,
    group: str,
    groups: Sequence[str],
    series: str = "",
    names: Sequence[str] = (),
    domain: Sequence[float] | None = (0.0, 1.0),
) -> Spec:
    """rows: group, series, value, case. Whiskers to 1.5 interquartile ranges, outliers as points."""
    y: dict[str, Any] = {"field": "value", "type": "quantitative", "title": value}
    if domain is not None:
        y["scale"] = {"domain": list(domain)}
    encoding: dict[str, Any] = {
        "x": {
            "field": "group",
            "type": "nominal",
            "sort": list(groups),
            "title": group or None,
            "axis": {"labelAngle": 0, "labelLimit": 130},
        },
        "y": y,
    }
    if series:
        encoding["xOffset"] = {"field": "series", "type": "nominal", "sort": list(names)}
        encoding["color"] = {
            "field": "series",
            "type": "nominal",
            "scale": {"domain": list(names), "range": CATEGORY[: len(names)]},
            "legend": {"title": series, "orient": "bottom"},
        }
    mark = {
        "type": "boxplot",
        "extent": 1.5,
        "size": 20 if series else 34,
        "outliers": {"size": 28, "style": "outlier"},
        "median": {"style": "median"},
        "rule": {"style": "median"},
        "ticks": {"style": "median", "size": 10, "thickness": 1},
    }
    longest = max((len(one) for one in groups), default=0)
    step = max(74, 30 * max(len(names), 1) + 26, min(130, 6 * longest + 12))
    return _spec(
        rows, {"width": {"step": step, "for": "position"}, "height": 280, "mark": mark, "encoding": encoding}
    )


def bland_altman(rows: Sequence[Row], lines: Sequence[Row], arms: Sequence[str]) -> Spec:
    """rows: arm, mean_ml, ratio, case, reader; lines: arm, ratio, kind ("bias" or "limit"), label."""
    reach = 1.15 * max(max(float(row["ratio"]), 1 / float(row["ratio"])) for row in [*rows, *lines])
    ratio = {
        "field": "ratio",
        "type": "quantitative",
        "scale": {"type": "log", "domain": [1 / reach, reach], "nice": False},
        "axis": {"values": _log_ticks(1 / reach, reach), "format": "~g"},
        "title": "TTV / reference TTV",
    }
    points = {
        "mark": {"type": "point", "filled": True, "size": 34, "opacity": 0.75},
        "encoding": {
            "x": {
                "field": "mean_ml",
                "type": "quantitative",
                "scale": {"type": "log"},
                "title": "Geometric mean volume (mL)",
                "axis": {"labelFlush": True, "tickCount": 4, "format": "~g"},
            },
            "y": ratio,
            "color": _colour(arms),
            "shape": _shape(arms),
            "tooltip": [
                {"field": "case"},
                {"field": "reader"},
                {"field": "mean_ml", "format": ".1f"},
                {"field": "ratio", "format": ".2f"},
            ],
        },
    }
    rules = {
        "transform": [{"filter": "datum.kind != null"}],
        "mark": {"type": "rule", "style": "strong"},
        "encoding": {
            "y": ratio,
            "strokeDash": {
                "field": "kind",
                "type": "nominal",
                "scale": {"domain": ["bias", "limit"], "range": [[1, 0], [5, 4]]},
                "legend": {"title": "Line", "orient": "bottom"},
            },
            "tooltip": [{"field": "label"}],
        },
    }
    points = {"transform": [{"filter": "datum.kind == null"}], **points}
    facet = {"field": "arm", "type": "nominal", "sort": list(arms), "title": None}
    return _spec(
        [*rows, *lines],
        {"facet": facet, "columns": 2, "spec": {"width": 250, "height": 230, "layer": [rules, points]}},
    )


def forest(rows: Sequence[Row], *, title: str, null: float = 1.0) -> Spec:
    """rows: name, estimate, low, high, label: intervals on a log axis, and a line at no effect."""
    names = [row["name"] for row in rows]
    y = {"field": "name", "type": "nominal", "sort": names, "title": None, "axis": {"labelLimit": 330}}
    x = {"type": "quantitative", "scale": {"type": "log", "nice": False, "padding": 24}, "title": title}
    ends = [row[name] for row in rows for name in ("low", "high", "estimate") if row[name] is not None]
    low, high = min([null, *ends]), max([null, *ends])
    x["axis"] = {"values": _log_ticks(low, high), "format": "~g"}
    zero = {
        "data": {"values": [{"at": null}]},
        "mark": {"type": "rule", "strokeDash": [4, 3], "style": "quiet"},
        "encoding": {"x": {"field": "at", **x}},
    }
    bars = {
        "mark": {"type": "rule", "strokeWidth": 2, "style": "strong"},
        "encoding": {"y": y, "x": {"field": "low", **x}, "x2": {"field": "high"}},
    }
    points = {
        "mark": {"type": "point", "filled": True, "size": 70, "shape": "square", "color": CATEGORY[1]},
        "encoding": {
            "y": y,
            "x": {"field": "estimate", **x},
            "tooltip": [{"field": "name"}, {"field": "label"}],
        },
    }
    return _spec(rows, {"width": 400, "height": {"step": 26}, "layer": [zero, bars, points]})


def deciles(rows: Sequence[Row], *, by: str, names: Sequence[str], value: str) -> Spec:
    """rows: decile, source, mean, low, high, n: means with their 95 % intervals."""
    x = {
        "field": "decile",
        "type": "ordinal",
        "title": f"Decile of {by} (1 = lowest)",
        "axis": {"labelAngle": 0},
    }
    shift = {"field": "source", "type": "nominal", "sort": list(names)}
    y = {"field": "mean", "type": "quantitative", "title": value, "scale": {"domain": [0, 1]}}
    colour = _colour(names, field="source", title="Version", show=True)
    bars = {
        "mark": {"type": "rule", "opacity": 0.7},
        "encoding": {
            "x": x,
            "xOffset": shift,
            "y": {**y, "field": "low"},
            "y2": {"field": "high"},
            "color": colour,
        },
    }
    points = {
        "mark": {"type": "point", "filled": True, "size": 46},
        "encoding": {
            "x": x,
            "xOffset": shift,
            "y": y,
            "color": colour,
            "shape": {**_shape(names), "field": "source", "legend": {"title": "Version", "orient": "bottom"}},
            "tooltip": [
                {"field": "source"},
                {"field": "decile"},
                {"field": "mean", "format": ".3f"},
                {"field": "n"},
            ],
        },
    }
    return _spec(rows, {"width": {"step": 44, "for": "position"}, "height": 240, "layer": [bars, points]})


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
    colour = _colour(names, field="source", title="Version", show=len(names) > 1)
    bars = {"mark": {"type": "bar"}, "encoding": {**encoding, "color": colour}}
    words = {
        "mark": {"type": "text", "align": "left", "dx": 4, "fontSize": 10, "style": "label"},
        "encoding": {**encoding, "text": {"field": "label"}},
    }
    step = 20 if len(names) < 2 else 16
    return _spec(
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
    return _spec(rows, {"facet": facet, "spec": inner, "spacing": 6})


def _spec(rows: Sequence[Row], body: Mapping[str, Any]) -> Spec:
    return {"$schema": SCHEMA_URL, "data": {"values": list(rows)}, **body}


def _colour(
    names: Sequence[str], *, field: str = "arm", title: str = "", show: bool = False
) -> dict[str, Any]:
    colours = [CATEGORY[index % len(CATEGORY)] for index in range(len(names))]
    return {
        "field": field,
        "type": "nominal",
        "scale": {"domain": list(names), "range": colours},
        "legend": {"title": title, "orient": "bottom"} if show else None,
    }


def _shape(names: Sequence[str]) -> dict[str, Any]:
    kinds = ["circle", "diamond", "square", "triangle-up", "cross", "triangle-down", "triangle-right"]
    shapes = [kinds[index % len(kinds)] for index in range(len(names))]
    return {
        "field": "arm",
        "type": "nominal",
        "scale": {"domain": list(names), "range": shapes},
        "legend": None,
    }


def _fade(lines: float) -> float:
    return 0.55 if lines <= 30 else 0.3 if lines <= 100 else 0.18


def _log_ticks(low: float, high: float) -> list[float]:
    wanted = [0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.8, 0.9, 1.0, 1.1, 1.25, 1.5, 2.0, 3.0, 5.0, 10.0, 20.0]
    wide = high / low > 2
    return [
        one
        for one in wanted
        if low * 0.9 <= one <= high * 1.1 and not (wide and one in (0.8, 0.9, 1.1, 1.25))
    ]
