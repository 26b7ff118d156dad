"""What the hybrid engine must get right whatever it is trained on. None of these lines is among the training rows."""

import pytest

from opinion.sentiment import engine
from opinion.sentiment.features import fold
from opinion.sentiment.rows import our_rows

CRISES = [
    "某园区实验室爆炸，两名学生死亡",
    "用户数据泄露，五百万条信息被挂网出售",
    "新款婴儿推车存在缺陷，厂家宣布召回",
    "因涉嫌非法集资，公司被立案侦查",
    "门店突然停业，会员卡余额无处可退",
    "工厂拖欠工资半年，工人集体讨薪",
    "幼师虐待儿童，家长愤怒报警",
    "河水变黑发臭，村民举报企业偷排",
    "疫苗被查出过期，家长要说法",
    "电梯坠落，七人受伤送医",
]
DENIED = [
    "网传水厂投毒系谣言，警方已依法处置造谣者",
    "官方辟谣：所谓大桥坍塌为旧视频移花接木",
    "“奶粉致癌”不属实，监管部门回应",
    "关于我司破产的传闻纯属捏造",
    "经核查，未发现食物中毒情况",
    "检测结果显示不含三聚氰胺",
    "公司否认与爆雷平台有任何关联",
]
APOLOGIES = [
    "蓝杉酒店就住客隐私泄露一事致歉",
    "平台发布致歉信：对延误给您造成的不便深表歉意",
    "董事长鞠躬道歉，承诺彻查产品异物",
]
NEGATED_GOOD = ["这件衣服并不好看", "一点都不新鲜", "说实话没有想象中好用", "服务谈不上专业", "完全不值这个价"]
NEGATED_BAD = ["用了一年没坏过", "一点也不卡顿", "没有任何异味", "去了三次从没失望", "这次终于不堵车了，很顺利"]
NEUTRAL = [
    "公司将于十月八日召开临时股东大会",
    "展会地点改为三号馆",
    "明天上午九点开始报名",
    "组织开展地震应急演练",
    "请问发票怎么开",
]
POSITIVE = [
    "师傅上门很快，修得又好，点赞",
    "净利润同比大增，订单饱满",
    "志愿者辛苦了，向你们致敬",
    "好吃到停不下来，下次还来",
]
NEGATIVE = ["排队两小时，态度还差，气死了", "股价跌停，散户又被套牢", "想退款没人理，太失望了", "头疼得睡不着，难受"]


def labels(texts: list[str]) -> dict[str, str]:
    return {text: score.label for text, score in zip(texts, engine("hybrid").score(texts), strict=True)}


def test_a_crisis_is_negative():
    assert labels(CRISES) == dict.fromkeys(CRISES, "neg")


def test_a_grave_term_that_stands_is_never_called_neutral():
    grave = ["四号楼着火", "会议纪要：昨日坍塌", "三季度公告附件之二：立案调查", "周四：坠亡"]
    assert [text for text, label in labels(grave).items() if label == "neu"] == []


def test_an_apology_confirms_the_harm():
    assert labels(APOLOGIES) == dict.fromkeys(APOLOGIES, "neg")


def test_what_is_denied_or_refuted_is_not_negative():
    assert [text for text, label in labels(DENIED).items() if label == "neg"] == []


def test_negation_turns_praise_to_blame():
    values = [score.value for score in engine("hybrid").score(NEGATED_GOOD)]
    assert [text for text, value in zip(NEGATED_GOOD, values, strict=True) if value >= 0.5] == []


def test_negation_turns_blame_to_praise():
    values = [score.value for score in engine("hybrid").score(NEGATED_BAD)]
    assert [text for text, value in zip(NEGATED_BAD, values, strict=True) if value <= 0.5] == []


def test_plain_statements_are_neutral():
    assert labels(NEUTRAL) == dict.fromkeys(NEUTRAL, "neu")


@pytest.mark.parametrize(("texts", "label"), [(POSITIVE, "pos"), (NEGATIVE, "neg")])
def test_plain_feelings_are_read(texts: list[str], label: str):
    assert labels(texts) == dict.fromkeys(texts, label)


def test_these_lines_are_not_trained_on():
    ours = {fold(row.text) for row in our_rows()}
    golden = [*CRISES, *DENIED, *APOLOGIES, *NEGATED_GOOD, *NEGATED_BAD, *NEUTRAL, *POSITIVE, *NEGATIVE]
    assert [text for text in golden if fold(text) in ours] == []
