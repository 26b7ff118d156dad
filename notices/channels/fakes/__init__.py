"""Stand-ins for the platforms: one small server that takes and refuses as they do, for tests and the demo.

GET  /__admin            what arrived, to look at
GET  /__admin/messages   the same as JSON: at, platform, to, text, mentioned
GET  /__admin/requests   every request: at, method, path, fault
POST /__admin/fault      {"path": "/robot/send", "kind": "swallow", "times": 1, "seconds": 2}
POST /__admin/clock      {"forward_seconds": 600}
POST /__admin/people     {"wang": "王立群"}: who has an account on the platforms
POST /__admin/switch     {"wechat_permitted": false}: how a platform is set up
POST /__admin/tokens     {}: every access token is over
POST /__admin/reset      {}
"""

from notices.channels.fakes import dingtalk, feishu, hooks, wecom


def configs(base_url: str) -> dict[str, dict[str, str]]:
    """The settings with which each kind of channel speaks to a stand-in at this address."""
    here = {"base_url": base_url}
    return {
        "wecom_robot": {"key": wecom.KEY, **here},
        "dingtalk_robot": {"access_token": dingtalk.TOKEN, "secret": dingtalk.SECRET, **here},
        "feishu_robot": {"token": feishu.TOKEN, "secret": feishu.SECRET, **here},
        "wecom_app": {"corp_id": wecom.CORP_ID, "agent_id": wecom.AGENT_ID, "secret": wecom.APP_SECRET, **here},
        "dingtalk_app": {
            "app_key": dingtalk.APP_KEY,
            "agent_id": dingtalk.AGENT_ID,
            "app_secret": dingtalk.APP_SECRET,
            **here,
        },
        "feishu_app": {"app_id": feishu.APP_ID, "app_secret": feishu.APP_SECRET, **here},
        "webhook": {"url": f"{base_url}/hook", "secret": hooks.SECRET},
        "sms": {"url": f"{base_url}/sms", "secret": hooks.SECRET},
    }
