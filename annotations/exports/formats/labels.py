"""Scripts that read the CSV files with variable and value labels: R, SAS and Stata.

Names are at most 32 letters, digits and underscores and no reserved word, as SAS and Stata want them; the
tests hold every column to it. Times stay text in SAS and Stata.
"""

from collections.abc import Iterable, Iterator

from annotations.exports.tables.column import Column, Table

STATA_LABEL, SAS_LABEL = 80, 256
HEAD = "PETReview. Research use only. Run this beside the folder tables/."
R_TYPES = {"integer": "numeric", "number": "numeric"}
SAS_TEXT_LENGTH = 2000


def r_script(tables: Iterable[Table]) -> str:
    return "\n".join([f"# {HEAD}", *(line for table in tables for line in _r_table(table))]) + "\n"


def sas_script(tables: Iterable[Table]) -> str:
    lines = [f"/* {HEAD} */", "options validvarname=v7;"]
    return "\n".join([*lines, *(line for table in tables for line in _sas_table(table))]) + "\n"


def stata_script(tables: Iterable[Table]) -> str:
    lines = [f"* {HEAD}", "version 14", "clear all"]
    return "\n".join([*lines, *(line for table in tables for line in _stata_table(table))]) + "\n"


def label_of(column: Column, longest: int) -> str:
    """The meaning, with the unit; cut at a word where the program allows no more."""
    meaning = column.meaning if column.meaning.endswith("...") else column.meaning.rstrip(".")
    text = meaning + (f" [{column.unit}]" if column.unit else "")
    if len(text) <= longest:
        return text
    return text[: longest - 3].rsplit(" ", 1)[0].rstrip(" ,;:") + "..."


def _r_table(table: Table) -> Iterator[str]:
    """Columns are named by [["name"]]: some are reserved words of R (repeat)."""
    classes = [f'    "{one.name}" = "{R_TYPES.get(one.kind, "character")}"' for one in table.columns]
    yield ""
    yield f'{table.name} <- read.csv("tables/{table.name}.csv", na.strings = "", encoding = "UTF-8",'
    yield "  check.names = FALSE, colClasses = c("
    yield ",\n".join(classes)
    yield "  ))"
    for one in table.columns:
        place = f'{table.name}[["{one.name}"]]'
        if one.kind == "boolean":
            yield f'{place} <- {place} == "true"'
        if one.kind == "time":
            yield f'{place} <- as.POSIXct({place}, format = "%Y-%m-%dT%H:%M:%OSZ", tz = "UTC")'
        if one.values:
            levels = ", ".join(value if _is_number(one) else _r(value) for value in one.values)
            labels = ", ".join(_r(meaning) for meaning in one.values.values())
            yield f"{place} <- factor({place}, levels = c({levels}), labels = c({labels}))"
        yield f'attr({place}, "label") <- {_r(label_of(one, SAS_LABEL))}'


def _r(text: str) -> str:
    """ASCII only, so that the script reads the same in every locale."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(one if one.isascii() else f"\\U{{{ord(one):x}}}" for one in escaped) + '"'


def _sas_table(table: Table) -> Iterator[str]:
    formats = {one.name: f"f{number}_" for number, one in enumerate(table.columns, start=1) if one.values}
    formats = {name: f"{_initials(table.name)}_{key}" for name, key in formats.items()}
    yield ""
    if formats:
        yield "proc format;"
        for one in table.columns:
            if one.values:
                mark = "$" if one.kind == "text" else ""
                yield f"  value {mark}{formats[one.name]}"
                yield from (
                    f"    {_sas(value) if mark else value} = {_sas(meaning)}"
                    for value, meaning in one.values.items()
                )
                yield "  ;"
        yield "run;"
    yield f"data {table.name};"
    yield f"  infile 'tables/{table.name}.csv' dsd dlm=',' firstobs=2 lrecl=1000000"
    yield "    encoding='utf-8' termstr=crlf truncover;"
    yield "  length"
    yield from (f"    {one.name} {_sas_length(one)}" for one in table.columns)
    yield "  ;"
    yield "  input"
    yield from (f"    {one.name}{'' if _is_number(one) else ' $'}" for one in table.columns)
    yield "  ;"
    yield "  label"
    yield from (f"    {one.name} = {_sas(label_of(one, SAS_LABEL))}" for one in table.columns)
    yield "  ;"
    for name, key in formats.items():
        column = next(one for one in table.columns if one.name == name)
        yield f"  format {name} {'$' if column.kind == 'text' else ''}{key}.;"
    yield "run;"


def _initials(name: str) -> str:
    """Of the table: format names are shared by all tables and end in no digit."""
    return "".join(part[:3] for part in name.split("_"))


def _is_number(column: Column) -> bool:
    return column.kind in ("integer", "number")


def _sas_length(column: Column) -> str:
    if _is_number(column):
        return "8"
    return "$5" if column.kind == "boolean" else "$27" if column.kind == "time" else f"${SAS_TEXT_LENGTH}"


def _sas(text: str) -> str:
    doubled = text.replace("'", "''")
    return f"'{doubled}'"


def _stata_table(table: Table) -> Iterator[str]:
    yield ""
    texts = [str(place) for place, one in enumerate(table.columns, start=1) if not _is_number(one)]
    numbers = [str(place) for place, one in enumerate(table.columns, start=1) if _is_number(one)]
    columns = f" stringcols({' '.join(texts)})" if texts else ""
    columns += f" numericcols({' '.join(numbers)})" if numbers else ""
    yield (
        f'import delimited using "tables/{table.name}.csv", clear varnames(1) case(preserve) '
        f'encoding("utf-8") bindquote(strict) maxquotedrows(unlimited) asdouble{columns}'
    )
    for number, one in enumerate(table.columns, start=1):
        yield from _stata_column(one, f"l{number}_")
    yield f'save "{table.name}.dta", replace'


def _stata_column(one: Column, key: str) -> Iterator[str]:
    if one.values and _is_number(one):
        pairs = " ".join(f"{value} {_stata(meaning)}" for value, meaning in one.values.items())
        yield f"label define {key} {pairs}, replace"
        yield f"label values {one.name} {key}"
    elif one.values:
        # Value labels belong to numbers: the text becomes a number, in the order of the code book.
        numbered = list(enumerate(one.values.items(), start=1))
        pairs = " ".join(f"{number} {_stata(meaning)}" for number, (_, meaning) in numbered)
        yield f"label define {key} {pairs}, replace"
        yield "generate byte tmp_ = ."
        yield from (
            f"replace tmp_ = {number} if {one.name} == {_stata(value)}" for number, (value, _) in numbered
        )
        yield f"order tmp_, before({one.name})"
        yield f"drop {one.name}"
        yield f"rename tmp_ {one.name}"
        yield f"label values {one.name} {key}"
    elif one.kind == "boolean":
        yield f'generate byte tmp_ = cond({one.name} == "true", 1, cond({one.name} == "false", 0, .))'
        yield f"order tmp_, before({one.name})"
        yield f"drop {one.name}"
        yield f"rename tmp_ {one.name}"
    yield f"label variable {one.name} {_stata(label_of(one, STATA_LABEL))}"


def _stata(text: str) -> str:
    """Compound quotes hold any quote but the pair that closes them; a backslash keeps ` and $ from starting
    a macro ([U] 18.3)."""
    kept = text.replace("\"'", "''").replace("`", "\\`").replace("$", "\\$")
    return '`"' + kept + "\"'"
