"""Names of a file: found in any spelling, however they are kept, and nobody is found who is somebody else."""

import pytest

from practice.name_index import lists
from practice.name_index.lists import NameList
from practice.names import taken_apart


@pytest.fixture(params=[1 << 14, 8])
def names(request, monkeypatch):
    """Names kept loosely, and kept in sorted arrays that were made one several times."""
    monkeypatch.setattr(lists, "_LOOSE", request.param)
    monkeypatch.setattr(lists, "_MOST_SMALL", 4)
    known = NameList()
    for number in range(60):
        known.add(taken_apart(f"Filler {chr(97 + number % 26)}{chr(97 + number // 26)}ro"), 1000 + number)
    for number, name in enumerate(
        ["Сергей Иванов", "欧阳锋", "Athina Papadopoulou", "Beton AG", "😀", "Serge\u0301i Lemaître"]
    ):
        known.add(taken_apart(name), number)
    return known


@pytest.mark.parametrize(
    ("said", "written", "about"),
    [
        ("Sergei Ivanov", "Сергей Иванов", 0),
        ("IVANOV Sergey", "Сергей Иванов", 0),
        ("Ouyang Feng", "欧阳锋", 1),
        ("歐陽鋒", "欧阳锋", 1),
        ("Αθηνά Παπαδοπούλου", "Athina Papadopoulou", 2),
        ("BETON", "Beton AG", 3),
        ("SERGEI Lemaitre", "Serge\u0301i Lemaître", 5),
    ],
)
def test_a_name_is_found_in_another_spelling(names, said, written, about):
    found = names.find(taken_apart(said))

    assert found is not None
    assert found[:2] == (written, about)


@pytest.mark.parametrize("said", ["Anna Petrova", "Papadopoulos", "王", "x" * 1000, "1" * 400, "!"])
def test_somebody_else_is_not_found(names, said):
    assert names.find(taken_apart(said)) is None


def test_an_empty_list_holds_nobody():
    assert NameList().find(taken_apart("Ana")) is None
