"""飞书 Feishu: https://open.feishu.cn/document, authentication-management (tokens), authen/v1 (sign-in)."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from accounts.outside.calls import call, post_json
from accounts.platforms import App, checked, lifetime, part, with_token, word

API = "https://open.feishu.cn"
SIGN_IN = "https://accounts.feishu.cn"
TOKEN_IS_OVER = {"99991661", "99991663", "99991664", "99991665"}
CODE = "code"


def ask(app: App, path: str, data: Mapping[str, Any], *, query: Mapping[str, str] | None = None) -> Mapping[str, Any]:
    """One POST in the app's name; what is under "data" in the answer. Raises PlatformError, CallFailed."""

    def use(token: str) -> Mapping[str, Any]:
        headers = {"Authorization": f"Bearer {token}"}
        answer = post_json(f"{app.base_url or API}{path}", data, query=query, headers=headers)
        return part(checked(answer, "code", "msg"), "data")

    return with_token(app, _token, use, TOKEN_IS_OVER)


def _token(app: App) -> tuple[str, int]:
    address = f"{app.base_url or API}/open-apis/auth/v3/tenant_access_token/internal"
    data = checked(post_json(address, {"app_id": app.id, "app_secret": app.secret}), "code", "msg")
    return word(data, "tenant_access_token"), lifetime(data, "expire")


def sign_in_address(app: App, *, back: str, state: str, user_agent: str) -> str:
    query = {"client_id": app.id, "response_type": "code", "redirect_uri": back, "state": state}
    return f"{app.base_url or SIGN_IN}/open-apis/authen/v1/authorize?{urlencode(query)}"


def subject_of(app: App, code: str, back: str) -> str:
    """The open_id, in this app, of whoever came back with this code. Raises PlatformError, CallFailed.

    Only members of the company can authorise an app of its own, so a stranger does not come this far.
    """
    exchange = {"grant_type": "authorization_code", "client_id": app.id, "client_secret": app.secret}
    exchange |= {"code": code, "redirect_uri": back}
    host = app.base_url or API
    token = checked(post_json(f"{host}/open-apis/authen/v2/oauth/token", exchange), "code", "error_description")
    headers = {"Authorization": f"Bearer {word(token, 'access_token')}"}
    person = checked(call("GET", f"{host}/open-apis/authen/v1/user_info", headers=headers), "code", "msg")
    return word(part(person, "data"), "open_id")
