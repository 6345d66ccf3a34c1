# ruff: noqa: E501  (tables)
"""Foreign names written in Han characters: what each character of the usual tables stands for.

Mandarin has few syllables, so a character stands for several foreign ones; the letters here are those
it stands for most often. Compared by consonants, that is enough to find Donald Trump as 唐纳德·特朗普.
"""

from typing import Final

_LETTERS: Final = """
阿 a|埃 e|艾 ei|爱 e|安 an|昂 an|奥 o|澳 o|巴 ba|芭 ba|柏 be|拜 bai|班 ban|邦 bon|保 pau|鲍 bo|贝 be|本 ben|比 bi|彼 pe|毕 bi|宾 bin
|波 po|玻 bo|伯 ber|博 bo|勃 b|布 b|查 cha|察 cha|达 da|戴 dai|丹 dan|当 dan|道 do|德 d|登 den|邓 dun|迪 di|狄 di|蒂 ti|丁 din
|东 don|杜 du|敦 ton|顿 ton|多 do|厄 er|恩 en|尔 r|耳 r|法 fa|凡 van|范 van|梵 van|方 fan|菲 fi|费 fe|芬 fin|冯 von|佛 fo|夫 v|弗 v
|福 fo|富 fu|伏 vo|盖 gai|甘 gan|冈 gan|高 go|戈 go|哥 co|格 g|葛 g|根 gen|贡 gon|古 gu|瓜 gua|圭 gui|哈 ha|海 hai|汉 han|翰 han
|豪 hau|赫 h|黑 hei|亨 hen|洪 hon|侯 ho|胡 hu|华 wa|怀 whi|惠 hui|霍 ho|基 ki|吉 gi|季 di|加 ga|嘉 ga|佳 ka|贾 ja|姬 gi|简 jane
|江 jan|杰 je|捷 che|金 kin|津 gin|京 tin|久 dyu|居 cu|卡 ka|凯 kai|坎 kan|康 con|考 kau|柯 ko|科 ko|可 co|克 k|肯 ken|孔 con
|库 ku|夸 qua|奎 qui|昆 quin|拉 la|莱 lai|赖 lai|兰 lan|朗 ran|劳 lau|勒 l|雷 re|蕾 re|里 ri|理 ri|利 li|莉 li|丽 li|历 ri|立 li|连 len
|廉 liam|列 le|林 lin|琳 lin|隆 lon|龙 ron|卢 lu|鲁 ru|路 lu|露 lu|伦 ron|罗 ro|洛 lo|吕 lu|律 lu|马 ma|玛 ma|迈 mai|麦 mac
|曼 man|芒 mon|毛 mau|茅 mau|梅 me|门 men|蒙 mon|孟 mun|米 mi|密 mi|明 min|缪 mu|摩 mo|莫 mo|默 mer|姆 m|穆 mu|慕 mu|木 m|纳 na|娜 na
|乃 nai|南 nan|内 ne|尼 ni|妮 ni|涅 ne|宁 nin|纽 new|农 non|努 nu|诺 no|欧 o|帕 pa|派 pi|潘 pan|庞 pon|佩 pe|彭 pen|蓬 pom|皮 pi
|匹 pi|平 pin|珀 per|普 p|齐 zi|奇 chi|契 ch|恰 cha|乔 geo|切 che|琼 jon|丘 chu|让 jean|热 je|日 ji|茹 ju|若 jo|萨 sa|塞 se|赛 sai
|桑 san|森 sen|沙 sha|莎 sa|山 san|尚 chan|绍 sho|舍 she|申 shen|圣 san|施 sch|什 sh|石 sh|史 s|士 s|舒 shu|斯 s|丝 s|司 s|思 s
|苏 su|松 son|索 so|塔 ta|泰 ta|坦 tan|汤 tom|唐 don|陶 to|特 t|腾 ten|提 ti|田 ten|廷 tin|通 ton|图 tu|托 to|瓦 va|万 van|旺 wan
|威 wi|维 vi|韦 we|魏 wei|温 win|文 vin|翁 on|沃 wo|乌 u|武 u|吴 u|伍 wo|西 si|希 hi|锡 si|席 shi|夏 sha|香 chan|肖 sho|萧 shaw
|谢 she|辛 sin|欣 hin|兴 hin|休 hu|修 hu|许 hue|逊 son|雪 she|雅 ya|亚 a|扬 yan|杨 jan|耶 ye|叶 ye|伊 i|依 i|因 in|英 in|永 yun
|尤 yu|于 hu|约 jo|约翰 john|扎 za|泽 ze|曾 zen|詹 ja|章 chan|兆 cho|哲 je|珍 jen|朱 ju|卓 cho|兹 z|茨 z|子 ts|宗 zon|佐 zo|措 zo
|内塔 neta|戈尔 gor|迈克尔 michael|詹姆斯 james|查尔斯 charles|乔治 george|彼得 peter|保罗 paul|戴维 david|大卫 david|玛丽 mary
|亨利 henry|威廉 william|让 jean|路易 louis|米歇尔 michel|约瑟夫 joseph|托马斯 thomas|理查德 richard|罗伯特 robert|伊丽莎白 elizabeth
|雅各布 jacob|伯纳德 bernard|安德鲁 andrew|菲利普 philip|史蒂夫 steve|史蒂芬 stephen|斯蒂芬 stephen|休斯 hughes|尼古拉 nicola
|列夫 lev|费奥多尔 fyodor|弗拉基米尔 vladimir|谢尔盖 sergei|叶卡捷琳娜 ekaterina|亚历山大 alexander|伊万 ivan|克里斯 chris
|恺 kai|撒 sa|凯瑟琳 catherine|夏洛 charlo|雅克 jacques|胡安 juan|何塞 jose|豪尔赫 jorge|赫苏斯 jesus|乔瓦尼 giovanni|朱塞佩 giuseppe
|朱利 juli|吉尔 gil|季米特 dimit|捷琳 terin|季莫 timo|祖 zu|佐治 george|咸 ham|碧 bea|碧咸 beckham|侬 non|朴 po|榜 bon|杭 han
|诃 ho|喀 ka|咖 ka|噶 ga|尕 ga|珂 ko|邱 chur|吉尔 chill|丘吉尔 churchill|撒切尔 thatcher|莎士比亚 shakespeare|达芬奇 davinci
|摄 she|厂 chan|爾 r|奈 nai|珊 san|姗 san|黛 dai|薇 vi|娅 ya|妲 da|蔓 man|茜 si|茱 ju|琪 gi|琦 chi|玫 me|菈 la|葆 bo|蕙 hui|荻 di|蓉 ron|芙 f
"""
LETTERS: Final = {
    pair[0]: pair[1]
    for entry in _LETTERS.replace("\n", "").split("|")
    if len(pair := entry.split()) == 2  # noqa: PLR2004
}
_LONGEST: Final = max(map(len, LETTERS))


def latin(run: str) -> str:
    """Return the foreign letters that a unified run of characters stands for, empty when one is not used so."""
    parts: list[str] = []
    at = 0
    while at < len(run):
        for size in range(min(_LONGEST, len(run) - at), 0, -1):
            found = LETTERS.get(run[at : at + size])
            if found is not None:
                parts.append(found)
                at += size
                break
        else:
            return ""
    return "".join(parts)
