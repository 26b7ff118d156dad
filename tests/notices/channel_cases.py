"""What the tests of all channels share: one line a kind, and a message."""

from notices.channels import Message, channel_named
from notices.models import Urgency

# kind: whom it is sent to, and the address a fault must be done to
KINDS = {
    "wecom_robot": ("", "/cgi-bin/webhook/send"),
    "dingtalk_robot": ("", "/robot/send"),
    "feishu_robot": ("", "/open-apis/bot"),
    "wecom_app": ("wang", "/cgi-bin/message/send"),
    "dingtalk_app": ("wang", "/topapi/message/corpconversation/asyncsend"),
    "feishu_app": ("wang", "/open-apis/im"),
    "webhook": ("", "/hook"),
    "sms": ("13800000001", "/sms"),
}
ROBOTS = ("wecom_robot", "dingtalk_robot", "feishu_robot")
APPS = ("wecom_app", "dingtalk_app", "feishu_app")
LINK = "https://desk.example.com/incidents/7/"


def message(subject: str = "一级事件等待审批", body: str = "周妍提请升级", url: str = LINK, key: str = "k1") -> Message:
    return Message(subject, body, url, Urgency.NOW, key)


def send(kind: str, config: dict[str, str], said: Message | None = None, to: str | None = None) -> str:
    return channel_named(kind).send(config, KINDS[kind][0] if to is None else to, said or message())
