"""Stand-ins for WeChat, Weibo and a website that takes webhooks, beside those of the chat platforms.

They share server, clock and faults of `notices.channels.fakes`; what is published can be opened in a browser at
/s/ (articles), /u/ (posts) and /site/. Switches (POST /__admin/switch), with what they are without one:

wechat_listed true        the caller's address is on the list (else 40164)
wechat_permitted true     the account may publish by interface (else 48001)
wechat_code 0             every call is refused with this code: 45009, 45011, -1
wechat_polls 2            how often "publishing" is answered before the verdict
wechat_verdict 0          2, 3, 4: not published; 0: published
wechat_gone 0             5, 6: what was published is deleted, or banned
wechat_pushes 4           pushes left
wechat_callback ""        where the verdict is sent, twice, and a strange one before it
weibo_domain ""           the one host a post may link to
weibo_over false          the authorisation has ended (21327)
weibo_code 0              every post is refused with this code
"""

from response.channels.fakes import site, wechat, weibo

ROUTES = {**wechat.ROUTES, **weibo.ROUTES, **site.ROUTES}


def configs(base_url: str) -> dict[str, dict[str, str]]:
    """The settings with which each account speaks to a stand-in at this address, under CHANNEL_BASE_URL."""
    return {
        "wechat": {
            "app_id": wechat.APP_ID,
            "secret": wechat.SECRET,
            "callback_token": wechat.CALLBACK_TOKEN,
            "cover": wechat.COVER,
            "account_type": "service",
        },
        "weibo": {"access_token": weibo.TOKEN, "uid": weibo.UID, "operator_ip": "203.0.113.7"},
        "cms": {"url": f"{base_url}/site", "secret": site.SECRET},
    }
