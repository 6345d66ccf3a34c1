"""Names in any script: read, looked up and compared."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from practice.names import POSSIBLE, SAME, romanised, similar, spoken
from practice.names.grams import MOST_KEYS, keys
from practice.names.han import unify
from practice.names.sound import consonants, sound


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Сергей Иванов", "Sergei Ivanov"),
        ("Сергей Иванов", "Serguei Ivanov"),
        ("Сергей Иванов", "Ivanov S."),
        ("IVANOV Sergey", "Ivanov S."),
        ("J. R. Brown", "John Robert Brown"),
        ("欧阳锋", "歐陽鋒"),
        ("歐陽鋒", "Ouyang Feng"),
        ("習近平", "Xi Jinping"),
        ("鄧小平", "Teng Hsiao-p'ing"),
        ("毛泽东", "Мао Цзэдун"),
        ("김정은", "Kim Jong-un"),
        ("이명박", "Lee Myung-bak"),
        ("Αθηνά Παπαδοπούλου", "Athina Papadopoulou"),
        ("Αθηνά Παπαδοπούλου", "Афина Пападопулу"),
        ("محمد بن سلمان", "Mohammed bin Salman"),
        ("Володимир Зеленський", "Volodymyr Zelenskyy"),
        ("Jürgen Müller", "Juergen Mueller"),
        ("Ｓｅｒｇｅｉ Ｉｖａｎｏｖ", "Sergei Ivanov"),
        ("Serge\u0301i Ivanov", "Sergéi Ivanov"),
        ("\u200fمحمد بن سلمان\u200f", "محمد بن سلمان"),
        ("中国银行", "Bank of China"),
        ("ООО «Ромашка»", "Romashka LLC"),
    ],
)
def test_one_person_s_names_are_the_same(one, other):
    assert similar(one, other).score >= SAME
    assert similar(other, one).score == similar(one, other).score


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Brackley & Moss Solicitors LLP", "Dimitris Alexiou"),
        ("A. B.", "Anna Braun"),
        ("Petr Ivanov", "Pavel Ivanov"),
        ("Ana Ruiz", "Ana Diaz"),
        ("Opponent 1", "Opponent 2"),
        ("王伟", "王芳"),
        ("王伟", "王薇"),
        ("Martin Weber", "Martin Becker"),
        ("Cleo", "Dora"),
        ("😀", "Ana"),
        ("", ""),
    ],
)
def test_other_people_s_names_are_not_enough_to_decide_anything(one, other):
    assert similar(one, other).score < POSSIBLE


@pytest.mark.parametrize(
    ("one", "other", "reason"),
    [
        ("Acme Ltd", "ACME limited", "same_name"),
        ("欧阳锋", "歐陽鋒", "same_characters"),
        ("Sergei Ivanov", "Ivanov Sergey", "other_spelling"),
        ("Ivanov S.", "Sergei Ivanov", "initials"),
        ("Иванов Сергей", "Sergei Ivanov", "other_script"),
        ("王伟", "王薇", "sounds_alike"),
        ("Acme Holding", "Acme", "similar"),
    ],
)
def test_a_match_says_by_what(one, other, reason):
    assert similar(one, other).reason == reason


def test_a_han_name_is_read_in_mandarin_cantonese_korean_and_as_a_foreign_name():
    systems = {reading.system for reading in spoken("李明博").readings}

    assert {"pinyin", "Jyutping", "Sino-Korean"} <= systems
    assert "donnad tranp" in romanised("唐纳德·特朗普")
    assert romanised("单小明")[0].startswith("shan ")


def test_traditional_and_simplified_characters_are_one():
    assert unify("歐陽鋒與國家機關") == unify("欧阳锋与国家机关")


def test_sounds_agree_across_systems():
    assert sound("sergei") == sound("sergey") == sound("serguei") == "SiRKi"
    assert consonants("mohammed") == consonants("muhamad") == "MT"
    assert sound("") == consonants("") == ""


@given(st.text(max_size=80))
def test_anything_can_be_taken_apart_and_is_like_itself(text):
    name = spoken(text)

    assert 1 <= len(keys(name)) <= MOST_KEYS
    assert all(0 <= key < 2**31 for key in keys(name))
    if name.normalised:
        assert similar(text, text).score == 1.0


def test_a_thousand_characters_have_no_more_keys_than_is_good():
    assert len(keys(spoken("Абвгд " * 200))) <= MOST_KEYS
    assert len(keys(spoken("王" * 1000))) <= MOST_KEYS
