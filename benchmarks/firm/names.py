"""Names of people and companies in six scripts, as a firm between continents meets them."""

from random import Random

GIVEN = {
    "Latn": ("Anna", "Paul", "Marie", "Jonas", "Elena", "Luca", "Sofia", "Hugo", "Greta", "Emil", "Nina", "Oskar"),
    "Cyrl": ("Анна", "Сергей", "Елена", "Иван", "Ольга", "Дмитрий", "Мария", "Алексей", "Наталья", "Павел"),
    "Grek": ("Αθηνά", "Γιώργος", "Ελένη", "Νίκος", "Μαρία", "Κώστας", "Σοφία", "Δημήτρης"),
    "Hani": ("志明", "淑芬", "家豪", "雅婷", "建國", "美玲", "俊傑", "怡君", "偉", "芳"),
    "Arab": ("أحمد", "فاطمة", "محمد", "مريم", "يوسف", "ليلى", "خالد"),
    "Hang": ("민준", "서연", "지훈", "수진", "영호", "은지"),
}
FAMILY = {
    "Latn": ("Ruiz", "Berger", "Novak", "Rossi", "Dubois", "Larsen", "Moreau", "Schmidt", "Keller", "Jansen", "Costa"),
    "Cyrl": ("Иванов", "Смирнова", "Кузнецов", "Попова", "Соколов", "Лебедева", "Козлов", "Новикова", "Морозов"),
    "Grek": ("Παπαδοπούλου", "Νικολάου", "Γεωργίου", "Δημητρίου", "Κωνσταντίνου", "Οικονόμου"),
    "Hani": ("陳", "林", "黃", "張", "李", "王", "吳", "劉", "蔡", "歐陽"),
    "Arab": ("الحسن", "العلي", "المصري", "الشامي", "الخوري"),
    "Hang": ("김", "이", "박", "최", "정", "강"),
}
TRADES = ("Bau", "Logistik", "Metall", "Energie", "Pharma", "Textil", "Beton", "Handel", "Transport", "Medizin")
FORMS = ("GmbH", "AG", "Ltd", "S.A.", "OOO", "Kft", "B.V.", "Co.")
#: How often a script comes, of a hundred.
_SHARES = (("Latn", 55), ("Cyrl", 15), ("Hani", 14), ("Grek", 8), ("Arab", 4), ("Hang", 4))
_TAIL = "aeiou"


def person(number: int, random: Random) -> tuple[str, str]:
    """Return a person's name and its script; names repeat as real ones do, but not too often."""
    script = random.choices([name for name, _ in _SHARES], [share for _, share in _SHARES])[0]
    given, family = random.choice(GIVEN[script]), random.choice(FAMILY[script])
    if script in ("Hani", "Hang"):
        return f"{family}{given}{random.choice(GIVEN[script])[0]}", script
    second = random.choice(GIVEN[script])
    middle = _syllables(number) if script == "Latn" else ""
    return " ".join(part for part in (given, second if second != given else "", f"{family}{middle}") if part), script


def company(number: int, random: Random) -> tuple[str, str]:
    """Return a company's name and its script; no two are the same."""
    return f"{_syllables(number).capitalize()} {random.choice(TRADES)} {random.choice(FORMS)}", "Latn"


def _syllables(number: int) -> str:
    letters = ""
    while True:
        number, rest = divmod(number, 95)
        letters += "bcdfghjklmnprstvwxz"[rest % 19] + _TAIL[rest // 19]
        if not number:
            return letters
