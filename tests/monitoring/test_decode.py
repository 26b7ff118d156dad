"""Encodings: what the bytes bear out counts, not what is said about them."""

import pytest

from monitoring.reading.decode import decode

TEXT = "晴野茶饮回应配料争议：已成立专项小组"


def declared(encoding: str, text: str = TEXT) -> str:
    return f'<?xml version="1.0" encoding="{encoding}"?><rss><title>{text}</title></rss>'


@pytest.mark.parametrize(
    ("body", "content_type", "encoding"),
    [
        (declared("UTF-8").encode(), "", "utf-8"),
        (declared("GBK").encode("gbk"), "", "gb18030"),
        (declared("gb2312", TEXT + "喆镕").encode("gbk"), "", "gb18030"),
        (declared("GB18030", TEXT + "𠮷").encode("gb18030"), "", "gb18030"),
        (declared("big5", "裏面說回應爭議").encode("big5hkscs"), "", "big5"),
        (f"<rss><title>{TEXT}</title></rss>".encode("gbk"), "", "gb18030"),
        (f"<rss><title>{TEXT}</title></rss>".encode("gbk"), "text/xml; charset=gbk", "gb18030"),
        (declared("UTF-8").encode("gbk"), "", "gb18030"),
        (declared("UTF-8").encode("gbk"), "text/xml; charset=utf-8", "gb18030"),
        (declared("UTF-8").encode(), "application/xml; charset=gbk", "utf-8"),
        (declared("GBK").encode(), "", "utf-8"),
        (declared("ISO-8859-1", "Café").encode(), "", "utf-8"),
        (declared("ISO-8859-1", "Café").encode("latin-1"), "", "iso8859-1"),
        (declared("GBK", "联通").encode("gbk"), "", "gb18030"),
        (declared("utf-7").encode(), "", "utf-8"),
        (declared("rot13").encode(), "", "utf-8"),
        (declared("no-such-thing").encode(), "text/xml; charset=neither", "utf-8"),
        (b"\xef\xbb\xbf" + declared("GBK").encode(), "", "utf-8"),
        (declared("utf-16").encode("utf-16"), "", "utf-16-le"),
        (declared("utf-16").encode("utf-16-be"), "text/xml; charset=gbk", "utf-16-be"),
        (declared("utf-16").encode("utf-16-le"), "", "utf-16-le"),
        (declared("utf-32").encode("utf-32"), "", "utf-32-le"),
        (declared("utf-32").encode("utf-32-be"), "", "utf-32-be"),
        (declared("utf-16", "plain").encode(), "text/xml; charset=utf-16", "utf-8"),
        (b"", "", "utf-8"),
    ],
)
def test_the_text_comes_out_whole(body: bytes, content_type: str, encoding: str) -> None:
    found = decode(body, content_type)
    assert (found.encoding, found.doubtful) == (encoding, False)
    assert "\ufffd" not in found.text


def test_the_text_is_the_text() -> None:
    assert TEXT in decode(f"<rss><title>{TEXT}</title></rss>".encode("gbk")).text
    assert "联通" in decode(declared("GBK", "联通").encode("gbk")).text
    assert "裏面說回應爭議" in decode(declared("big5", "裏面說回應爭議").encode("big5hkscs")).text


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_text_cut_in_the_middle_of_a_character_loses_that_character_only(encoding: str) -> None:
    whole = (declared(encoding) * 5).encode(encoding)
    cut = whole.replace("组".encode(encoding), "组".encode(encoding)[:1], 1)
    found = decode(cut)
    assert (found.encoding, found.doubtful) == (encoding, True)
    assert found.text.count("专项小组") == 4
    assert found.text.count("\ufffd") == 1


def test_bytes_that_fit_nothing_keep_their_markup() -> None:
    found = decode("<rss><item><title>é è ü</title></item></rss>".encode("latin-1"))
    assert found.doubtful
    assert found.text == "<rss><item><title>\ufffd \ufffd \ufffd</title></item></rss>"
