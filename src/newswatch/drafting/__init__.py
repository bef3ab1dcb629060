"""``newswatch baseline draft``: articles to an event file to edit.

files and addresses | read | articles | names, facts, topics | event file as text
                     async             pure                   pure
"""

from newswatch.drafting.articles import Article, is_address, read_articles
from newswatch.drafting.draft import Draft, draft
from newswatch.drafting.eventfile import event_file

__all__ = ["Article", "Draft", "draft", "event_file", "is_address", "read_articles"]
