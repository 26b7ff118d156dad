"""企业微信 WeCom: https://developer.work.weixin.qq.com/document/path/91039 (token), 98151 and 98152 (sign-in)."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from accounts.outside.calls import call, post_json
from accounts.platforms import App, PlatformError, checked, lifetime, with_token, word

API = "https://qyapi.weixin.qq.com"
IN_THE_APP = "https://open.weixin.qq.com/connect/oauth2/authorize"
IN_A_BROWSER = "https://login.work.weixin.qq.com/wwlogin/sso/login"
TOKEN_IS_OVER = {"40001", "40014", "42001"}
CODE = "code"  # what the way back carries the code in


def ask(
    app: App, path: str, *, query: Mapping[str, str] | None = None, data: Mapping[str, Any] | None = None
) -> Mapping[str, Any]:
    """One call in the app's name: GET, or POST when there is data. Raises PlatformError, CallFailed."""

    def use(token: str) -> Mapping[str, Any]:
        address, asking = f"{app.base_url or API}{path}", {"access_token": token, **(query or {})}
        answer = call("GET", address, query=asking) if data is None else post_json(address, data, query=asking)
        return checked(answer, "errcode", "errmsg")

    return with_token(app, _token, use, TOKEN_IS_OVER)


def _token(app: App) -> tuple[str, int]:
    query = {"corpid": app.id, "corpsecret": app.secret}
    data = checked(call("GET", f"{app.base_url or API}/cgi-bin/gettoken", query=query), "errcode", "errmsg")
    return word(data, "access_token"), lifetime(data, "expires_in")


def sign_in_address(app: App, *, back: str, state: str, user_agent: str) -> str:
    """Where a browser goes to be recognised: without a word inside the WeCom app, by QR code elsewhere."""
    if "wxwork" in user_agent.lower():
        query = {"appid": app.id, "redirect_uri": back, "response_type": "code", "scope": "snsapi_base"}
        query |= {"state": state, "agentid": app.agent}
        return f"{_host(app, IN_THE_APP)}?{urlencode(query)}#wechat_redirect"
    query = {"login_type": "CorpApp", "appid": app.id, "agentid": app.agent, "redirect_uri": back, "state": state}
    return f"{_host(app, IN_A_BROWSER)}?{urlencode(query)}"


def _host(app: App, address: str) -> str:
    return app.base_url + address[address.index("/", len("https://")) :] if app.base_url else address


def subject_of(app: App, code: str, back: str) -> str:
    """The userid of whoever came back with this code. Raises PlatformError (also for people outside the company)."""
    data = ask(app, "/cgi-bin/auth/getuserinfo", query={"code": code})
    if not data.get("userid"):  # a stranger to the company has an openid only
        raise PlatformError("stranger")
    return word(data, "userid")
