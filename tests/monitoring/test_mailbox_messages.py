"""A mail message as a post: Chinese of every kind, broken headers, quoted history, and nothing attached."""

import base64
import zlib
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

import pytest
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from monitoring.reading.mail import read_message, without_history

NOON = datetime(2026, 11, 18, 4, 0, tzinfo=UTC)
COMPLAINT = "在你们店里喝到的奶茶有异物，要求退款并道歉。"


def post(body: bytes):
    with translation.override("en"):
        return read_message(body, received_at=NOON)


def raw(headers: str, body: bytes, content_type: str = "text/plain; charset=utf-8", encoding: str = "8bit") -> bytes:
    end = f"\r\nContent-Type: {content_type}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n"
    return headers.encode() + end.encode() + body


@pytest.mark.parametrize("charset", ["utf-8", "gbk", "gb2312", "gb18030", "big5", "GB2312", "utf-16"])
def test_every_chinese_encoding_is_read_in_text_and_subject(charset: str) -> None:
    words = "奶茶有異物" if charset == "big5" else "奶茶有异物"
    subject = base64.b64encode(words.encode(charset)).decode()
    if charset == "utf-16":
        charset_of_subject, subject = "utf-8", base64.b64encode(words.encode()).decode()
    else:
        charset_of_subject = charset
    body = base64.encodebytes((words * 3).encode(charset))
    message = raw(f"Subject: =?{charset_of_subject}?B?{subject}?=", body, f"text/plain; charset={charset}", "base64")
    found = post(message)
    assert (found.title, found.text) == (words, words * 3)


def test_a_subject_cut_within_a_character_is_whole_again() -> None:
    encoded = "退款投诉".encode("gbk")
    words = [base64.b64encode(piece).decode() for piece in (encoded[:3], encoded[3:])]
    subject = "\r\n ".join(f"=?gb2312?B?{word}?=" for word in words)
    assert post(raw(f"Subject: {subject}", b"x")).title == "退款投诉"


def test_bytes_that_should_not_stand_in_a_header_are_guessed_at() -> None:
    message = (
        b"Subject: "
        + "投诉奶茶有异物要求退款".encode("gbk")
        + b"\r\nFrom: "
        + "王女士".encode()
        + b" <w@x.cn>\r\n\r\nx"
    )
    found = post(message)
    assert (found.title, found.author) == ("投诉奶茶有异物要求退款", "王女士")


@pytest.mark.parametrize(
    ("sender", "author"),
    [
        ("=?utf-8?B?546L5aWz5aOr?= <wang@qq.com>", "王女士"),
        ('"wang@qq.com" <wang@qq.com>', ""),
        ("wang@qq.com", ""),
        ("<<<>>>", ""),
        ("", ""),
    ],
)
def test_the_author_is_a_name_and_never_an_address(sender: str, author: str) -> None:
    assert post(raw(f"From: {sender}", COMPLAINT.encode())).author == author


def test_html_is_reduced_to_its_words() -> None:
    html = "<style>p{}</style><script>alert(1)</script><p>第一段</p><p>第二段<img src='http://x/track.gif'></p>"
    assert post(raw("Subject: x", html.encode(), "text/html; charset=utf-8")).text == "第一段\n第二段"


def test_attachments_are_named_and_not_kept() -> None:
    message = EmailMessage()
    message["Subject"], message["Message-ID"] = "投诉", "<1@x.cn>"
    message.set_content(COMPLAINT)
    message.add_alternative(f"<p>{COMPLAINT}</p>", subtype="html")
    message.add_attachment(b"\x89PNG secret bytes", maintype="image", subtype="png", filename="小票.png")
    message.add_attachment("说明", filename="经过.txt")
    found = post(message.as_bytes())
    assert found.text == f"{COMPLAINT}\n[Attached: 小票.png, 经过.txt]"
    assert found.external_id == "<1@x.cn>"


def test_a_picture_alone_is_still_a_message() -> None:
    message = EmailMessage()
    message.add_attachment(b"x", maintype="image", subtype="png", filename="1.png")
    assert post(message.as_bytes()).text == "[Attached: 1.png]"
    assert post(b"").title == "(no subject, no words)"


@pytest.mark.parametrize(
    "history",
    [
        "------------------ 原始邮件 ------------------\n发件人: 客服",
        "-----Original Message-----\nFrom: kefu",
        "发件人: 客服 <kefu@x.cn>\n发送时间: 2026年11月17日\n收件人: 我",
        "在 2026年11月17日 10:00，客服 <kefu@x.cn> 写道：\n> 您好",
        "On Tue, Nov 17, 2026 at 10:00 AM kefu <kefu@x.cn> wrote:\n> hello",
        "At 2026-11-17 10:00:00, kefu@x.cn wrote:\n>hello",
        "> 您好\n> 已收到",
    ],
)
def test_what_it_answers_to_is_cut(history: str) -> None:
    assert without_history(
        f"{COMPLAINT}\n-- \n王女士\n\n{history}\n旧内容" if ">" not in history[:1] else f"{COMPLAINT}\n{history}"
    ).startswith(COMPLAINT)
    assert "旧内容" not in without_history(f"{COMPLAINT}\n\n{history}\n> 旧内容")


def test_a_message_that_is_all_quotation_keeps_it() -> None:
    forwarded = "------------------ 原始邮件 ------------------\n发件人: 顾客\n奶茶有异物"
    assert without_history(forwarded) == forwarded


@pytest.mark.parametrize(
    ("written", "at", "doubt"),
    [
        ("Wed, 18 Nov 2026 11:30:00 +0800", NOON - timedelta(minutes=30), ""),
        ("Wed, 18 Nov 2026 03:30:00", NOON - timedelta(minutes=30), ""),
        ("", NOON, "missing"),
        ("昨天", NOON, "unreadable"),
        ("Thu, 18 Nov 2027 11:30:00 +0800", NOON, "out_of_range"),
        ("Thu, 01 Jan 1970 00:00:00 +0000", NOON, "out_of_range"),
        ("Wed, 99 Nov 99999999 11:30:00 +0800", NOON, "unreadable"),
    ],
)
def test_a_date_is_believed_where_the_server_bears_it_out(written: str, at: datetime, doubt: str) -> None:
    found = post(raw(f"Date: {written}", COMPLAINT.encode()))
    assert (found.published_at, found.date_doubt) == (at, doubt)


def test_without_an_id_the_bytes_are_its_name() -> None:
    one, two = post(raw("Subject: a", b"x")), post(raw("Subject: b", b"x"))
    assert one.external_id != two.external_id
    assert one.external_id == post(raw("Subject: a", b"x")).external_id


@pytest.mark.parametrize(
    "body",
    [
        b"Content-Type: multipart/mixed; boundary=" + b'"x"' + b"\r\n\r\n--x\r\n" * 3000,
        b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(3000)),
        raw("Subject: =?utf-8?B?!!!?=", b"\xff\xfe\x00", "text/plain; charset=nonsense"),
        raw("Subject: " + "=?utf-7?B?K0FHRS0=?=", b"x", "text/plain; charset=utf-7"),
        raw("Content-Disposition: attachment; filename*=x''%ff", b"x"),
        raw("Subject: a", b"not base64 at all \xff", "text/plain", "base64"),
        raw("Subject: a", zlib.compress(b"x" * 10_000), "text/plain; charset=zlib_codec"),
        b"\x00" * 1000,
    ],
)
def test_hostile_messages_make_a_post_all_the_same(body: bytes) -> None:
    found = post(body)
    assert found.external_id
    assert found.title or found.text
    assert "\x00" not in found.title + found.text


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=600))
def test_no_bytes_break_it(body: bytes) -> None:
    found = post(b"Subject: x\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n" + body)
    assert found.published_at.tzinfo is not None
