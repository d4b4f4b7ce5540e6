"""allocation: one row an assignment of the plan, with the seed it was drawn by."""

from annotations.exports.study_data import StudyData, seed_of
from annotations.exports.tables.column import Column, Reason, Table
from annotations.exports.tables.reads import PLANNED

TAKEN = (
    "reader_study",
    "plan_number",
    "plan_digest",
    "reader",
    "case_number",
    "pseudonym",
    "role",
    "stratum",
    "sequence",
    "in_timing_subgroup",
    "is_planted",
    "arm",
    "start",
    "release",
    "period",
    "position",
    "repeat",
)


OWN = (
    Column(
        "seed",
        "text",
        "",
        "Seed of the allocation: the same seed and plan give the same allocation.",
        "drawn when the plan was made",
        lambda r: None if seed_of(r.plan) is None else str(seed_of(r.plan)),
        (Reason("not_drawn", "the plan draws nothing", lambda r: True),),
        masked_until_lock=True,
    ),
    Column(
        "shown_number",
        "integer",
        "",
        "Number of the case as this reader sees it in this period.",
        "drawn by the seed",
        lambda r: r.assignment.shown_number,
    ),
    Column("assignment", "text", "", "Id of the assignment.", "plan", lambda r: r.assignment.pk),
    Column(
        "plan_of_assignment",
        "integer",
        "",
        "Number of the plan that made the assignment; an earlier one was kept by the amendment.",
        "plan",
        lambda r: r.assignment.plan.number,
    ),
)


def allocation(data: StudyData) -> Table:
    return Table(
        "allocation",
        "Allocation",
        "one assignment of the plan in force",
        ("reader", "period", "position"),
        (*(column for column in PLANNED if column.name in TAKEN), *OWN),
        lambda: (row for row in data.rows if row.is_record),
        explains_gaps=True,
    )
