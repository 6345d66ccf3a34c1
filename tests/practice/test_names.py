"""When two names are written the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from practice.parties.names import fold, normalise


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Acme Ltd.", "ACME  limited"),
        ("Müller GmbH & Co. KG", "muller"),
        ("Müller GmbH & Co. KG", "Mu\u0308ller Gmbh und Co KG".replace("und", "&")),
        ("Smith & Sons", "SMITH and sons"),
        ("O’Brien", "O'Brien"),
        ("O'Brien", "OBrien"),
        ("Jean-Pierre Dupont", "jean pierre DUPONT"),
        ("Banco, S.A.", "Banco S A"),
        ("Παπαδόπουλος Γεώργιος", "ΠΑΠΑΔΌΠΟΥΛΟΣ ΓΕΏΡΓΙΟΣ"),
        ("Παπαδόπουλος", "παπαδοπουλοσ"),
        ("Έργα Α.Ε.", "ΕΡΓΑ ΑΕ"),
        ("ООО «Ромашка»", "Ромашка"),
        ("Общество с ограниченной ответственностью «Ромашка»", "ООО Ромашка"),
        ("Семён Ёлкин", "СЕМЕН ЕЛКИН"),
        ("北京 华为 有限公司", "北京华为"),
        ("ＡＣＭＥ", "acme"),
        ("Straße", "STRASSE"),
        ("Łódź Sp. z o.o.", "lodz"),
        ("İstanbul", "istanbul"),
        ("Ana\u00a0Ruiz", "Ana Ruiz"),
    ],
)
def test_names_that_differ_only_in_writing_are_the_same(one, other):
    assert normalise(one) == normalise(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ann Asmith", "Anna Smith"),
        ("王伟", "王芳"),
        ("Иванов Иван", "Иванова Ивана"),
        ("Ivanov", "Иванов"),
        ("Acme", "Acme Holding"),
        ("かぎ", "がぎ"),
    ],
)
def test_names_that_sound_or_look_alike_are_not_the_same(one, other):
    assert normalise(one) != normalise(other)


@pytest.mark.parametrize("name", ["GmbH", "ООО", "有限公司", "Ltd", "The Company"])
def test_a_name_made_of_a_legal_form_keeps_something_to_compare(name):
    assert normalise(name)


@pytest.mark.parametrize("nothing", ["", "  ", "!?", "--", "\u200b"])
def test_nothing_but_punctuation_is_no_name(nothing):
    assert normalise(nothing) == ""


@given(st.text(max_size=60))
def test_normalising_again_changes_nothing_that_can_be_seen(text):
    once = fold(text)

    assert fold(once) == once
    assert once == once.strip()


@given(st.text(alphabet=st.characters(whitelist_categories=("L",)), min_size=1, max_size=30))
def test_case_never_matters(name):
    assert fold(name.upper()) == fold(name.upper().lower().upper())
