"""Named versions against the reference: the first paper's Table 3, the second paper's Table 2, outliers."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from annotations.statistics.data import MetricRow
from annotations.statistics.distribution import low_outliers, summarise_values
from annotations.statistics.multiplicity import adjust
from annotations.statistics.paired import paired_t, wilcoxon_signed_rank
from annotations.statistics.report import figures
from annotations.statistics.report.selection import Selection, endpoint_title
from annotations.statistics.report.tables import Cell, Column, Figure, Section, Table, results_table
from annotations.statistics.results import Result
from annotations.statistics.unpaired import kolmogorov_smirnov

VOXEL_WISE = ("dice", "precision", "sensitivity")
LESION_WISE = ("lesion_dice", "lesion_sensitivity", "lesion_precision")
METRICS = (*VOXEL_WISE, *LESION_WISE)


def versions(chosen: Selection) -> Section | None:
    """None where no version was named."""
    if not chosen.named_versions:
        return None
    set_name = "cases with tumour and a reference"
    results = _compare(chosen)
    tables = [_metrics(chosen), _long(chosen)]
    if results:
        tables.append(
            results_table(
                "version_tests",
                "Versions compared on the same patients",
                results,
                analysis_set=set_name,
                notes=("Holm within each metric and test.",),
            )
        )
    centres = centres_of(chosen)
    if len(centres) > 1:
        tables.append(_by_centre(chosen, centres))
    tables.append(_outliers(chosen))
    return Section(
        "versions",
        "Versions against the reference",
        "Without manual adjustment, on cases with tumour; negative controls stand in a section of their own.",
        tables=tuple(tables),
        figures=_boxes(chosen, centres),
    )


def rows_of(chosen: Selection, source: str) -> list[MetricRow]:
    """Rows of a version on cases that are neither practice nor negative controls."""
    return [
        row
        for row in chosen.named_versions.get(source, [])
        if row.case in chosen.cases
        and not chosen.is_control(row.case)
        and not chosen.cases[row.case].is_training
    ]


def metric(row: MetricRow, name: str) -> float | None:
    found: float | None = getattr(row, name)
    return found


def known(rows: Sequence[MetricRow], name: str) -> list[float]:
    return [value for row in rows if (value := metric(row, name)) is not None]


def centres_of(chosen: Selection) -> list[str]:
    cases = {row.case for source in chosen.named_versions for row in rows_of(chosen, source)}
    return sorted({centre for case in cases if (centre := chosen.cases[case].centre)})


def mean_sd(numbers: Sequence[float], between: str = "({})") -> str:
    found = summarise_values(numbers)
    if found.mean is None:
        return "–"
    sd = "" if found.sd is None else " " + between.format(f"{found.sd:.3f}")
    return f"{found.mean:.3f}{sd}"


def _metrics(chosen: Selection) -> Table:
    """Mean (SD) of each metric by version; the highest mean of a row is marked."""
    sources = list(chosen.named_versions)
    rows: list[tuple[Cell, ...]] = []
    for kind, names in (("Voxel-wise", VOXEL_WISE), ("Lesion-wise", LESION_WISE)):
        for name in names:
            found = [known(rows_of(chosen, source), name) for source in sources]
            means = [round(float(np.mean(one)), 3) if one else -1.0 for one in found]
            best = max(means)
            cells = [
                mean_sd(one) + (" †" if mean == best and len(sources) > 1 else "")
                for one, mean in zip(found, means, strict=True)
            ]
            rows.append((kind, endpoint_title(name), *cells, min(len(one) for one in found)))
    columns = (
        Column("kind", "Kind"),
        Column("metric", "Metric"),
        *(Column(f"version_{index}", source) for index, source in enumerate(sources, start=1)),
        Column("n", "Least n", "integer"),
    )
    settings = chosen.settings
    notes = (
        "Mean (SD) over cases; † highest mean of the row. Lesions are components with "
        f"{settings.connectivity}-connectivity of at least {settings.minimum_ml:g} mL; lesion-wise "
        "Dice counts found "
        "true lesions as true positives. Cases in which a ratio is not defined are left out of it "
        "and counted below.",
    )
    n = max((len(rows_of(chosen, source)) for source in sources), default=0)
    title = "Metrics by version (Table 3)"
    return Table("versions", title, columns, tuple(rows), n, "cases with tumour and a reference", notes)


def _long(chosen: Selection) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for source in chosen.named_versions:
        mine = rows_of(chosen, source)
        for name in (*METRICS, "false_positive_volume_ml", "false_negative_volume_ml"):
            one = summarise_values(known(mine, name))
            cells = (
                one.n,
                len(mine) - one.n,
                one.mean,
                one.sd,
                one.median,
                one.q1,
                one.q3,
                one.minimum,
                one.maximum,
            )
            rows.append((source, endpoint_title(name), *cells))
    titles = ("Mean", "SD", "Median", "Q1", "Q3", "Minimum", "Maximum")
    columns = (
        Column("version", "Version"),
        Column("metric", "Metric"),
        Column("n", "n", "integer"),
        Column("not_defined", "Not defined", "integer"),
        *(Column(title.lower(), title, "number", digits=3) for title in titles),
    )
    n = max((one[2] for one in rows if isinstance(one[2], int)), default=0)
    return Table(
        "versions_long",
        "Distribution of each metric",
        columns,
        tuple(rows),
        n,
        "cases with tumour and a reference",
        ("Volumes in mL.",),
    )


def _compare(chosen: Selection) -> list[Result]:
    """Paired t, Wilcoxon and Kolmogorov-Smirnov for every pair of versions and metric."""
    found: list[Result] = []
    for name in METRICS:
        by_test: list[list[Result]] = [[], [], []]
        for first, second in combinations(chosen.named_versions, 2):
            one = {
                row.case: value for row in rows_of(chosen, first) if (value := metric(row, name)) is not None
            }
            two = {
                row.case: value for row in rows_of(chosen, second) if (value := metric(row, name)) is not None
            }
            both = sorted(set(one) & set(two))
            left, right = [one[case] for case in both], [two[case] for case in both]
            results = (
                paired_t(left, right, alpha=chosen.settings.alpha),
                wilcoxon_signed_rank(left, right),
                kolmogorov_smirnov(left, right),
            )
            for kept, result in zip(by_test, results, strict=True):
                kept.append(result.named(endpoint=endpoint_title(name), comparison=f"{second} - {first}"))
        found += [result for kept in by_test for result in adjust(kept)]
    return found


def _by_centre(chosen: Selection, centres: Sequence[str]) -> Table:
    """The second paper's Table 2: centres in columns; the average is that of the centres' means."""
    rows: list[tuple[Cell, ...]] = []
    for name in VOXEL_WISE:
        for source in chosen.named_versions:
            found = [
                known(
                    [row for row in rows_of(chosen, source) if chosen.cases[row.case].centre == centre], name
                )
                for centre in centres
            ]
            means = [float(np.mean(one)) for one in found if one]
            cells = [mean_sd(one, "± {}") for one in found]
            rows.append((endpoint_title(name), source, *cells, mean_sd(means, "± {}")))
    sizes = {
        centre: len(
            {
                row.case
                for source in chosen.named_versions
                for row in rows_of(chosen, source)
                if chosen.cases[row.case].centre == centre
            }
        )
        for centre in centres
    }
    columns = (
        Column("metric", "Metric"),
        Column("version", "Version"),
        *(Column(f"centre_{i}", f"{one} (n = {sizes[one]})") for i, one in enumerate(centres, start=1)),
        Column("average", "Average"),
    )
    notes = ("Mean ± SD over the centre's cases; average: mean ± SD of the centres' means.",)
    return Table(
        "centres",
        "Metrics by centre (Table 2)",
        columns,
        tuple(rows),
        sum(sizes.values()),
        "cases with tumour and a reference",
        notes,
    )


def _outliers(chosen: Selection) -> Table:
    """Cases under q1 - 1.5 (q3 - q1) of their version, within their centre where there are several."""
    several = len(centres_of(chosen)) > 1
    rows: list[tuple[Cell, ...]] = []
    for source in chosen.named_versions:
        for name in VOXEL_WISE:
            groups: dict[str, list[MetricRow]] = {}
            for row in rows_of(chosen, source):
                if metric(row, name) is not None:
                    group = (chosen.cases[row.case].centre or "not stated") if several else "all"
                    groups.setdefault(group, []).append(row)
            for group in sorted(groups):
                mine = groups[group]
                for place in low_outliers(known(mine, name)):
                    case = chosen.cases[mine[place].case]
                    value = metric(mine[place], name)
                    rows.append(
                        (
                            source,
                            endpoint_title(name),
                            group,
                            case.case,
                            case.pseudonym,
                            value,
                            case.volume_ml,
                            case.volume_voxels,
                            case.contrast,
                        )
                    )
    columns = (
        Column("version", "Version"),
        Column("metric", "Metric"),
        Column("group", "Centre"),
        Column("case", "Case", "integer"),
        Column("pseudonym", "Patient"),
        Column("value", "Value", "number", digits=3),
        Column("volume_ml", "Reference volume", "number", "mL", 1),
        Column("volume_voxels", "Voxels", "integer"),
        Column("contrast", "Contrast", "number", digits=1),
    )
    notes = ("x < q1 - 1.5 (q3 - q1), within a version's centre where there are several centres.",)
    n = len({row.case for source in chosen.named_versions for row in rows_of(chosen, source)})
    return Table("outliers", "Outliers", columns, tuple(rows), n, "cases with tumour and a reference", notes)


def _boxes(chosen: Selection, centres: Sequence[str]) -> tuple[Figure, ...]:
    """One box plot for each voxel-wise metric: by centre where there are several, else by version alone."""
    found = []
    names = list(chosen.named_versions)
    for name in VOXEL_WISE:
        rows = [
            {
                "group": (chosen.cases[row.case].centre or "not stated") if len(centres) > 1 else source,
                "series": source,
                "value": metric(row, name),
                "case": f"Case {row.case}",
            }
            for source in names
            for row in rows_of(chosen, source)
            if metric(row, name) is not None
        ]
        if not rows:
            continue
        title = endpoint_title(name)
        if len(centres) > 1:
            spec = figures.box_plots(
                rows, value=title, group="Centre", groups=centres, series="Version", names=names
            )
        else:
            spec = figures.box_plots(rows, value=title, group="", groups=names)
        n = len({row["case"] for row in rows})
        caption = (
            f"{title} of {n} cases. Box: quartiles; whiskers: within 1.5 interquartile ranges; rings: "
            "outliers."
        )
        found.append(
            Figure(
                f"boxes_{name}", f"{title} by {'centre' if len(centres) > 1 else 'version'}", caption, n, spec
            )
        )
    return tuple(found)
