"""Words are cut once and serve search, keywords and engines."""

import threading

from opinion import words


def test_the_words_joined_are_the_text_again():
    text = "南京市长江大桥今天 3 点封闭, really?"
    assert "".join(words.cut(text)) == text


def test_search_finds_the_words_inside_a_word():
    found = words.search_tokens(["中华人民共和国", "，", " ", "成立", "3.5"])
    assert found == ["中华", "华人", "人民", "共和", "共和国", "中华人民共和国", "成立", "3", "5", "3.5"]


def test_keywords_say_what_a_text_is_about():
    told = words.read("我们今天就酸奶异物问题致歉，这批酸奶已经下架，酸奶全部召回").keywords
    assert next(iter(told)) == "酸奶"
    assert {"致歉", "召回", "异物"} <= set(told)
    assert not {"我们", "今天", "已经", "，"} & set(told)
    assert list(told.values()) == sorted(told.values(), reverse=True)


def test_a_text_without_words_has_no_keywords():
    assert words.read("") == words.Words([], [], {})
    assert words.read("!!! 123").keywords == {}


def test_names_of_ours_are_kept_whole():
    name = "岚栖木谣"
    assert name not in words.cut(f"昨天去了{name}门店")
    words.add_names([name, "", " ", "岚"])
    assert name in words.cut(f"昨天去了{name}门店")


def test_threads_that_race_load_one_dictionary(monkeypatch):
    monkeypatch.setattr(words, "_tokenizer", None)
    together = threading.Barrier(6)
    loaded = []

    def load() -> None:
        together.wait()
        loaded.append(words._jieba())

    threads = [threading.Thread(target=load) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({id(one) for one in loaded}) == 1
