"""A plan laid out: its cases with what they are read against and start from, and every assignment.

The preview shows a layout and the lock stores one, so what is signed is what was seen. Nothing is written.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from annotations.accounts.models import User
from annotations.errors import InvalidInput
from annotations.imaging.geometry import canonical_json
from annotations.reads.allocation import Allocation, Design, Row, allocate, split_strata
from annotations.reads.models import Arm, Assignment, Case, CaseRole, Plan
from annotations.reads.selectors import design_of, rows_in_force
from annotations.segmentations.models import ProducerKind, Version
from annotations.segmentations.selectors import current_measures
from annotations.studies.models import Study, SuvRevision, Volume
from annotations.studies.selectors import (
    current_suv_revision,
    default_ct_volume,
    default_pet_volume,
    with_volumes,
)

PLANTED = "planted_errors"
"""Key of a version's parameters under which its planted errors stand."""


class Burden(NamedTuple):
    ttv_ml: float
    lesion_count: int


class StartOf(NamedTuple):
    """What a case starts from in an arm. state: ready, missing, or not_needed where the arm starts empty."""

    state: str
    version: Version | None
    is_planted: bool


@dataclass(frozen=True)
class CaseOf:
    """One case of a plan. `pet` is None where the study has none, or not the one that is named."""

    number: int
    entry: Mapping[str, Any]
    study: Study | None
    pet: Volume | None
    ct: Volume | None
    suv: SuvRevision | None
    reference: Version | None
    stored: Case | None
    starts: Mapping[str, StartOf]
    burden: Burden | None

    @property
    def key(self) -> str:
        """By its number, so that the same list and seed give the same allocation in any database."""
        return f"{self.number:05d}"


class Planned(NamedTuple):
    """An assignment to be stored, or (kept) one of an earlier version of the plan that was opened."""

    row: Row
    reader: User
    case: CaseOf
    kept: Assignment | None


@dataclass(frozen=True)
class Layout:
    cases: Sequence[CaseOf]
    readers: Sequence[User]
    planned: Sequence[Planned] = ()
    timing_subgroup: frozenset[str] = frozenset()
    strata: Mapping[str, str] = field(default_factory=dict)
    refusal: InvalidInput | None = None

    def digest(self) -> str:
        """sha256 of all that the lock would store of cases and assignments."""
        content = [[_case_content(case) for case in self.cases], [_content(one) for one in self.planned]]
        return hashlib.sha256(canonical_json(content)).hexdigest()


def lay_out(plan: Plan) -> Layout:
    """The layout of a draft or of a locked plan; where it cannot be allocated `refusal` says why."""
    cases = _cases(plan)
    users = User.objects.in_bulk(plan.design["readers"])
    readers = [users[pk] for pk in plan.design["readers"] if pk in users]
    strata = _strata(plan.design, cases)
    try:
        drawn = _allocate(plan.design, cases, readers, strata)
    except InvalidInput as error:
        return Layout(cases, readers, strata=strata, refusal=error)
    planned = _carry_over(plan, cases, readers, drawn.rows)
    return Layout(cases, readers, planned, drawn.timing_subgroup, strata)


def _allocate(
    design: Mapping[str, Any], cases: Sequence[CaseOf], readers: Sequence[User], strata: Mapping[str, str]
) -> Allocation:
    allocation = design["allocation"]
    return allocate(
        Design(
            kind=allocation["kind"],
            seed=allocation["seed"],
            readers=range(len(readers)),
            arms=[arm["key"] for arm in design["arms"]],
            cases=[case.key for case in cases if case.entry["role"] == CaseRole.MAIN],
            training=[case.key for case in cases if case.entry["role"] == CaseRole.TRAINING],
            strata=strata,
            timing_size=design["timing_subgroup"],
            only_timing_crosses=allocation["crossover_cases"] == "timing_subgroup",
            repeated=design["repeats"]["cases"],
            repeat_arm=design["repeats"]["arm"],
        )
    )


def _strata(design: Mapping[str, Any], cases: Sequence[CaseOf]) -> dict[str, str]:
    rule = design["allocation"]["strata"]
    main = [case for case in cases if case.entry["role"] == CaseRole.MAIN]
    if rule["by"] == "none":
        return {}
    burdens: dict[str, float | None] = {}
    for case in main:
        value = case.burden and (case.burden.ttv_ml if rule["by"] == "ttv" else case.burden.lesion_count)
        burdens[case.key] = value if value is None else float(value)
    return split_strata(burdens, split=rule["split"], thresholds=rule["thresholds"])


def _cases(plan: Plan) -> list[CaseOf]:
    entries = plan.design["cases"]
    wanted = [entry["study"] for entry in entries]
    studies = Study.objects.filter(project=plan.reader_study.project_id, pk__in=wanted)
    found = {str(study.pk): study for study in with_volumes(studies)}
    chosen = {entry["study"]: _pet(found.get(entry["study"]), entry["volume"]) for entry in entries}
    versions = _named_versions(entries)
    results = _results([pet for pet in chosen.values() if pet], plan.design["arms"])
    stored = {case.volume_id: case for case in plan.reader_study.cases.all()}
    free = max((case.number for case in stored.values()), default=0)
    cases = []
    for entry in entries:
        study, pet = found.get(entry["study"]), chosen[entry["study"]]
        old = stored.get(pet.pk) if pet else None
        if old is None:
            free += 1
        starts = {arm["key"]: _start(entry, arm, pet, versions, results) for arm in plan.design["arms"]}
        reference = versions.get(entry["reference"] or "")
        cases.append(
            CaseOf(
                number=old.number if old else free,
                entry=entry,
                study=study,
                pet=pet,
                ct=old.ct_volume if old else default_ct_volume(study, pet) if study else None,
                suv=old.suv_revision if old else current_suv_revision(pet) if pet else None,
                reference=reference or (old.reference if old else None),
                stored=old,
                starts=starts,
                burden=_burden(plan.design, reference, starts),
            )
        )
    return cases


def _pet(study: Study | None, volume: str | None) -> Volume | None:
    if study is None:
        return None
    if volume is None:
        return default_pet_volume(study)
    pets = [one for series in study.series.all() if series.modality == "PT" for one in series.volumes.all()]
    return next((one for one in pets if str(one.pk) == volume), None)


def _named_versions(entries: Iterable[Mapping[str, Any]]) -> dict[str, Version]:
    names = [name for one in entries for name in (one["reference"], *one["starts"].values()) if name]
    rows = Version.objects.filter(pk__in=names).select_related("segmentation__volume", "labels", "parent")
    return {str(row.pk): row for row in rows.prefetch_related("measure_sets")}


def _results(volumes: Sequence[Volume], arms: Sequence[Mapping[str, Any]]) -> dict[tuple[Any, str], Version]:
    """The oldest result of each release on each volume."""
    prints = {arm["release_fingerprint"] for arm in arms if arm["release_fingerprint"]}
    rows = Version.objects.filter(
        number=1,
        producer_kind=ProducerKind.MODEL,
        producer_fingerprint__in=prints,
        segmentation__volume__in=volumes,
    )
    rows = rows.select_related("segmentation").prefetch_related("measure_sets")
    found: dict[tuple[Any, str], Version] = {}
    for row in rows.order_by("created_at", "pk"):
        found.setdefault((row.segmentation.volume_id, row.producer_fingerprint), row)
    return found


def _start(
    entry: Mapping[str, Any],
    arm: Mapping[str, Any],
    pet: Volume | None,
    versions: Mapping[str, Version],
    results: Mapping[tuple[Any, str], Version],
) -> StartOf:
    if arm["start"] != Arm.Start.AI:
        return StartOf("not_needed", None, False)
    version = versions.get(entry["starts"].get(arm["key"], ""))
    if version is None and arm["source"] == "release" and pet and arm["key"] not in entry["starts"]:
        version = results.get((pet.pk, arm["release_fingerprint"]))
    if version is None:
        return StartOf("missing", None, False)
    return StartOf("ready", version, PLANTED in version.parameters)


def _burden(
    design: Mapping[str, Any], reference: Version | None, starts: Mapping[str, StartOf]
) -> Burden | None:
    """Of the reference, or of the AI version (a planted one counts as what it was made from)."""
    version = reference
    if design["allocation"]["strata"]["of"] == "ai":
        start = next((one for one in starts.values() if one.version), None)
        version = start.version if start else None
        if start and start.is_planted and version and version.parent:
            version = version.parent
    if version is None:
        return None
    summary = current_measures(version).summary
    return Burden(float(summary["ttv_ml"]), int(summary["lesion_count"]))


def _carry_over(
    plan: Plan, cases: Sequence[CaseOf], readers: Sequence[User], drawn: Sequence[Row]
) -> list[Planned]:
    """The rows to store. An amendment keeps what was opened where it is, and the rest of what was begun
    as it was drawn; a reader and case that nothing was opened of are drawn anew only where the
    allocation itself was changed.
    """
    by_key = {case.key: case for case in cases}
    new = [
        Planned(row._replace(reader=readers[row.reader].pk), readers[row.reader], by_key[row.case], None)
        for row in drawn
    ]
    if plan.amends is None:
        return new
    by_volume = {case.pet.pk: case for case in cases if case.pet}
    by_reader = {user.pk: user for user in readers}
    arms = {arm["key"] for arm in plan.design["arms"]}
    old = list(_rows_before(plan))
    unchanged = _same_allocation(design_of(plan.amends), plan.design)
    touched = {(one.reader_id, one.case.volume_id) for one in old if one.was_opened}  # type: ignore[attr-defined]  # annotation
    planned, known = [], set()
    for one in old:
        pair = (one.reader_id, one.case.volume_id)
        was_opened = bool(one.was_opened)  # type: ignore[attr-defined]  # annotation
        case, reader = by_volume.get(one.case.volume_id), by_reader.get(one.reader_id)
        gone = case is None or reader is None or one.arm.key not in arms or case.entry["role"] != one.role
        if was_opened or (not gone and (unchanged or pair in touched)):
            known.add(pair)
            of = case or _case_of(one.case)
            planned.append(Planned(_row_of(one, of), one.reader, of, one if was_opened else None))
    planned += [one for one in new if one.case.pet and (one.reader.pk, one.case.pet.pk) not in known]
    return _renumber(planned)


def _rows_before(plan: Plan) -> Iterable[Assignment]:
    assert plan.amends is not None
    return rows_in_force(plan.amends).select_related("reader", "arm", "case", "plan")


def _same_allocation(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    def settings(design: Mapping[str, Any]) -> list[Any]:
        keys = [arm["key"] for arm in design["arms"]]
        return [design["allocation"], design["repeats"], design["timing_subgroup"], keys]

    return settings(before) == settings(after)


def _case_of(case: Case) -> CaseOf:
    """A case that an amendment no longer lists, of which something was read."""
    entry = {"study": "", "volume": str(case.volume_id), "reference": None, "role": CaseRole.MAIN.value}
    return CaseOf(
        case.number, entry, None, case.volume, case.ct_volume, case.suv_revision, None, case, {}, None
    )


def _row_of(one: Assignment, case: CaseOf) -> Row:
    return Row(
        reader=one.reader_id,
        case=case.key,
        arm=one.arm.key,
        period=one.period,
        position=one.position,
        repeat=one.repeat,
        role=one.role,
        stratum=one.stratum,
        sequence=one.sequence,
        in_timing_subgroup=one.in_timing_subgroup,
    )


def _renumber(planned: Sequence[Planned]) -> list[Planned]:
    """What is kept has its position; the rest follows it, first what was planned before, then the new."""
    result = [one for one in planned if one.kept]
    last: dict[tuple[int, int], int] = {}
    for one in result:
        place = (one.reader.pk, one.row.period)
        last[place] = max(last.get(place, 0), one.row.position)
    for one in (one for one in planned if not one.kept):
        place = (one.reader.pk, one.row.period)
        last[place] = last.get(place, 0) + 1
        result.append(one._replace(row=one.row._replace(position=last[place])))
    return sorted(result, key=lambda one: (one.reader.pk, one.row.period, one.row.position))


def _case_content(case: CaseOf) -> list[Any]:
    starts = {key: start.version.version_digest for key, start in case.starts.items() if start.version}
    return [
        case.number,
        case.entry["role"],
        case.pet.digest if case.pet else None,
        case.ct.digest if case.ct else None,
        case.suv.digest if case.suv else None,
        case.reference.version_digest if case.reference else None,
        {key: starts[key] for key in sorted(starts) if key in case.entry.get("starts", {})},
    ]


def _content(one: Planned) -> list[Any]:
    return [*one.row, one.kept is not None]
