"""Reading CSV and XLSX row by row, and writing both, with memory that does not grow with the file.

Nothing in a file is trusted: bytes in another encoding, quotes that never close, formulas and archives that
unpack to more than they should are told, not guessed.
"""

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any, BinaryIO, Final, NamedTuple

from practice.exchange.errors import FileUnreadable

#: What people's spreadsheets save in, beside UTF-8 with or without its mark and UTF-16 with one.
ENCODINGS: Final = (
    "utf-8", "utf-16", "windows-1250", "windows-1251", "windows-1252", "windows-1253", "iso-8859-1", "iso-8859-5",
    "iso-8859-7", "koi8-r", "gb18030", "big5", "shift_jis", "euc-kr",
)  # fmt: skip
_LONGEST_CELL: Final = 20_000
_LONGEST_LINE: Final = 1_000_000
_MOST_COLUMNS: Final = 100
#: An XLSX unpacks to no more: two million cells of text take a tenth of it.
_MOST_UNPACKED: Final = 1024 * 1024 * 1024
#: Shared texts are the one part that is held in memory.
_MOST_SHARED: Final = 256 * 1024 * 1024
#: What a spreadsheet takes for a formula when a cell begins with it.
FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")


class Flaw(NamedTuple):
    """What is wrong with one cell, or with a whole row (``column`` is empty)."""

    column: str
    code: str
    value: str = ""


@dataclass(slots=True)
class Row:
    """One row as it was read; ``number`` is the one a spreadsheet shows, the first row being 1."""

    number: int
    cells: list[str]
    #: Places of the cells that are formulas, and of those with bytes of another encoding.
    formulas: set[int] = field(default_factory=set)
    undecoded: set[int] = field(default_factory=set)
    #: Why the row could not be read at all.
    broken: str | None = None


def rows(stream: BinaryIO, *, encoding: str = "utf-8") -> Iterator[Row]:
    """Yield the rows of a CSV or XLSX file, the column names first; empty rows are left out.

    Raises:
        FileUnreadable: it is neither, or not in this encoding from its first row on.
    """
    if encoding not in ENCODINGS:
        raise FileUnreadable("encoding", f"The encoding {encoding[:40]} is not read here.")
    start = stream.read(4)
    stream.seek(0)
    if not start:
        raise FileUnreadable("file", "The file is empty.")
    found = _of_xlsx(stream) if start.startswith(b"PK") else _of_csv(stream, encoding, start)
    return (row for row in found if row.broken is not None or any(row.cells) or row.formulas)


def write_csv(names: Sequence[str], found: Iterable[Sequence[str | None]]) -> Iterator[bytes]:
    """Yield a CSV file as spreadsheets open it: UTF-8 with its mark, no cell that could be a formula."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    yield b"\xef\xbb\xbf"
    writer.writerow(names)
    for number, cells in enumerate(found, 1):
        writer.writerow([neutral(cell) for cell in cells])
        if number % 200 == 0:
            yield _taken(buffer)
    yield _taken(buffer)


def write_xlsx(target: BinaryIO, title: str, names: Sequence[str], found: Iterable[Sequence[str | None]]) -> None:
    """Write a workbook of texts, row by row; no cell is a formula."""
    import openpyxl  # noqa: PLC0415 - most processes never see a spreadsheet, and all would wait for it at the start

    book = openpyxl.Workbook(write_only=True)
    sheet: Any = book.create_sheet(title)
    sheet.append(list(names))
    for cells in found:
        sheet.append([_printable(neutral(cell)) for cell in cells])
    book.save(target)


def neutral(cell: str | None) -> str:
    """Return a text that no spreadsheet takes for a formula: an apostrophe stands before what looks like one."""
    text = cell or ""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def plain(cell: str) -> str:
    """Return what ``neutral`` was given."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(FORMULA_STARTS) else cell


def _taken(buffer: io.StringIO) -> bytes:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text.encode()


def _printable(text: str) -> str:
    """Leave out control characters, which XML does not have."""
    return "".join(one for one in text if one >= " " or one in "\t\n\r")


# CSV ----------------------------------------------------------------------------------------------


def _of_csv(stream: BinaryIO, encoding: str, start: bytes) -> Iterator[Row]:
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = "utf-16"
    elif encoding == "utf-8":
        encoding = "utf-8-sig"
    errors = "strict" if encoding == "utf-16" else "surrogateescape"
    text = io.TextIOWrapper(stream, encoding=encoding, errors=errors, newline="")
    lines = _Lines(text)
    try:
        first = lines.peek()
        if "\x00" in first:
            raise FileUnreadable("file", "It is not text in the encoding that was named.")
        delimiter = max(",;\t|", key=first.count)
        yield from _records(lines, delimiter)
    except UnicodeError as broken:
        raise FileUnreadable("file", f"It is not {encoding} throughout.") from broken
    finally:
        if not text.closed:
            text.detach()  # or the caller's file is closed with it


class _Lines:
    """The lines of a text, with one looked at ahead; a line without end is cut."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text
        self._ahead: str | None = None

    def peek(self) -> str:
        self._ahead = self._text.readline(_LONGEST_LINE)
        return self._ahead

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line, self._ahead = self._ahead, None
        if line is None:
            line = self._text.readline(_LONGEST_LINE)
        if not line:
            raise StopIteration
        return line.replace("\x00", "\ufffd")


def _records(lines: _Lines, delimiter: str) -> Iterator[Row]:
    """Yield the records; after one that cannot be read a new reader goes on with the line after it."""
    number = 0
    while True:
        reader = csv.reader(lines, delimiter=delimiter, strict=True)
        while True:
            number += 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as broken:
                yield Row(number, [], broken=str(broken)[:200])
                break
            yield _row(number, cells)


def _row(number: int, cells: list[str]) -> Row:
    if len(cells) > _MOST_COLUMNS:
        return Row(number, [], broken=f"more than {_MOST_COLUMNS} cells")
    row = Row(number, [cell.strip() for cell in cells])
    for place, cell in enumerate(row.cells):
        if len(cell) > _LONGEST_CELL:
            return Row(number, [], broken=f"a cell of more than {_LONGEST_CELL} characters")
        if any("\ud800" <= one <= "\udfff" for one in cell) or "\ufffd" in cell:
            row.undecoded.add(place)
            row.cells[place] = cell.encode("ascii", "backslashreplace").decode()
        elif is_formula(cell):
            row.formulas.add(place)
        else:
            row.cells[place] = plain(cell)
    return row


def is_formula(cell: str) -> bool:
    """Say whether a spreadsheet would take a text for a formula; numbers and telephone numbers are none."""
    if not cell.startswith(("=", "@", "+", "-")):
        return False
    return cell[0] in "=@" or not all(one.isdigit() or one in " .,()/-" for one in cell[1:])


# XLSX ---------------------------------------------------------------------------------------------


def _of_xlsx(stream: BinaryIO) -> Iterator[Row]:
    import openpyxl  # noqa: PLC0415 - as above
    from openpyxl.utils.exceptions import InvalidFileException  # noqa: PLC0415

    _require_harmless(stream)
    try:
        book: Any = openpyxl.load_workbook(stream, read_only=True, data_only=False, keep_links=False)
        sheet: Any = book.worksheets[0]
        for number, cells in enumerate(sheet.iter_rows(), 1):
            yield _row_of_xlsx(number, list(cells))
    except FileUnreadable:
        raise
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, IndexError, TypeError, SyntaxError) as odd:
        raise FileUnreadable("file", f"It is no workbook: {str(odd)[:120]}") from odd


def _require_harmless(stream: BinaryIO) -> None:
    try:
        with zipfile.ZipFile(stream) as archive:
            parts = archive.infolist()
    except zipfile.BadZipFile as broken:
        raise FileUnreadable("file", "It is neither text nor a workbook.") from broken
    stream.seek(0)
    shared = sum(part.file_size for part in parts if part.filename.lower().endswith("sharedstrings.xml"))
    if sum(part.file_size for part in parts) > _MOST_UNPACKED or shared > _MOST_SHARED:
        raise FileUnreadable("file", "The workbook unpacks to more than is read here; save it as CSV.")


def _row_of_xlsx(number: int, cells: list[Any]) -> Row:
    if len(cells) > _MOST_COLUMNS and any(cell.value is not None for cell in cells[_MOST_COLUMNS:]):
        return Row(number, [], broken=f"more than {_MOST_COLUMNS} cells")
    texts = [_text_of(cell.value) for cell in cells[:_MOST_COLUMNS]]
    formulas = {place for place, cell in enumerate(cells[:_MOST_COLUMNS]) if getattr(cell, "data_type", "") == "f"}
    row = Row(number, texts, formulas)
    for place, text in enumerate(texts):
        if len(text) > _LONGEST_CELL:
            return Row(number, [], broken=f"a cell of more than {_LONGEST_CELL} characters")
        if place not in formulas:
            if is_formula(text):
                formulas.add(place)
            row.cells[place] = plain(text)
    return row


def _text_of(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()
