"""钉钉 DingTalk: https://open.dingtalk.com/document/orgapp/obtain-orgapp-token (token), obtain-user-token (sign-in).

Two generations of the API: the old one answers errcode, the new one an HTTP status and a word.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from accounts.outside.calls import Answer, call, post_json
from accounts.platforms import App, PlatformError, checked, lifetime, part, with_token, word

API = "https://oapi.dingtalk.com"
NEW_API = "https://api.dingtalk.com"
SIGN_IN = "https://login.dingtalk.com"
TOKEN_IS_OVER = {"40014", "42001"}
CODE = "authCode"
OF_THE_COMPANY = 0  # contact_type; 1 is an outside contact


def ask(app: App, path: str, data: Mapping[str, Any]) -> Mapping[str, Any]:
    """One POST in the app's name. Raises PlatformError, CallFailed."""

    def use(token: str) -> Mapping[str, Any]:
        answer = post_json(f"{app.base_url or API}{path}", data, query={"access_token": token})
        return checked(answer, "errcode", "errmsg")

    return with_token(app, _token, use, TOKEN_IS_OVER)


def _token(app: App) -> tuple[str, int]:
    query = {"appkey": app.id, "appsecret": app.secret}
    data = checked(call("GET", f"{app.base_url or API}/gettoken", query=query), "errcode", "errmsg")
    return word(data, "access_token"), lifetime(data, "expires_in")


def sign_in_address(app: App, *, back: str, state: str, user_agent: str) -> str:
    query = {"redirect_uri": back, "response_type": "code", "client_id": app.id, "scope": "openid", "state": state}
    return f"{app.base_url or SIGN_IN}/oauth2/auth?{urlencode({**query, 'prompt': 'consent'})}"


def subject_of(app: App, code: str, back: str) -> str:
    """The userid of whoever came back with this code. Raises PlatformError (also for people outside the company)."""
    host = app.base_url or NEW_API
    exchange = {"clientId": app.id, "clientSecret": app.secret, "code": code, "grantType": "authorization_code"}
    token = word(_spoken(post_json(f"{host}/v1.0/oauth2/userAccessToken", exchange)), "accessToken")
    headers = {"x-acs-dingtalk-access-token": token}
    union_id = word(_spoken(call("GET", f"{host}/v1.0/contact/users/me", headers=headers)), "unionId")
    # messages go to the company's own userid, so that is who a person is here, not the openId or unionId
    found = part(ask(app, "/topapi/user/getbyunionid", {"unionid": union_id}), "result")
    if found.get("contact_type") != OF_THE_COMPANY:
        raise PlatformError("stranger")
    return word(found, "userid")


def _spoken(answer: Answer) -> Mapping[str, Any]:
    """The JSON of an answer of the new API, which says by its HTTP status whether it agreed."""
    if answer.status != 200:
        code, message = str(answer.data.get("code", ""))[:40], str(answer.data.get("message", ""))
        raise PlatformError(code, message, status=answer.status)
    return answer.data
