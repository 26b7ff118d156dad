"""What changed between two texts."""

from hypothesis import given
from hypothesis import strategies as st

from response.diff import changes

TEXTS = st.text(alphabet="我们已停业。，[F1]2 \n", max_size=80)


def test_a_changed_time_shows_as_such() -> None:
    pieces = [(piece.change, piece.words) for piece in changes("将于18时前更新。\n完。", "将于20时前更新。\n完。")]
    assert pieces == [
        ("same", "将于"),
        ("removed", "18"),
        ("added", "20"),
        ("same", "时前更新。\n完。"),
    ]


@given(TEXTS, TEXTS)
def test_both_texts_can_be_read_back(before: str, after: str) -> None:
    pieces = changes(before, after)
    assert "".join(piece.words for piece in pieces if piece.change != "added") == before
    assert "".join(piece.words for piece in pieces if piece.change != "removed") == after
