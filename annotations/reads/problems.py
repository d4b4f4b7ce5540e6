"""What keeps a draft from being locked, and what its coordinator should know before signing."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from annotations.accounts.models import Role, User
from annotations.reads.layout import CaseOf, Layout
from annotations.reads.models import Arm, CaseRole, Plan

ERROR, WARNING = "error", "warning"


class Problem(NamedTuple):
    """field: path in the design. severity: an error keeps the plan from being locked."""

    code: str
    field: str
    message: str
    severity: str = ERROR


def problems_of(plan: Plan, layout: Layout) -> list[Problem]:
    """Errors first."""
    design = plan.design
    found = [
        *_readers(design, layout.readers),
        *_arms(design),
        *_cases(design, layout.cases),
        *_training(design, layout.cases),
        *_second_read(design),
        *_analysis(design),
    ]
    if layout.refusal is not None and design["cases"] and design["readers"] and design["arms"]:
        found.append(Problem("allocation_impossible", "allocation", layout.refusal.message))
    planned = sum(one.row.role == CaseRole.MAIN for one in layout.planned)
    for number, look in enumerate(design["interim_looks"]):
        if planned and look["after_submitted"] > planned:
            text = f"The look is planned after {look['after_submitted']} reads; there are {planned}."
            found.append(Problem("look_too_late", f"interim_looks[{number}].after_submitted", text))
    return sorted(found, key=lambda one: one.severity != ERROR)


def _readers(design: Mapping[str, Any], readers: Sequence[User]) -> Iterator[Problem]:
    if not design["readers"]:
        yield Problem("no_readers", "readers", "The plan names no reader.")
    known = {user.pk: user for user in readers}
    for pk in design["readers"]:
        user = known.get(pk)
        if user is None or not user.is_active:
            yield Problem("reader_unknown", "readers", f"There is no active account {pk}.")
        elif not user.has_role(Role.READER):
            yield Problem("not_a_reader", "readers", f"{user.username} does not have the role reader.")


def _arms(design: Mapping[str, Any]) -> Iterator[Problem]:
    arms = design["arms"]
    if not arms:
        yield Problem("no_arms", "arms", "The plan names no arm.")
    for number, arm in enumerate(arms):
        by_release = arm["start"] == Arm.Start.AI and arm["source"] == "release"
        if by_release and not arm["release_fingerprint"]:
            yield Problem("arm_without_release", f"arms[{number}]", "An AI arm names its model release.")
    tools = {str(sorted(arm["tools"] or [])) for arm in arms}
    if len(tools) > 1:
        text = "The arms differ in their tools as well as in what they start from."
        yield Problem("tools_differ", "arms", text, WARNING)
    if "arm" in design["masked"] and len(tools) > 1:
        yield Problem("arm_visible", "masked", "The tools of an arm show the reader which it is.", WARNING)
    if "arm" in design["masked"] and len({arm["start"] for arm in arms}) > 1:
        text = "A reader sees whether a case starts empty: the arm is masked between AI starts only."
        yield Problem("arm_visible", "masked", text, WARNING)


def _cases(design: Mapping[str, Any], cases: Sequence[CaseOf]) -> Iterator[Problem]:
    if not any(case.entry["role"] == CaseRole.MAIN for case in cases):
        yield Problem("no_cases", "cases", "The plan names no case.")
    seen: set[Any] = set()
    for number, case in enumerate(cases):
        field = f"cases[{number}]"
        if case.study is None:
            yield Problem("case_unknown", field, "There is no such study in this project.")
            continue
        name = case.study.patient.pseudonym
        if case.pet is None:
            yield Problem("case_without_pet", field, f"{name}: there is no such PET to read.")
            continue
        if case.pet.pk in seen:
            yield Problem("case_twice", field, f"{name}: the same PET is listed twice.")
        seen.add(case.pet.pk)
        yield from _versions(design, case, field, name)
    if design["allocation"]["strata"]["by"] != "none":
        unknown = [case.number for case in cases if _is_main(case) and case.burden is None]
        if unknown:
            text = f"The burden of {len(unknown)} case(s) is not known: they are a stratum of their own."
            yield Problem("burden_unknown", "allocation.strata", text, WARNING)
    rule = design["allocation"]["strata"]
    if rule["by"] != "none" and rule["split"] == "thresholds" and not rule["thresholds"]:
        text = "Strata by thresholds need at least one threshold."
        yield Problem("no_thresholds", "allocation.strata.thresholds", text)


def _versions(design: Mapping[str, Any], case: CaseOf, field: str, name: str) -> Iterator[Problem]:
    assert case.pet is not None
    named = case.entry["reference"]
    if named is not None:
        if case.reference is None or case.reference.segmentation.volume_id != case.pet.pk:
            yield Problem("reference_elsewhere", field, f"{name}: the reference is not a version of its PET.")
        elif case.stored and case.stored.reference_id and str(case.stored.reference_id) != named:
            yield Problem("reference_fixed", field, f"{name}: the reference was named and stays.")
    for arm in design["arms"]:
        start = case.starts[arm["key"]]
        if arm["start"] != Arm.Start.AI:
            if arm["key"] in case.entry["starts"]:
                text = f"{name}: only an AI arm starts from a version."
                yield Problem("start_not_used", field, text)
        elif start.version is not None and start.version.segmentation.volume_id != case.pet.pk:
            text = f"{name}: the start of arm {arm['key']} is not a version of its PET."
            yield Problem("start_elsewhere", field, text)
        elif start.state == "missing":
            chosen = arm["source"] == "version" or arm["key"] in case.entry["starts"]
            text = f"{name}: arm {arm['key']} has no {'chosen version' if chosen else 'AI result yet'}."
            yield Problem(
                "start_missing", field, text, ERROR if chosen or _waiting_tells(design) else WARNING
            )
    for key in sorted(set(case.entry["starts"]) - {arm["key"] for arm in design["arms"]}):
        yield Problem("start_not_used", field, f"{name}: there is no arm {key}.")


def _waiting_tells(design: Mapping[str, Any]) -> bool:
    """Between two masked AI starts, the case that has to wait is the one whose release is not done yet."""
    ai_arms = sum(arm["start"] == Arm.Start.AI for arm in design["arms"])
    return ai_arms > 1 and not {"arm", "release"}.isdisjoint(design["masked"])


def _training(design: Mapping[str, Any], cases: Iterable[CaseOf]) -> Iterator[Problem]:
    rule = design["training"]["pass_rule"]
    if rule["kind"] == "completed":
        return
    if rule["minimum"] is None:
        yield Problem("no_pass_minimum", "training.pass_rule.minimum", "The pass rule names no minimum.")
    for case in cases:
        if case.entry["role"] == CaseRole.TRAINING and case.reference is None and case.study:
            name = case.study.patient.pseudonym
            text = f"{name}: a training case is passed against a reference, and it has none."
            yield Problem("training_without_reference", "cases", text)


def _second_read(design: Mapping[str, Any]) -> Iterator[Problem]:
    second = design["second_read"]
    if second["adjudication"] == "none":
        return
    if second["readers"] > len(design["readers"]):
        text = f"Adjudication takes {second['readers']} readers; the plan has {len(design['readers'])}."
        yield Problem("too_few_readers", "second_read.readers", text)
    if second["adjudicator"] in design["readers"]:
        text = "The adjudicator is one of the readers."
        yield Problem("adjudicator_reads", "second_read.adjudicator", text)


def _analysis(design: Mapping[str, Any]) -> Iterator[Problem]:
    analysis = design["analysis"]
    if len(design["arms"]) < 2:
        return
    for key, text in (
        ("hypothesis", "The plan states no hypothesis."),
        ("primary_endpoint", "The plan names no primary endpoint."),
        ("estimand", "The plan states no estimand."),
        ("sample_size", "The plan gives no reason for its number of cases."),
    ):
        if not analysis[key]:
            yield Problem(f"no_{key}", f"analysis.{key}", text, WARNING)
    margin = analysis["noninferiority"]
    if margin["measure"] and margin["margin"] is None:
        yield Problem("no_margin", "analysis.noninferiority.margin", "The margin is not given.")


def _is_main(case: CaseOf) -> bool:
    return bool(case.entry["role"] == CaseRole.MAIN)
