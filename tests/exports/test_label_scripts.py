"""The scripts for R, SAS and Stata: R runs its own, the others are held to documented limits."""

import re
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from annotations.exports.formats.labels import (
    SAS_LABEL,
    STATA_LABEL,
    label_of,
    r_script,
    sas_script,
    stata_script,
)
from annotations.exports.formats.writers import open_writer
from annotations.exports.study_data import study_data
from annotations.exports.tables import tables_of
from annotations.exports.tables.column import Column, Table
from tests.exports import hand_made
from tests.exports.reading import export, table

LONGEST_NAME = 32
# Stata: [U] 11.3. SAS: names of data sets and automatic variables, which are always between underscores.
STATA_RESERVED = re.compile(
    r"_all|_b|byte|_coef|_cons|double|float|if|in|int|long|_n|_N|_pi|_pred|_rc|_skip|str\d*|strL|using|with"
)
WORST_TEXT = "5 `cm' of $x, \"so\"' it's \\d % & ≥ 2 µm"
COLUMNS = """
for (name in c({names})) {{
  whole <- get(name)
  cat(paste(name, "rows", nrow(whole), "", "", sep = "\\t"), "\\n", sep = "")
  for (one in names(whole)) {{
    x <- whole[[one]]
    label <- enc2utf8(attr(x, "label"))
    cat(paste(name, one, class(x)[1], sum(is.na(x)), label, sep = "\\t"), "\\n", sep = "")
  }}
}}
"""
needs_r = pytest.mark.skipif(shutil.which("Rscript") is None, reason="R is not installed (no Rscript)")


@pytest.fixture
def study():
    return hand_made.make_study()


@pytest.fixture
def tables(study):
    return tables_of(study_data(study))


@pytest.fixture
def folder(study, tmp_path):
    return export(study, tmp_path / "out")


def worst_table() -> Table:
    """Reserved words, quotes, macros and letters beyond ASCII, and empty cells of every kind."""
    rows = [
        ('a, "b"\nc', 0.1 + 0.2, 1, True, datetime(2026, 3, 29, 1, 59, 59, 250000, UTC), 'a"b'),
        (None, None, None, None, None, None),
        ("NA", -1e-7, 2, False, datetime(1999, 12, 31, tzinfo=UTC), "$x"),
    ]
    kinds = [("repeat", "text"), ("function", "number"), ("next", "integer"), ("TRUE", "boolean")]
    columns = [Column(name, kind, "mL", WORST_TEXT, "", str) for name, kind in kinds]  # type: ignore[arg-type]
    columns[2] = Column("next", "integer", "", WORST_TEXT, "", str, values={"1": WORST_TEXT, "2": "two"})
    columns.append(Column("at", "time", "", "x" * 300, "", str))
    columns.append(
        Column("while", "text", "", "R01, R02 ...", "", str, values={'a"b': "A", "$x": WORST_TEXT})
    )
    return Table("worst", "", "", (), tuple(columns), lambda: rows, rows_are_values=True)


def run_r(folder: Path, code: str) -> list[str]:
    """Lines that R prints after it has run the script of the folder; any warning is an error."""
    done = subprocess.run(
        ["Rscript", "--vanilla", "-e", f'options(warn = 2, digits = 17); source("labels.R"); {code}'],
        capture_output=True,
        cwd=folder,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode().splitlines()


@needs_r
@pytest.mark.django_db
class TestInR:
    def test_rows_labels_and_missing_values_of_every_table(self, folder, tables):
        names = ", ".join(f'"{one.name}"' for one in tables)
        found = [tuple(line.split("\t")) for line in run_r(folder, COLUMNS.format(names=names))]
        wanted = []
        for one in tables:
            rows = table(folder, one.name)
            wanted.append((one.name, "rows", str(len(rows)), "", ""))
            for column in one.columns:
                missing = sum(row[column.name] == "" for row in rows)
                label = label_of(column, SAS_LABEL)
                wanted.append((one.name, column.name, r_class(column), str(missing), label))
        assert found == wanted

    def test_values_of_the_reads(self, folder):
        rows = table(folder, "reads_long")
        code = """x <- reads_long
        cat(as.character(x$start), sep = "|"); cat("\n"); cat(levels(x$start), sep = "|"); cat("\n")
        cat(levels(x$score_row)[3], as.integer(x$score_row[1]), x$score_comment[1], sep = "|"); cat("\n")
        cat(format(x$opened_at[1], "%Y-%m-%d %H:%M:%S"), attr(x$opened_at, "tzone"), sep = "|"); cat("\n")
        cat(format(as.numeric(difftime(x$submitted_at, x$opened_at, units = "secs"))), sep = "|"); cat("\n")
        cat(x$is_synthetic, sep = "|"); cat("\n"); cat(x$active_s, sep = "|"); cat("\n")
        """
        start, levels, scores, opened, taken, synthetic, active = run_r(folder, code)
        titles = {"ai": "AI result", "semi_automatic": "semi-automatic method", "empty": "empty"}
        assert start.split("|") == [titles[row["start"]] for row in rows]
        assert levels.split("|") == list(titles.values())
        assert scores == f"acceptable, minor changes|3|'{hand_made.COMMENT}"
        assert opened == "2026-03-02 09:00:00|UTC"
        assert [one.strip() for one in taken.split("|")].count("420") == 3
        assert set(synthetic.split("|")) == {"TRUE"}
        assert active.split("|") == [
            str(int(float(row["active_s"]))) if row["active_s"] else "NA" for row in rows
        ]

    def test_a_study_whose_results_are_masked(self, tmp_path):
        masked = export(hand_made.make_study(data_locked=False), tmp_path / "masked")
        assert run_r(masked, 'cat(nrow(allocation), "start" %in% names(reads_long))') == ["5 FALSE"]


@needs_r
def test_reserved_words_quotes_and_empty_cells_in_r(tmp_path):
    made = worst_table()
    (tmp_path / "tables").mkdir()
    writer = open_writer("csv", tmp_path / "tables" / "worst.csv", made)
    for values in made.values():
        writer.write(values)
    writer.close()
    (tmp_path / "labels.R").write_text(r_script([made]), encoding="ascii")
    (first,) = run_r(
        tmp_path,
        """w <- worst; stopifnot(nrow(w) == 3)
        stopifnot(identical(names(w), c("repeat", "function", "next", "TRUE", "at", "while")))
        stopifnot(all(is.na(w[2, ])), sum(is.na(w)) == 6)
        stopifnot(w[["repeat"]][1] == "a, \\"b\\"\\nc", w[["repeat"]][3] == "NA")
        stopifnot(w[["function"]][1] == 0.1 + 0.2, w[["function"]][3] == -1e-7)
        stopifnot(identical(as.vector(w[["TRUE"]]), c(TRUE, NA, FALSE)))
        stopifnot(as.numeric(w$at)[1] == 1774749599.25, as.numeric(w$at)[3] == 946598400)
        stopifnot(identical(as.character(w[["while"]])[1], "A"))
        stopifnot(attr(w[["while"]], "label") == "R01, R02 ...")
        stopifnot(nchar(attr(w$at, "label")) <= 256)
        cat(enc2utf8(as.character(w[["next"]])[1]))""",
    )
    assert first == WORST_TEXT


def r_class(column: Column) -> str:
    if column.values:
        return "factor"
    classes = {"integer": "numeric", "number": "numeric", "boolean": "logical", "time": "POSIXct"}
    return classes.get(column.kind, "character")


@pytest.mark.django_db
def test_names_are_what_sas_and_stata_allow(tables):
    """At most 32 letters, digits and underscores; SAS does not tell capital letters from small ones."""
    names = [one.name for one in tables]
    for one in (names, *(made.header for made in tables)):
        assert len({name.lower() for name in one}) == len(one)
        for name in one:
            assert re.fullmatch(rf"[A-Za-z][A-Za-z0-9_]{{,{LONGEST_NAME - 1}}}", name), name
            assert not STATA_RESERVED.fullmatch(name), name


@pytest.mark.django_db
class TestSas:
    def test_columns_are_read_in_the_order_of_the_csv(self, tables):
        script = sas_script(tables)
        for one in tables:
            step = script[script.index(f"\ndata {one.name};") :].split("\nrun;", 1)[0]
            inputs = step[step.index("  input\n") :].split("\n  ;", 1)[0].splitlines()[1:]
            assert [line.split()[0] for line in inputs] == one.header
            assert "truncover" in step  # an empty last cell would make SAS read on in the next line
            labels = re.findall(r"^    (\w+) = '((?:[^']|'')*)'$", step, re.MULTILINE)
            assert [name for name, _ in labels] == one.header
            assert max(len(text.replace("''", "'").encode()) for _, text in labels) <= SAS_LABEL

    def test_formats_have_names_of_their_own_that_end_in_no_digit(self, tables):
        script = sas_script(tables)
        marked = re.findall(r"^  value (\$?\w+)$", script, re.MULTILINE)
        assert len({one.lower().lstrip("$") for one in marked}) == len(marked)
        assert all(len(one) <= LONGEST_NAME and not one[-1].isdigit() for one in marked)
        used = re.findall(r"^  format \w+ (\$?\w+)\.;$", script, re.MULTILINE)
        assert sorted(used) == sorted(marked)

    def test_quotes_are_doubled_and_no_macro_is_expanded(self):
        """Between single quotes SAS expands neither & nor %."""
        script = sas_script([worst_table()])
        doubled = WORST_TEXT.replace("'", "''")
        assert f"    1 = '{doubled}'" in script
        assert f"    repeat = '{doubled} [mL]'" in script
        assert not unterminated(re.sub(r"'(?:[^']|'')*'", "", script))


@pytest.mark.django_db
class TestStata:
    def test_labels_fit_and_name_every_variable(self, tables):
        script = stata_script(tables)
        for one in tables:
            part = script[script.index(f'using "tables/{one.name}.csv"') :].split("\nsave ", 1)[0]
            labels = re.findall(r"^label variable (\w+) `\"(.*)\"'$", part, re.MULTILINE)
            assert [name for name, _ in labels] == one.header
            assert max(len(text) for _, text in labels) <= STATA_LABEL
            defined = set(re.findall(r"^label define (\w+) ", part, re.MULTILINE))
            assert all(len(name) <= LONGEST_NAME for name in defined)
            used = re.findall(r"^label values (\w+) (\w+)$", part, re.MULTILINE)
            assert {name for _, name in used} == defined

    def test_text_is_in_compound_quotes_and_starts_no_macro(self):
        r"""\` and \$ are text; the pair that closes compound quotes cannot be escaped and is replaced."""
        script = stata_script([worst_table()])
        inside = "5 \\`cm' of \\$x, \"so'' it's \\d % & ≥ 2 µm"
        assert f'1 `"{inside}"\'' in script
        assert 'if while == `"\\$x"\'' in script
        for line in script.splitlines():
            without = re.sub(r"`\".*?\"'", "", line)
            assert not set("`$") & set(without), line

    def test_a_command_is_one_line(self, tables):
        """No continuation: every line starts with a command or is a comment."""
        known = "version|clear|import|label|generate|replace|order|drop|rename|save"
        for line in filter(None, stata_script([*tables, worst_table()]).splitlines()):
            assert re.match(rf"(\*|({known}) )", line + " "), line


def unterminated(text: str) -> bool:
    return "'" in text or '"' in text


def test_a_label_is_cut_at_a_word():
    long = Column("a", "text", "", "word " * 40, "", str)
    assert label_of(long, STATA_LABEL).endswith("word...")
    assert len(label_of(long, STATA_LABEL)) <= STATA_LABEL
