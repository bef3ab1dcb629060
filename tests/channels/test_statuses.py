"""What a mail server's answers mean."""

import pytest

from newswatch.channels.statuses import quoted, status, too_many


@pytest.mark.parametrize(
    ("code", "said", "line"),
    [
        (550, "5.1.1 no", "(550 5.1.1 no – there is no such mailbox)"),
        (552, "5.2.2 Mailbox is full", "(552 5.2.2 Mailbox is full)"),
        (550, "5.7.26\nunauthenticated", "(550 5.7.26 unauthenticated – neither SPF nor DKIM vouches for the sender)"),
        (554, "no", "(554 no)"),
        (554, "5.99.999 what", "(554 5.99.999 what)"),
        (550, "5.1.1", "(550 5.1.1 – there is no such mailbox)"),
        (550, "", "(550 )"),
    ],
)
def test_an_answer_in_words(code: int, said: str, line: str) -> None:
    assert quoted(code, said) == line


@pytest.mark.parametrize("said", ["", "no", "3.1.1 x", "5.1", "5.1.1111", "55.1.1", "x 5.1.1"])
def test_what_is_no_enhanced_code(said: str) -> None:
    assert status(said) == ""


def test_too_many_recipients_is_told_from_a_full_mailbox() -> None:
    assert too_many(452, "too many recipients")
    assert too_many(552, "5.5.3 too many")
    assert not too_many(452, "4.2.2 mailbox full")
    assert not too_many(550, "5.5.3 too many")
