"""Agreement with the reference: box plots, Bland-Altman, means by decile."""

from collections.abc import Sequence
from typing import Any

from annotations.statistics.report.figures.base import (
    CATEGORY,
    Row,
    colour_of,
    log_ticks,
    make_spec,
    shape_of,
)
from annotations.statistics.report.tables import Spec


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
    return make_spec(
        rows, {"width": {"step": step, "for": "position"}, "height": 280, "mark": mark, "encoding": encoding}
    )


def bland_altman(rows: Sequence[Row], lines: Sequence[Row], arms: Sequence[str]) -> Spec:
    """rows: arm, mean_ml, ratio, case, reader; lines: arm, ratio, kind ("bias" or "limit"), label."""
    reach = 1.15 * max(max(float(row["ratio"]), 1 / float(row["ratio"])) for row in [*rows, *lines])
    ratio = {
        "field": "ratio",
        "type": "quantitative",
        "scale": {"type": "log", "domain": [1 / reach, reach], "nice": False},
        "axis": {"values": log_ticks(1 / reach, reach), "format": "~g"},
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
            "color": colour_of(arms),
            "shape": shape_of(arms),
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
    return make_spec(
        [*rows, *lines],
        {"facet": facet, "columns": 2, "spec": {"width": 250, "height": 230, "layer": [rules, points]}},
    )


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
    colour = colour_of(names, field="source", title="Version", show=True)
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
            "shape": {
                **shape_of(names),
                "field": "source",
                "legend": {"title": "Version", "orient": "bottom"},
            },
            "tooltip": [
                {"field": "source"},
                {"field": "decile"},
                {"field": "mean", "format": ".3f"},
                {"field": "n"},
            ],
        },
    }
    return make_spec(rows, {"width": {"step": 44, "for": "position"}, "height": 240, "layer": [bars, points]})
