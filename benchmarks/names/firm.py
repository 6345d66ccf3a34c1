# ruff: noqa: E501, ISC004  (tables of names)
"""Names of a firm's other clients: made up from common names of many countries, the same for the same seed."""

from __future__ import annotations

from random import Random

_CHINESE = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘蔡蒋余于杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾"
    "夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤",
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰建国文志海林金红梅春燕雪冬凤玲云鹏飞龙博宇轩浩然子涵梓欣怡晨曦佳琪雨桐思远俊"
    "豪嘉诚永康德胜利民生荣贵福祥瑞安宁波清泉山川河湖天晓东南西北新光辉亮晶莹洁雅婷婉倩蓉薇琳珊珍珠宝琴棋书画诗",
)
_TRADITIONAL = str.maketrans(
    "张刘陈杨黄赵吴孙马罗郑谢许韩冯邓肖叶苏吕卢钟谭陆范贾韦邹闫龙贺顾龚邵万钱严汤丽强军艳杰涛华兰国红凤云鹏飞轩远豪诚胜荣贵宁晓东"
    "辉莹洁琼宝书画诗",
    "張劉陳楊黃趙吳孫馬羅鄭謝許韓馮鄧蕭葉蘇呂盧鍾譚陸範賈韋鄒閆龍賀顧龔邵萬錢嚴湯麗強軍艷傑濤華蘭國紅鳳雲鵬飛軒遠豪誠勝榮貴寧曉東"
    "輝瑩潔瓊寶書畫詩",
)
_KOREAN = (
    "김이박최정강조윤장임한오서신권황안송류홍전고문손양배백허남심노하곽성차주우구민진지엄채원천방공",
    "민서준지현우진수영호성은혜경아연주희정미선재석훈동욱상철기태윤하나라예린소율도건시유빈채원승환규리",
)
_RUSSIAN = (
    "Смирнов Кузнецов Попов Васильев Петров Соколов Михайлов Новиков Фёдоров Морозов Волков Алексеев Лебедев Семёнов Егоров Павлов Козлов"
    " Степанов Николаев Орлов Андреев Макаров Никитин Захаров Зайцев Соловьёв Борисов Яковлев Григорьев Романов Воробьёв Сергеев Кузьмин Фролов"
    " Александров Дмитриев Королёв Гусев Киселёв Ильин Максимов Поляков Сорокин Виноградов Ковалёв Белов Медведев Антонов Тарасов Жуков Баранов"
    " Филиппов Комаров Давыдов Беляев Герасимов Богданов Осипов Сидоров Матвеев Титов Марков Миронов Крылов Куликов Карпов Власов Мельников"
    " Денисов Гаврилов Тихонов Казаков Афанасьев Данилов Савельев Тимофеев Фомин Чернов Абрамов Мартынов Ефимов Федотов Щербаков Назаров"
    " Калинин Исаев Чернышёв Быков Маслов Родионов Коновалов Лазарев Воронин Климов Филатов Пономарёв Голубев Кудрявцев Прохоров Наумов Потапов"
    " Журавлёв Овчинников Трофимов Леонов Соболев Ермаков Колесников Гончаров Емельянов Никифоров Грачёв Котов Гришин Ефремов Архипов Громов"
    " Кириллов Малышев Панов Моисеев Румянцев Акимов Кондратьев Бирюков Горбунов Анисимов Ерёмин Тихомиров Галкин Лукьянов Михеев Скворцов Юдин"
    " Иванов Шевченко Бондаренко Ткаченко Кравченко Олейник Лысенко Руденко Савченко Петренко",
    "Александр Дмитрий Максим Сергей Андрей Алексей Артём Илья Кирилл Михаил Никита Матвей Роман Егор Арсений Иван Денис Евгений Даниил Тимофей"
    " Владислав Игорь Владимир Павел Руслан Марк Константин Тимур Олег Ярослав Антон Николай Глеб Данил Савелий Вадим Степан Юрий Богдан Артур"
    " Семён Макар Лев Виктор Елисей Виталий Вячеслав Захар Мирон Георгий Пётр Филипп Борис Григорий",
)
_GREEK = (
    "Παπαδόπουλος Παπαγεωργίου Οικονόμου Παπαδάκης Βασιλείου Γεωργίου Παπαϊωάννου Κωνσταντίνου Δημητρίου Ιωάννου Νικολάου Παναγιωτόπουλος"
    " Αλεξίου Χριστοδούλου Καραγιάννης Μακρής Σταυρόπουλος Αγγελόπουλος Παπανικολάου Αθανασίου Θεοδώρου Καλογερόπουλος Σπυρόπουλος Ζαχαρίου"
    " Κυριακίδης Παππάς Ράπτης Σαμαράς Κοντός Λιάπης Μαυρίδης Ξενάκης Πετρίδης Ρούσσος Σιδέρης Τριανταφύλλου Φωτίου Χατζηδάκης Ψαρράς Βλάχος"
    " Γαλάνης Δούκας Ζώης Ηλιόπουλος Θεοδωρίδης Καρράς Λάμπρου Μιχαηλίδης Νικολαΐδης Παυλίδης Σωτηρίου Τσακίρης Φραγκούλης Αντωνίου",
    "Γεώργιος Ιωάννης Κωνσταντίνος Δημήτριος Νικόλαος Παναγιώτης Βασίλειος Χρήστος Αθανάσιος Μιχαήλ Ευάγγελος Σπυρίδων Αντώνιος Αναστάσιος"
    " Θεόδωρος Ανδρέας Χαράλαμπος Αλέξανδρος Εμμανουήλ Ηλίας Σταύρος Πέτρος Σωτήριος Μαρία Ελένη Αικατερίνη Βασιλική Σοφία Αγγελική Γεωργία"
    " Δήμητρα Κωνσταντίνα Ιωάννα Παναγιώτα Άννα Ευαγγελία Χριστίνα Αθηνά Φωτεινή Ευφροσύνη Θεοδώρα Ζωή Καλλιόπη",
)
_ARABIC = (
    "محمود حسن علي إبراهيم يوسف خليل سالم ناصر منصور حمدان الشريف الحسيني العلي الخطيب النجار الحداد القاضي الصالح العمري التميمي الزهراني"
    " الغامدي القحطاني الشمري العتيبي المطيري الدوسري الحربي الشهري العنزي البلوشي الكندي الهاشمي الأنصاري البغدادي المصري الحلبي الشامي"
    " المغربي التونسي بوزيد بن عمر مبارك رمضان شعبان عثمان سليمان جابر فاروق غانم شاهين طه مصطفى حمدي زكي صبري فهمي لطفي",
    "محمد أحمد علي عمر خالد سعيد حسين كريم طارق وليد سامي رامي هاني ماجد فهد سلطان عبدالله عبدالرحمن إبراهيم ياسر أيمن باسم جمال حازم رياض"
    " زياد سمير شريف صلاح عادل عصام فؤاد قاسم كمال مازن نبيل هشام يحيى فاطمة عائشة مريم زينب خديجة ليلى سارة نور هدى سلمى رانيا ياسمين أمل",
)
_WESTERN = (
    "Smith Johnson Williams Brown Jones Garcia Miller Davis Rodriguez Martinez Hernandez Lopez Gonzalez Wilson Anderson Thomas Taylor Moore"
    " Jackson Martin Lee Perez Thompson White Harris Sanchez Clark Ramirez Lewis Robinson Walker Young Allen King Wright Scott Torres Nguyen Hill"
    " Flores Green Adams Nelson Baker Hall Rivera Campbell Mitchell Carter Roberts Schmidt Schneider Fischer Weber Meyer Wagner Becker Schulz"
    " Hoffmann Schäfer Koch Bauer Richter Klein Wolf Schröder Neumann Schwarz Zimmermann Braun Krüger Hofmann Hartmann Lange Dubois Moreau Laurent"
    " Simon Michel Lefebvre Leroy Roux Fournier Girard Bonnet Dupont Lambert Fontaine Rousseau Rossi Russo Ferrari Esposito Bianchi Romano Colombo"
    " Ricci Marino Greco Bruno Gallo Conti Mancini Costa Kowalski Nowak Wójcik Kamiński Zieliński Szymański Woźniak Kozłowski Jankowski Yılmaz Kaya"
    " Demir Çelik Şahin Yıldırım Öztürk Aydın Özdemir Arslan Jansen Visser Bakker Mulder Hansen Johansen Olsen Larsen Andersson Karlsson Nilsson",
    "James Mary Robert Patricia John Jennifer Michael Linda David Elizabeth William Barbara Richard Susan Joseph Jessica Thomas Sarah Charles Karen"
    " Daniel Nancy Matthew Lisa Anthony Betty Mark Sandra Paul Ashley Steven Emily Andrew Donna Joshua Michelle Kenneth Carol Kevin Amanda Brian"
    " Hans Peter Wolfgang Jürgen Klaus Uwe Sabine Ursula Monika Pierre Jean Michel Philippe Nathalie Isabelle Sophie Marco Giuseppe Giovanni Paolo"
    " Francesca Chiara José Antonio Manuel Carmen Dolores Piotr Krzysztof Andrzej Agnieszka Katarzyna Mehmet Mustafa Ayşe Fatma Emre Lars Sven Ingrid",
)
_PINYIN = (
    "Wang Li Zhang Liu Chen Yang Huang Zhao Wu Zhou Xu Sun Ma Zhu Hu Guo He Gao Lin Luo Zheng Liang Xie Song Tang Han Feng Deng Cao Peng Zeng"
    " Tsai Hsu Chang Chen Lin Wong Chan Cheung Lau Leung Kwok Yip Ng",
    "wei fang na min jing li qiang lei jun yang yong yan jie juan tao ming chao xiu xia ping gang gui ying hua yu lan jian guo wen zhi hai jin hong"
    " mei chun yan xue feng ling yun peng fei long bo xuan hao ran zi han xin yi chen xi jia qi si yuan",
)
_ROMAJA = (
    "Kim Lee Park Choi Jung Kang Cho Yoon Jang Lim Han Oh Seo Shin Kwon Hwang Ahn Song Ryu Hong Jeon Ko Moon Son Yang Bae",
    "min seo jun ji hyun woo jin soo young ho sung eun hye kyung ah yeon joo hee jung mi sun jae seok hoon dong wook sang chul ki tae yoon ha na",
)
_COMPANY = (
    "Nord Süd Atlas Orion Delta Vega Baltic Alpine Global Prime Star Union Euro Trans Inter Terra Aqua Solar Metro Omega Sigma Titan Apex Zenith"
    " Helios Aurora Phoenix Neptun Merkur Polar Arctic Pacific Continental Imperial Royal Central Standard Modern Vector Quantum Fortuna Victoria",
    "Logistik Trading Consult Invest Immobilien Bau Energie Technik Medical Pharma Food Textil Marine Shipping Software Systems Capital Finance"
    " Insurance Motors Electronics Steel Chemie Paper Media Print Tours Hotels Retail Services Engineering Power Gas Metall Agro Holding",
    "GmbH AG Ltd LLC S.A. S.r.l. B.V. Sp. z o.o. Inc. Oy AB",
    "Ромашка Восток Запад Север Юг Альянс Прогресс Строй Торг Транс Гарант Лидер Вектор Спектр Импульс Авангард Горизонт Кристалл Маяк Рассвет Заря"
    " Парус Орион Атлант Сигма Дельта Омега Меркурий Юпитер Сатурн",
    "Инвест Строй Сервис Трейд Логистик Маркет Групп Финанс Авто Пром Нефть Газ Энерго Металл Лес Агро Фарма Мед Тур Софт",
    "华东 华南 华北 中原 长江 黄河 泰山 天山 东海 南海 金龙 金鼎 宏达 宏远 恒通 恒丰 鑫源 鑫达 瑞丰 瑞祥 德隆 德信 兴业 兴隆 永安 永盛 顺达 顺通 嘉华 嘉德 盛世 盛大 天成 天宇 新世纪 新时代",
    "科技 贸易 实业 投资 建设 建筑 物流 食品 医药 电子 汽车 能源 化工 纺织 机械 房地产 传媒 旅游 保险 信息技术",
    "有限公司 股份有限公司 集团有限公司 有限责任公司",
)


def names(count: int, *, seed: int = 1) -> list[str]:
    """Return so many different names in many scripts, people three times as often as companies."""
    chance = Random(seed)
    makers = (_chinese, _chinese, _korean, _russian, _russian, _greek, _arabic, _western, _western, _latin_east)
    found: dict[str, None] = {}
    while len(found) < count:
        made = _company(chance) if chance.random() < 0.25 else chance.choice(makers)(chance)
        found[made] = None
    return list(found)


def _chinese(chance: Random) -> str:
    given = "".join(chance.choices(_CHINESE[1], k=chance.choice((1, 2, 2, 2))))
    name = chance.choice(_CHINESE[0]) + given
    return name.translate(_TRADITIONAL) if chance.random() < 0.4 else name


def _korean(chance: Random) -> str:
    return chance.choice(_KOREAN[0]) + "".join(chance.choices(_KOREAN[1], k=2))


def _russian(chance: Random) -> str:
    surname, given = chance.choice(_RUSSIAN[0].split()), chance.choice(_RUSSIAN[1].split())
    patronymic = chance.choice(("", "", f" {chance.choice(_RUSSIAN[1].split())}ович"))
    return chance.choice((f"{given} {surname}", f"{surname} {given}{patronymic}"))


def _greek(chance: Random) -> str:
    return f"{chance.choice(_GREEK[1].split())} {chance.choice(_GREEK[0].split())}"


def _arabic(chance: Random) -> str:
    parts = chance.choices(_ARABIC[1].split(), k=chance.choice((1, 1, 2)))
    return " ".join([*parts, chance.choice(_ARABIC[0].split())])


def _western(chance: Random) -> str:
    return f"{chance.choice(_WESTERN[1].split())} {chance.choice(_WESTERN[0].split())}"


def _latin_east(chance: Random) -> str:
    surnames, syllables = chance.choice((_PINYIN, _ROMAJA))
    joint = chance.choice(("", "-", " "))
    return f"{chance.choice(surnames.split())} {joint.join(chance.choices(syllables.split(), k=2)).capitalize()}"


def _company(chance: Random) -> str:
    kind = chance.randrange(3)
    if kind == 0:
        form = chance.choice(("GmbH", "AG", "Ltd", "LLC", "S.A.", "S.r.l.", "B.V.", "Sp. z o.o.", "Inc.", "Oy", "AB"))
        return f"{chance.choice(_COMPANY[0].split())} {chance.choice(_COMPANY[1].split())} {chance.randrange(2, 99)} {form}"
    if kind == 1:
        return (
            f"ООО «{chance.choice(_COMPANY[3].split())}{chance.choice(_COMPANY[4].split())}-{chance.randrange(2, 99)}»"
        )
    place = chance.choice(
        ["北京", "上海", "广州", "深圳", "天津", "重庆", "杭州", "南京", "武汉", "成都", "西安", "青岛", "大连", "厦门"]
    )
    return f"{place}{chance.choice(_COMPANY[5].split())}{chance.choice(_COMPANY[6].split())}{chance.choice(_COMPANY[7].split())}"
