"""The comparison of two arms over readers and cases: model, permutation, and what it generalises to."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from annotations.statistics.mixed_model import (
    RANDOM_READERS_FROM,
    Design,
    Effect,
    Fit,
    TimedRead,
    design_of,
    fit_model,
)
from annotations.statistics.paired import paired_t
from annotations.statistics.permutation import Permuted, permute_arms
from annotations.statistics.results import Floats, Result, not_computed

MINIMUM_CASES = 4
TEST = "mixed model of log time (REML), p and interval by case-level permutation"
CARRY_OVER = "Carry-over cannot be tested in this design; it is assumed that the wash-out removed it."
TO_CASES = "The result generalises to cases like these, read by these readers; not to other readers."
TO_READERS = "p generalises to cases like these; the t test over readers beside it generalises to readers."


@dataclass(frozen=True)
class Comparison:
    """arm: geometric mean ratio test / control. readers: the same over readers' own mean log ratios
    (generalises to readers; needs five). effects, variances: of the model, None when it could not be fitted.
    """

    arm: Result
    readers: Result
    effects: tuple[Effect, ...] = ()
    variances: tuple[tuple[str, float], ...] = ()


def compare_arms(reads: Sequence[TimedRead], *, seed: int, alpha: float = 0.05) -> Comparison:
    """Reads of two arms, one row a read. Times must be above 0 (the caller drops and counts others)."""
    ordered = sorted(
        reads, key=lambda one: (one.case, one.reader, one.period, one.is_test, one.read_number or 0)
    )
    readers = _over_readers(ordered, alpha)
    cases = {one.case for one in ordered}
    arms = {one.is_test for one in ordered}
    if len(cases) < MINIMUM_CASES or len(arms) < 2:
        why = "one arm only" if len(arms) < 2 else "too few cases for the model"
        return Comparison(not_computed(TEST, len(cases), why), readers)
    ordered = _with_sequences(ordered)
    design = design_of(ordered)
    if design.terms[1:2] != ("arm",) or len(ordered) <= design.matrix.shape[1] + 1:
        return Comparison(not_computed(TEST, len(cases), "the arm cannot be told apart"), readers)
    try:
        fit = fit_model(ordered, design, alpha=alpha)
    except np.linalg.LinAlgError:
        return Comparison(not_computed(TEST, len(cases), "the model has no solution"), readers)
    permuted = permute_arms(ordered, design, fit.covariance, seed=seed, alpha=alpha)
    arm = _arm_result(ordered, permuted, alpha).with_notes(
        *_notes(ordered, design, fit, permuted, alpha, seed)
    )
    return Comparison(arm, readers, fit.effects, fit.variances)


def _with_sequences(reads: Sequence[TimedRead]) -> list[TimedRead]:
    """Without the sequences where there is only one period: they mean nothing then."""
    if len({one.period for one in reads}) > 1:
        return list(reads)
    return [replace(one, sequence="") for one in reads]


def _arm_result(reads: Sequence[TimedRead], permuted: Permuted, alpha: float) -> Result:
    low, high = permuted.ci_low, permuted.ci_high
    return Result(
        test=TEST,
        n=len({one.case for one in reads}),
        estimate_name="geometric mean ratio",
        estimate=float(np.exp(permuted.log_ratio)),
        ci_low=None if low is None else float(np.exp(low)),
        ci_high=None if high is None else float(np.exp(high)),
        level=1 - alpha,
        p=permuted.p,
    )


def _notes(
    reads: Sequence[TimedRead], design: Design, fit: Fit, permuted: Permuted, alpha: float, seed: int
) -> list[str]:
    readers = len({one.reader for one in reads})
    notes = [f"{len(reads)} reads, {readers} readers.", _how(permuted, seed)]
    if not fit.is_converged:
        notes.append("The fit did not converge: read the paired comparison instead.")
    if fit.singular:
        notes.append(f"Singular fit: no variance found for {', '.join(fit.singular)}.")
    if design.dropped:
        notes.append(f"Left out, not to be told apart from the other terms: {', '.join(design.dropped)}.")
    if any(term.startswith("period") for term in design.dropped):
        notes.append(
            "Arm and period are the same here: a change over time cannot be told from the arm's effect."
        )
    if len({one.period for one in reads}) > 1:
        notes.append(CARRY_OVER)
    if permuted.ci_low is None:
        notes.append(f"Too few permutations for a {100 * (1 - alpha):.0f} % interval.")
    notes.append(TO_READERS if readers >= RANDOM_READERS_FROM else TO_CASES)
    return notes


def _how(permuted: Permuted, seed: int) -> str:
    if permuted.is_exact:
        return f"All {permuted.permutations} allocations; p cannot be below {2 / permuted.permutations:.2g}."
    return f"{permuted.permutations} allocations drawn with seed {seed}."


def _over_readers(reads: Sequence[TimedRead], alpha: float) -> Result:
    """t over the readers' own mean log ratios (cases read in both arms first averaged within the reader)."""
    ratios = _reader_ratios(reads)
    test = "t test over readers' mean log ratios"
    if ratios.size < RANDOM_READERS_FROM:
        return not_computed(
            test, int(ratios.size), "fewer than five readers with both arms", n_unit="readers"
        )
    found = paired_t(np.zeros(ratios.size), ratios, alpha=alpha)
    if found.estimate is None or found.ci_low is None or found.ci_high is None:
        return found.named(test=test, n_unit="readers")
    return found.named(
        test=test,
        n_unit="readers",
        estimate_name="geometric mean ratio",
        estimate=float(np.exp(found.estimate)),
        ci_low=float(np.exp(found.ci_low)),
        ci_high=float(np.exp(found.ci_high)),
        notes=(*found.notes, "Generalises to readers like these, on these cases."),
    )


def _reader_ratios(reads: Sequence[TimedRead]) -> Floats:
    found = []
    for reader in sorted({one.reader for one in reads}):
        mine = [one for one in reads if one.reader == reader]
        test = {one.case: np.log(one.seconds) for one in mine if one.is_test}
        control = {one.case: np.log(one.seconds) for one in mine if not one.is_test}
        both = sorted(set(test) & set(control))
        if both:
            found.append(float(np.mean([test[case] - control[case] for case in both])))
        elif test and control:
            found.append(float(np.mean(list(test.values())) - np.mean(list(control.values()))))
    return np.array(found, dtype=np.float64)
