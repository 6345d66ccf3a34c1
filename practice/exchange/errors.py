"""What imports and exports refuse as a whole; what is wrong with single rows is listed, not raised."""

from dataclasses import dataclass

from engine.errors import Conflict, Invalid, NotFound


@dataclass(eq=False, repr=False)
class ListUnknown(NotFound):
    """There is no such list to import or export."""

    code = "list_unknown"
    kind: str


@dataclass(eq=False, repr=False)
class FileUnreadable(Invalid):
    """The file cannot be read as a table: send CSV or XLSX with the column names in the first row."""

    code = "file_unreadable"
    field: str
    reason: str


@dataclass(eq=False, repr=False)
class ColumnsWrong(Invalid):
    """The first row names columns that there are not, names one twice, or leaves out one that is needed."""

    code = "columns_wrong"
    field: str
    missing: list[str]
    unknown: list[str]


@dataclass(eq=False, repr=False)
class RowsHaveProblems(Conflict):
    """Nothing was imported, because rows have problems: mend them, or check the file to list them all."""

    code = "rows_have_problems"
    rows: int
    problems: int
    #: Row, column and code of the first one.
    first: str
