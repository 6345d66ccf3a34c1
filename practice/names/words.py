# ruff: noqa: E501  (tables)
"""Words of organisations' names that are translated rather than transliterated: one line a meaning."""

from typing import Final

#: The English word first, then the other languages; Han in simplified form.
_MEANINGS: Final = """
bank banque banco banca banka банк τραπεζα 银行 은행 بنك مصرف
china chinese китай китайский китаиская китаискии κινα 中国 中华 중국 الصين chine cina
russia russian россия россииская россииский росси русский ρωσια 俄罗斯 러시아 روسيا rossiya rossiyskaya
greece greek hellenic греция ελλαδα ελλαδος ελληνικη ελληνικα ελληνικος ελλας 希腊 그리스 اليونان ellas ellados elliniki hellas
korea korean корея κορεα 韩国 한국 대한 كوريا
japan japanese япония ιαπωνια 日本 일본 اليابان nippon nihon
taiwan тайвань ταιβαν 台湾 대만 تايوان
hongkong гонконг 香港 홍콩
europe european европа европеиский ευρωπη ευρωπαικη 欧洲 유럽 اوروبا
america american америка американская αμερικη αμερικανικη 美国 미국 امريكا usa
united объединенная объединенный ηνωμενα 联合 합동 المتحدة
national nationale nacional национальный εθνικη 国家 国立 국립 국민 الوطني الوطنية الاهلي
international internationale internacional международный международная διεθνης 国际 국제 الدولي الدولية الدوليه
industrial industry industries industrie промышленный промышленность βιομηχανια 工业 实业 산업 صناعة الصناعية
commercial commerce trade trading торговый торговая коммерческий εμπορικη εμποριο 工商 商业 商事 贸易 상사 무역 التجاري التجارة
agricultural agriculture сельскохозяиственный αγροτικη 农业 농업 الزراعي الزراعية
construction building строительство строительный строительная строй κατασκευες κατασκευαστικη 建设 建筑 建工 건설 للبناء للانشاءات
investment invest инвест инвестиции инвестиционный επενδυσεις επενδυτικη 投资 투자 الاستثمار للاستثمار
insurance assurance страхование страховая ασφαλεια ασφαλειες ασφαλιστικη 保险 보험 التامين للتامين
securities ценные 证券 증권 للاوراق
group holding groupe gruppe группа холдинг ομιλος 集团 控股 그룹 홀딩스 مجموعة القابضة
technology technologies tech технологии технология τεχνολογια τεχνολογιες 科技 技术 기술 테크 تكنولوجيا للتكنولوجيا
electronics electronic электроника ηλεκτρονικα 电子 전자 للالكترونيات
electric electrical power электрический энергия электро ηλεκτρισμος ηλεκτρικη 电力 电气 电 전력 전기 كهرباء للكهرباء
energy энергетика энергетическая ενεργεια 能源 에너지 الطاقة للطاقة
oil petroleum нефть нефтяная πετρελαια πετρελαιο 石油 石化 석유 정유 نفط للنفط البترول للبترول
gas газ φυσικο αεριο 天然气 燃气 가스 غاز للغاز
steel metal сталь металл χαλυβας 钢铁 特钢 金属 철강 제철 حديد للحديد
chemical chemicals chemistry химия химический χημικα 化工 化学 화학 كيماويات للكيماويات
medicine pharmaceutical pharma pharmacy фарма фармацевтика φαρμακα φαρμακευτικη 医药 制药 药业 제약 ادوية للادوية
automobile motor motors auto automotive авто автомобили автомобильный αυτοκινητα 汽车 자동차 سيارات للسيارات
airlines airline airways aviation авиалинии авиакомпания αεροπορια αερογραμμες αεροπορικη 航空 항공 طيران للطيران الخطوط الجوية
railway railways железные железная σιδηροδρομος 铁路 铁道 철도 سكك
shipping marine maritime морская судоходная пароходство ναυτιλια ναυτιλιακη 海运 航运 船务 해운 ملاحة للملاحة
logistics transport логистика транспорт транспортная μεταφορες 物流 运输 운수 물류 للنقل النقل لوجستيات
telecom telecommunications mobile communications telecommunication связь телеком οτε τηλεπικοινωνιες 电信 通信 移动 통신 텔레콤 اتصالات الاتصالات للاتصالات
media press пресса медиа μεσα 传媒 媒体 미디어 اعلام للاعلام
newspaper news газета εφημεριδα 报业 新闻 신문 جريدة
university университет πανεπιστημιο 大学 대학교 جامعة universidad universitat universite
hospital больница νοσοκομειο 医院 병원 مستشفى
hotel отель гостиница ξενοδοχειο 酒店 饭店 호텔 فندق
food foods продукты пищевая τροφιμα 食品 식품 اغذية للاغذية
property realty estate недвижимость ακινητα 地产 置业 房地产 부동산 عقارات العقارية للعقارات
development развитие αναπτυξη 发展 开发 개발 تنمية للتنمية
life жизнь ζωη 人寿 생명 حياة
peoples people народный народная λαου 人民 인민 الشعب
computer computers компьютер υπολογιστες 电脑 计算机 컴퓨터 كمبيوتر
network networks сеть δικτυο 网络 网 네트워크 شبكة
software программный λογισμικο 软件 소프트웨어 برمجيات
shanghai шанхаи 上海 상하이 شنغهاي
beijing peking пекин πεκινο 北京 베이징 بكين
guangdong guangzhou canton гуанчжоу 广东 广州
shenzhen шэньчжэнь 深圳
moscow москва московская московский μοσχα 莫斯科 모스크바 موسكو moskva moskovskaya
athens афины αθηνων 雅典 아테네 اثينا
london лондон λονδινο 伦敦 런던 لندن
seoul сеул 首尔 서울
"""


def _tables() -> tuple[dict[str, str], dict[str, str], dict[str, str]]:
    spaced: dict[str, str] = {}
    han: dict[str, str] = {}
    hangul: dict[str, str] = {}
    for line in _MEANINGS.strip().splitlines():
        english, *others = line.split()
        for word in (english, *others):
            table = han if "\u3400" <= word[0] <= "\u9fff" else hangul if "\uac00" <= word[0] <= "\ud7a3" else spaced
            table.setdefault(word, english)
    return spaced, han, hangul


SPACED, _HAN, _HANGUL = _tables()
_LONGEST: Final = 4


def split_han(run: str) -> list[tuple[str, str | None]]:
    """Cut a unified run of Han characters into what has a meaning here and what stands between."""
    return _split(run, _HAN)


def split_hangul(run: str) -> list[tuple[str, str | None]]:
    """Cut a word in Hangul into what has a meaning here and what stands between."""
    return _split(run, _HANGUL)


def _split(run: str, table: dict[str, str]) -> list[tuple[str, str | None]]:
    parts: list[tuple[str, str | None]] = []
    at, rest = 0, ""
    while at < len(run):
        for size in range(min(_LONGEST, len(run) - at), 0, -1):
            meaning = table.get(run[at : at + size])
            if meaning is not None:
                if rest:
                    parts.append((rest, None))
                    rest = ""
                parts.append((run[at : at + size], meaning))
                at += size
                break
        else:
            rest += run[at]
            at += 1
    if rest:
        parts.append((rest, None))
    return parts
