"""Central tests against R itself, over random and edge data; skipped by name where R is not installed."""

import shutil
import subprocess

import numpy as np
import pytest

from annotations.statistics.contingency import chi_squared, exact_test
from annotations.statistics.icc import mean_squares
from annotations.statistics.paired import paired_t, wilcoxon_signed_rank
from annotations.statistics.proportions import clopper_pearson
from annotations.statistics.sample_size import paired_power
from annotations.statistics.unpaired import kolmogorov_smirnov, kruskal_wallis, spearman, unpaired_t

pytestmark = pytest.mark.skipif(shutil.which("Rscript") is None, reason="R is not installed (no Rscript)")


def r(expression: str) -> list[float]:
    """The numbers of one R expression."""
    code = f"cat(format(c({expression}), digits = 15), sep = '\\n')"
    done = subprocess.run(
        ["Rscript", "--vanilla", "-e", code], capture_output=True, text=True, check=True, timeout=60
    )
    return [float(line) for line in done.stdout.split()]


def vector(values: np.ndarray) -> str:
    return f"c({', '.join(repr(float(one)) for one in values)})"


@pytest.mark.parametrize("n", [3, 4, 12, 41])
def test_paired_t(n: int) -> None:
    random = np.random.default_rng(n)
    first, second = random.normal(10, 3, n), random.normal(11, 2, n)
    found = paired_t(first, second)
    call = f"t.test({vector(second)}, {vector(first)}, paired = TRUE)"
    expected = r(f"{{x <- {call}; c(x$estimate, x$conf.int, x$statistic, x$p.value)}}")
    ours = [found.estimate, found.ci_low, found.ci_high, found.statistic, found.p]
    assert ours == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("n", [3, 6, 20, 45])
def test_wilcoxon_without_ties_is_exact(n: int) -> None:
    random = np.random.default_rng(n)
    first, second = random.normal(10, 3, n), random.normal(11, 2, n)
    found = wilcoxon_signed_rank(first, second)
    call = f"wilcox.test({vector(second)}, {vector(first)}, paired = TRUE, exact = TRUE)"
    assert [found.statistic, found.p] == pytest.approx(
        r(f"{{x <- {call}; c(x$statistic, x$p.value)}}"), rel=1e-9
    )


@pytest.mark.parametrize(("successes", "n"), [(0, 5), (5, 5), (1, 1), (35, 41), (17, 400)])
def test_proportion_interval(successes: int, n: int) -> None:
    found = clopper_pearson(successes, n)
    assert [found.ci_low, found.ci_high] == pytest.approx(
        r(f"binom.test({successes}, {n})$conf.int"), rel=1e-9
    )


TABLES = [
    [[3, 1], [1, 3]],
    [[0, 5], [6, 1]],
    [[12, 5], [7, 29]],
    [[1, 4], [3, 2], [5, 0]],
    [[29, 3], [75, 32], [6, 6]],
    [[1, 2, 1, 0], [3, 3, 6, 1], [10, 10, 14, 9], [6, 7, 12, 11]],
]


@pytest.mark.parametrize("table", TABLES)
def test_chi_squared_without_correction(table: list[list[int]]) -> None:
    found = chi_squared(table)
    call = f"suppressWarnings(chisq.test({matrix(table)}, correct = FALSE))"
    expected = r(f"{{x <- {call}; c(x$statistic, x$parameter, x$p.value)}}")
    assert [found.statistic, found.df, found.p] == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("table", TABLES[:-1])
def test_fisher_and_freeman_halton(table: list[list[int]]) -> None:
    found = exact_test(table, seed=1)
    assert "Monte Carlo" not in found.test
    assert found.p == pytest.approx(r(f"fisher.test({matrix(table)})$p.value")[0], rel=1e-6)


def test_monte_carlo_is_near_the_exact_p_of_a_large_table() -> None:
    found = exact_test(TABLES[-1], seed=1)
    (expected,) = r(f"fisher.test({matrix(TABLES[-1])})$p.value")
    error = (expected * (1 - expected) / 100_000) ** 0.5
    assert abs(found.p - expected) < 4 * error


@pytest.mark.parametrize("sizes", [(2, 3), (3, 3), (12, 40)])
@pytest.mark.parametrize("decimals", [0, 6])
def test_welch(sizes: tuple[int, int], decimals: int) -> None:
    first, second = two_groups(sizes, decimals)
    found = unpaired_t(first, second)
    expected = r(
        f"{{x <- t.test({vector(second)}, {vector(first)});"
        "c(x$estimate[1] - x$estimate[2], x$conf.int, x$statistic, x$parameter, x$p.value)}"
    )
    ours = [found.estimate, found.ci_low, found.ci_high, found.statistic, found.df, found.p]
    assert ours == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("sizes", [(3, 3, 4), (5, 9, 14), (30, 4, 11)])
@pytest.mark.parametrize("decimals", [0, 6])
def test_kruskal_wallis_with_and_without_ties(sizes: tuple[int, ...], decimals: int) -> None:
    random = np.random.default_rng(sum(sizes))
    groups = [random.normal(10 + place, 3, size).round(decimals) for place, size in enumerate(sizes)]
    found = kruskal_wallis(groups)
    call = f"kruskal.test(list({', '.join(vector(one) for one in groups)}))"
    expected = r(f"{{x <- {call}; c(x$statistic, x$parameter, x$p.value)}}")
    assert [found.statistic, found.df, found.p] == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("n", [5, 9, 41])
@pytest.mark.parametrize("decimals", [0, 6])
def test_spearman_by_the_t_approximation(n: int, decimals: int) -> None:
    """R's own choice without ties is exact; ours is the one R takes with ties, for every n."""
    random = np.random.default_rng(n)
    first = random.normal(10, 2, n)
    second = (first + random.normal(0, 2, n)).round(decimals)
    first = first.round(decimals)
    found = spearman(first, second)
    call = f"cor.test({vector(first)}, {vector(second)}, method = 'spearman', exact = FALSE)"
    assert [found.estimate, found.p] == pytest.approx(
        r(f"{{x <- {call}; c(x$estimate, x$p.value)}}"), rel=1e-8
    )


@pytest.mark.parametrize("sizes", [(3, 4), (7, 7), (20, 33)])
def test_kolmogorov_smirnov_without_ties_is_exact(sizes: tuple[int, int]) -> None:
    first, second = two_groups(sizes, 6)
    found = kolmogorov_smirnov(first, second)
    assert [found.statistic, found.p] == pytest.approx(ks(first, second), rel=1e-8)


@pytest.mark.parametrize("sizes", [(5, 6), (20, 33)])
def test_kolmogorov_smirnov_with_ties_is_conservative(sizes: tuple[int, int]) -> None:
    """R conditions on the ties since 4.2; ours does not, and says that it is conservative."""
    first, second = two_groups(sizes, 0)
    found = kolmogorov_smirnov(first, second)
    distance, p = ks(first, second)
    assert found.statistic == pytest.approx(distance, rel=1e-9)
    assert found.p >= p * (1 - 1e-9)
    assert "conservative" in found.notes[0]


@pytest.mark.parametrize(("cases", "effect", "alpha"), [(3, 0.5, 0.05), (34, 0.5, 0.05), (12, 1.2, 0.01)])
def test_power_of_the_paired_t_test(cases: int, effect: float, alpha: float) -> None:
    """strict: both tails, as ours."""
    for two_sided in (True, False):
        kind = "two.sided" if two_sided else "one.sided"
        call = f"power.t.test(n = {cases}, delta = {effect}, sd = 1, sig.level = {alpha}, type = 'paired',"
        (expected,) = r(f"{call} alternative = '{kind}', strict = TRUE)$power")
        assert paired_power(cases, effect, alpha, two_sided=two_sided) == pytest.approx(expected, rel=1e-7)


@pytest.mark.parametrize("shape", [(3, 2), (6, 4), (41, 3)])
@pytest.mark.parametrize("decimals", [0, 6])
def test_mean_squares_of_the_intraclass_correlation(shape: tuple[int, int], decimals: int) -> None:
    random = np.random.default_rng(shape[0])
    values = (random.normal(10, 3, (shape[0], 1)) + random.normal(0, 1, shape)).round(decimals)
    found = mean_squares(values)
    n, k = shape
    places = f"case <- factor(rep(1:{n}, each = {k})); reader <- factor(rep(1:{k}, {n}))"
    expected = r(
        f"{{y <- {vector(values.ravel())}; {places};"
        "c(summary(aov(y ~ case + reader))[[1]][, 3], summary(aov(y ~ case))[[1]][2, 3])}"
    )
    ours = [found.between_cases, found.between_readers, found.error, found.within_cases]
    assert ours == pytest.approx(expected, rel=1e-9)


def two_groups(sizes: tuple[int, int], decimals: int) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(sum(sizes))
    return random.normal(10, 3, sizes[0]).round(decimals), random.normal(11.5, 2, sizes[1]).round(decimals)


def matrix(table: list[list[int]]) -> str:
    return f"matrix({vector(np.ravel(table))}, nrow = {len(table)}, byrow = TRUE)"


def ks(first: np.ndarray, second: np.ndarray) -> list[float]:
    call = f"ks.test({vector(first)}, {vector(second)}, exact = TRUE)"
    return r(f"{{x <- {call}; c(x$statistic, x$p.value)}}")
