"""Marked sentences, edits, and charts. Pure."""

from datetime import UTC, datetime, timedelta

from newswatch.console.charts import MOST_POINTS, chart
from newswatch.console.marking import Piece, changes, marked
from newswatch.console.render import ago
from newswatch.model import Bound, FigurePoint, FigureTrack

NOW = datetime(2031, 3, 2, 12, tzinfo=UTC)


def test_a_sentence_is_found_however_its_spaces_stand() -> None:
    text = "Before. Nine people\n were  killed. After.\n\nAnother paragraph."
    paragraphs = marked(text, {"Nine people were killed.": "new", "Another paragraph.": "known"})
    assert paragraphs == [
        [Piece("Before. "), Piece("Nine people\n were  killed.", "new", 1), Piece(" After.")],
        [Piece("Another paragraph.", "known", 2)],
    ]


def test_a_sentence_over_two_paragraphs_is_marked_in_both() -> None:
    assert marked("Nine\n\npeople died.", {"Nine people died.": "new"}) == [
        [Piece("Nine", "new", 1)], [Piece("people died.", "new", 1)],
    ]  # fmt: skip


def test_what_is_not_there_or_taken_is_not_marked() -> None:
    text = "Nine (9) people were killed."
    assert marked(text, {"Ten people.": "new", "": "new"}) == [[Piece(text)]]
    first = marked(text, {"Nine (9) people were killed.": "new", "people were": "known"})
    assert first == [[Piece(text, "new", 1)]]
    assert marked("", {"x": "new"}) == []


def test_nothing_of_a_text_is_lost() -> None:
    text = "a b. c d. e f."
    pieces = marked(text, {"c d.": "new", "a b.": "known"})
    assert "".join(piece.text for paragraph in pieces for piece in paragraph) == text


def test_an_edit_says_what_went_and_what_came() -> None:
    before, after = "Thirty are ill. All is calm.", "Twenty are ill. All is calm."
    assert changes(before, after) == (["Thirty are ill."], ["Twenty are ill."])
    assert changes(before, "Thirty  are ill.\n\nAll is calm.") == ([], [])


def track(*values: float) -> FigureTrack:
    points = [FigurePoint(NOW + timedelta(hours=n), value, Bound.EXACT, "Wire", "s") for n, value in enumerate(values)]
    return FigureTrack("ev", "Event", "killed", "Killed", tuple(points))


def test_a_chart_goes_in_steps_and_its_table_is_newest_first() -> None:
    drawn = chart(track(3, 9, 11))
    assert drawn.path.startswith("M8 ")
    assert drawn.path.count("L") == 4
    assert drawn.now == "11"
    assert [row.text for row in drawn.rows] == ["11", "9", "3"]
    assert 0 <= drawn.last[0] <= drawn.width
    assert 0 <= drawn.last[1] <= drawn.height


def test_one_number_is_no_line_and_a_thousand_are_forty() -> None:
    assert chart(track(3)).path == ""
    assert len(chart(track(*map(float, range(1000)))).rows) == MOST_POINTS


def test_how_long_ago() -> None:
    spans = {
        "just now": timedelta(seconds=59),
        "1 minute ago": timedelta(seconds=61),
        "2 hours ago": timedelta(hours=2),
        "3 days ago": timedelta(days=3, hours=4),
    }
    assert {ago(NOW - span, NOW): span for span in spans.values()} == spans
    assert ago(NOW + timedelta(hours=1), NOW) == "just now"
