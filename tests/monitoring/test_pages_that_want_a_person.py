"""A captcha, a check of the browser or a sign-in is recognised as such; other pages are just pages."""

import pytest

from monitoring.reading.pages import wants_a_person

HERE = "https://n.example/feed"
PERSON = {
    "a captcha": "<html><body>请输入验证码后继续</body></html>",
    "too often": "<html><title>提示</title>您的访问过于频繁，请稍后再试</html>",
    "a slider": "<html><head><title>安全验证</title></head><body><div id='s'></div></body></html>",
    "a title alone": f"<title>账号登录 - 某社区</title>{'<p>欢迎来到社区。</p>' * 400}",
    "a visitor system": "<html><head><title>Visitor System</title><script>go()</script></head></html>",
    "a check of the browser": "<!DOCTYPE html><html><title>Just a moment...</title><body></body></html>",
    "a robot check": "<html><body>Please verify that you are not a robot</body></html>",
    "a password field": "<html><body><form><input name=p type='password'></form></body></html>",
    "machinery alone": "<html><script src='https://js.hcaptcha.com/1/api.js'></script><body></body></html>",
}
NOBODY = {
    "an error page": "<html><title>404</title><body>页面不存在</body></html>",
    "a home page with a way to sign in": f"<title>首页</title><a>登录</a>{'<p>今日新闻，天气晴朗。</p>' * 300}",
    "an article about captchas": f"<html><title>晴野资讯</title>{'<p>专家谈验证码的历史与现状。</p>' * 200}</html>",
    "a word in a script": "<html><script>var captcha = 1, text = '请登录'</script><body>建设中</body></html>",
    "nothing": "",
}


@pytest.mark.parametrize("page", PERSON)
def test_pages_that_want_a_person(page: str) -> None:
    assert wants_a_person(PERSON[page], HERE)


@pytest.mark.parametrize("page", NOBODY)
def test_pages_that_want_nobody(page: str) -> None:
    assert not wants_a_person(NOBODY[page], HERE)


@pytest.mark.parametrize(
    ("url", "wants"),
    [
        ("https://passport.n.example/visitor/visitor?a=1", True),
        ("https://n.example/login?next=/feed", True),
        ("https://n.example/feed?from=/login", False),
        ("https://n.example/loginfaq", False),
    ],
)
def test_so_does_the_address_a_feed_was_redirected_to(url: str, wants: bool) -> None:
    assert wants_a_person("<html><body>欢迎</body></html>", url) is wants


@pytest.mark.parametrize("piece", ["<", "<script>", "<!--", "<title", "<input ", "请登", "<a <a "])
def test_no_page_is_dear_to_look_at(piece: str) -> None:
    """Each of these would cost minutes if a pattern began again at every character."""
    wants_a_person(piece * 200_000, HERE)
