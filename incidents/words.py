"""What the codes of the severity index are called, for pages, exports and the API."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

Words = dict[str, str | Promise]

FACTORS: Words = {"spread": _("Spread"), "influence": _("Influence"), "harm": _("Harm to reputation")}
ITEMS: Words = {
    "volume": _("Posts in 24 hours, reposts folded"),
    "interaction": _("Interactions: reposts, reads or plays"),
    "platforms": _("Platforms"),
    "growth": _("Growth: last hour against the six before"),
    "media": _("Highest tier of media"),
    "hot_list": _("Hot lists"),
    "regulator": _("Attention of regulators"),
    "negative_share": _("Negative share, weighted by engagement (model estimate)"),
    "nature": _("Nature of the matter"),
    "fact_state": _("State of the facts"),
}
MEDIA: Words = {
    "central": _("central media"),
    "national": _("provincial media or national business press"),
    "big_account": _("an account with a million followers or more"),
    "trade": _("trade or city media"),
    "ordinary": _("ordinary accounts"),
    "none": pgettext_lazy("nobody reported", "none"),
}
HOT_LIST: Words = {
    "top_10": _("among the first ten"),
    "top_50": _("among the first fifty"),
    "none": _("on none"),
}
REGULATOR: Words = {
    "case": _("a case or a summons"),
    "inquiry": _("a letter of inquiry"),
    "forwarded": _("a complaint forwarded"),
    "none": pgettext_lazy("no regulator", "none"),
}
NATURE: Words = {
    "grave": _("death or injury, food or drug safety, serious breach of law"),
    "serious": _("pollution, data leak, false accounts, accident"),
    "product": _("product defect, words or deeds of executives"),
    "service": _("service or labour dispute"),
    "complaint": _("ordinary complaint"),
}
FACT_STATE: Words = {
    "confirmed": _("confirmed"),
    "suspected": _("probable"),
    "doubtful": _("doubtful"),
    "refuted": _("refuted"),
}
RED_LINES: Words = {
    "casualties": _("Death, or three or more seriously injured"),
    "central_media": _("Negative report by central media"),
    "regulator_case": _("A regulator opened a case or summoned the company"),
    "unrest": _("Signs of mass unrest, or it may cause social unrest"),
    "serious_breach": _("Suspicion of a serious breach of law or rules"),
    "provincial_media": _("Negative report by provincial media"),
    "hot_list": _("On a hot list"),
    "share_price": _("Unusual movement of the share price"),
    "data_leak": _("Data leak"),
    "big_account": _("An account with a million followers or more speaks against us"),
}
ANSWERS: dict[str, Words] = {
    "media": MEDIA,
    "hot_list": HOT_LIST,
    "regulator": REGULATOR,
    "nature": NATURE,
    "fact_state": FACT_STATE,
}

FILTERS: Words = {
    "neg": _("negative"),
    "media": _("mainstream media"),
    "central": _("central media"),
    "national": _("provincial media or national business press"),
    "trade": _("trade or city media"),
    "ordinary": _("ordinary accounts"),
    "big": _("a million followers or more"),
    "hot": _("on a hot list"),
    "organic": _("without arranged bursts"),
    "arranged": _("in arranged bursts"),
}
CATEGORIES: Words = {
    "casualties": _("death and injury"),
    "food_drug": _("food and drug safety"),
    "enforcement": _("law enforcement"),
    "accident": _("accident"),
    "environment": _("pollution"),
    "leak": _("leak of data"),
    "fraud": _("fraud"),
    "recall": _("recall"),
    "dignity": _("dignity"),
    "arrears": _("arrears"),
    "outage": _("outage"),
    "shutdown": _("shutdown"),
    "outrage": _("outrage"),
}


def in_words(query: Mapping[str, str]) -> list[str]:
    """What the posts page is narrowed to, as tags."""
    only = [str(FILTERS[name]) for name in query.get("only", "").split() if name in FILTERS]
    category = [str(CATEGORIES[query["category"]])] if query.get("category") in CATEGORIES else []
    return [*only, *category, *([query["platform"]] if query.get("platform") else [])]
