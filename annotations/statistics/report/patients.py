"""Patients and acquisition: the first paper's Table 2 and the second paper's Table 1."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from annotations.statistics.contingency import compare_counts
from annotations.statistics.data import Acquisition, Attribute, CaseRow, PatientRow
from annotations.statistics.distribution import summarise_values
from annotations.statistics.report.selection import Selection
from annotations.statistics.report.tables import Cell, Column, Section, Table, results_table
from annotations.statistics.results import Result
from annotations.statistics.unpaired import kruskal_wallis, unpaired_t

CONTROL = "negative_control"
ORDER = ("training", "test", CONTROL)
TITLES = {
    "age": "Age, years",
    "sex": "Sex",
    "primary_site": "Site of primary",
    "who_grade": "WHO grade",
    "ki67_percent": "Ki67, %",
    "figo": "FIGO stage",
    "centre": "Centre",
}
Person = CaseRow | PatientRow


@dataclass(frozen=True)
class _Groups:
    """People by data set in printing order; `compared` leaves negative controls out."""

    people: dict[str, list[Person]]

    @property
    def names(self) -> list[str]:
        return list(self.people)

    @property
    def compared(self) -> list[str]:
        return [name for name in self.people if name != CONTROL]

    def overall(self) -> list[Person]:
        return [one for name in self.compared for one in self.people[name]]


def patients(chosen: Selection) -> Section:
    groups = _groups(chosen)
    demography, results = _demography(groups, chosen)
    tables = [demography]
    if results:
        tables.append(results_table("patients_tests", "Patients: tests", results, analysis_set="patients"))
    tables.append(_acquisition([one for people in groups.people.values() for one in people]))
    return Section("patients", "Patients and acquisition", tables=tuple(tables))


def _groups(chosen: Selection) -> _Groups:
    people: list[Person] = [*chosen.data.patients, *(c for c in chosen.cases.values() if not c.is_training)]
    found = {_group(one) for one in people}
    names = [name for name in ORDER if name in found] + sorted(found - set(ORDER))
    return _Groups(
        {name: sorted((p for p in people if _group(p) == name), key=lambda p: p.pseudonym) for name in names}
    )


def _group(person: Person) -> str:
    if isinstance(person, CaseRow) and person.is_negative_control:
        return CONTROL
    return person.data_set


def attribute_of(person: Person, name: str) -> Attribute:
    return person.centre if name == "centre" else person.attributes.get(name)


def _demography(groups: _Groups, chosen: Selection) -> tuple[Table, list[Result]]:
    names = _attribute_names([one for people in groups.people.values() for one in people])
    rows: list[tuple[Cell, ...]] = [("Patients", "", *_counts(groups, lambda _: True), None, "")]
    results: list[Result] = []
    for name in names:
        numeric = _is_numeric(name, groups.overall())
        block, found = _numeric(groups, name) if numeric else _categorical(groups, name, chosen.settings.seed)
        rows += block
        results += [one.named(endpoint=_title(name), comparison=_comparison(groups)) for one in found]
    overall = f"Overall (N = {len(groups.overall())})"
    columns = (
        Column("variable", "Variable"),
        Column("level", "Level"),
        *(Column(f"group_{name}", _group_title(name, len(groups.people[name]))) for name in groups.names),
        *([Column("group_overall", overall)] if len(groups.compared) > 1 else []),
        Column("p", "p", "p"),
        Column("test", "Test"),
    )
    notes = (
        "Mean (SD) or number (%). Percentages are of all patients of the column and are rounded. "
        "Tests leave missing values and negative controls out.",
        *overlap_notes(chosen),
    )
    n = sum(len(people) for people in groups.people.values())
    return Table("patients", "Patients (Table 2)", columns, tuple(rows), n, "patients", notes), results


def overlap_notes(chosen: Selection) -> list[str]:
    """Each release: which cases it was trained on. Results on these tell nothing of new patients."""
    notes = []
    cases = {case.pseudonym for case in chosen.cases.values()}
    for arm in chosen.settings.arms:
        if arm.start != "ai":
            continue
        name = arm.release or arm.title
        both = sorted(cases & set(arm.trained_on or ()))
        if arm.trained_on is None:
            notes.append(
                f"{name} does not state its training patients: whether cases are among them is not known."
            )
        elif both:
            notes.append(
                f"{name} was trained on {len(both)} of the patients of this study ({', '.join(both)}): its "
                "results on them do not hold for new patients, and they stand in both columns of the table."
            )
        else:
            notes.append(f"None of the cases is among the {len(arm.trained_on)} training patients of {name}.")
    return notes


def _counts(groups: _Groups, wanted: Callable[[Person], bool]) -> list[Cell]:
    """Count of each group and, with several compared groups, of all of them."""
    cells: list[Cell] = [str(sum(wanted(one) for one in groups.people[name])) for name in groups.names]
    if len(groups.compared) > 1:
        cells.append(str(sum(wanted(one) for one in groups.overall())))
    return cells


def _numeric(groups: _Groups, name: str) -> tuple[list[tuple[Cell, ...]], list[Result]]:
    columns = [_numbers(groups.people[group], name) for group in groups.names]
    if len(groups.compared) > 1:
        columns.append(_numbers(groups.overall(), name))
    compared = [_numbers(groups.people[group], name) for group in groups.compared]
    results: list[Result] = []
    if len(compared) == 2:
        results = [unpaired_t(compared[0], compared[1])]
    elif len(compared) > 2:
        results = [kruskal_wallis(compared)]
    shown = results[0] if results else None
    block: list[tuple[Cell, ...]] = [
        (_title(name), "mean (SD)", *(_mean_sd(one) for one in columns), *_p_cells(shown))
    ]
    sizes = [len(groups.people[group]) for group in groups.names]
    sizes += [len(groups.overall())] if len(groups.compared) > 1 else []
    absent = [size - len(one) for size, one in zip(sizes, columns, strict=True)]
    if any(absent):
        block.append(("", "missing", *(str(one) for one in absent), None, ""))
    return block, results


def _categorical(groups: _Groups, name: str, seed: int) -> tuple[list[tuple[Cell, ...]], list[Result]]:
    everyone = [one for group in groups.people.values() for one in group]
    known = sorted({str(v) for one in everyone if (v := attribute_of(one, name)) not in (None, "")}, key=str)
    counted = [Counter(_category(one, name) for one in groups.people[group]) for group in groups.names]
    if len(groups.compared) > 1:
        counted.append(Counter(_category(one, name) for one in groups.overall()))
    results: list[Result] = []
    if len(groups.compared) > 1 and known:
        compared = [Counter(_category(one, name) for one in groups.people[g]) for g in groups.compared]
        results = compare_counts([[one[level] for one in compared] for level in known], seed=seed)
    shown = results[-1] if results else None
    block: list[tuple[Cell, ...]] = []
    for index, level in enumerate(known):
        cells = [_share(one[level], one.total()) for one in counted]
        first = index == 0
        block.append((_title(name) if first else "", level, *cells, *_p_cells(shown if first else None)))
    if any(one[""] for one in counted):
        block.append(("", "missing", *(_share(one[""], one.total()) for one in counted), None, ""))
    return block, results


def _acquisition(people: Sequence[Person]) -> Table:
    """One row a centre, scanner, voxel size and reconstruction, most patients first within a centre."""
    found: dict[tuple[str, str, str, str], list[Acquisition]] = {}
    for one in people:
        how = one.acquisition
        key = (one.centre or "not stated", _said(how.scanner), _voxel(how), _said(how.reconstruction))
        found.setdefault(key, []).append(how)
    rows: list[tuple[Cell, ...]] = []
    for key in sorted(found, key=lambda one: (one[0], -len(found[one]), one)):
        mine = found[key]
        time = summarise_values([one.time_per_bed_s for one in mine if one.time_per_bed_s is not None])
        dose = summarise_values([one.dose_mbq for one in mine if one.dose_mbq is not None])
        rows.append((key[0], len(mine), *key[1:], time.mean, time.sd, time.n, dose.mean, dose.sd, dose.n))
    columns = (
        Column("centre", "Centre"),
        Column("n", "Patients", "integer"),
        Column("scanner", "Scanner"),
        Column("voxel_size", "Voxel size", unit="mm"),
        Column("reconstruction", "Reconstruction"),
        Column("time_per_bed_mean_s", "Time per bed, mean", "number", "s", 0),
        Column("time_per_bed_sd_s", "SD", "number", "s", 0),
        Column("time_per_bed_n", "n", "integer"),
        Column("dose_mean_mbq", "Dose, mean", "number", "MBq", 0),
        Column("dose_sd_mbq", "SD", "number", "MBq", 0),
        Column("dose_n", "n", "integer"),
    )
    notes = ("From the DICOM headers; what a header does not say is not stated here.",)
    return Table(
        "acquisition", "Acquisition by centre (Table 1)", columns, tuple(rows), len(people), "patients", notes
    )


def _attribute_names(people: Sequence[Person]) -> list[str]:
    found = {name for one in people for name in one.attributes}
    known = [name for name in TITLES if name in found]
    return known + sorted(found - set(known))


def _is_numeric(name: str, people: Sequence[Person]) -> bool:
    found = [v for one in people if (v := attribute_of(one, name)) not in (None, "")]
    return bool(found) and all(isinstance(one, (int, float)) for one in found)


def _numbers(people: Sequence[Person], name: str) -> list[float]:
    found = [attribute_of(one, name) for one in people]
    return [float(one) for one in found if isinstance(one, (int, float))]


def _category(person: Person, name: str) -> str:
    value = attribute_of(person, name)
    return "" if value is None else str(value)


def _mean_sd(numbers: Sequence[float]) -> str:
    found = summarise_values(numbers)
    if found.mean is None:
        return "–"
    return f"{found.mean:.1f} ({found.sd:.1f})" if found.sd is not None else f"{found.mean:.1f}"


def _share(count: int, total: int) -> str:
    return f"{count} ({100 * count / total:.0f}%)" if total else "–"


def _p_cells(result: Result | None) -> tuple[Cell, Cell]:
    if result is None:
        return None, ""
    return result.p, result.test if result.p is not None else " ".join(result.notes)


def _title(name: str) -> str:
    return TITLES.get(name) or name.replace("_", " ")


def _group_title(name: str, n: int) -> str:
    return f"{name.replace('_', ' ').capitalize()} (N = {n})"


def _comparison(groups: _Groups) -> str:
    return " / ".join(name.replace("_", " ") for name in groups.compared)


def _said(value: str | None) -> str:
    return value or "not stated"


def _voxel(how: Acquisition) -> str:
    if how.voxel_size_xyz_mm is None:
        return "not stated"
    return " × ".join(f"{np.round(one, 3):g}" for one in how.voxel_size_xyz_mm)
