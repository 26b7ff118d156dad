"""Finding posts by their words. The second and last place where the database vendors differ (docs/adr/0004).

`Post.tokens` holds the words of an original, cut by jieba and separated by blanks; a copy has none. Both databases
index these words as they stand, without a parser or an extension of their own:

PostgreSQL  a GIN index on an expression over the column
SQLite      an FTS5 table that holds no text of its own, kept by triggers on the post's table

Installed after every migrate: SQLite rebuilds a table to alter it and drops its triggers silently (see audit/triggers).
"""

from typing import Any

from django.db import connection
from django.db.models import BooleanField, F, Func, QuerySet, Value
from django.db.models.expressions import RawSQL

from opinion.models import Post
from opinion.search import AllOf, AnyOf, Condition, Has

# An expression index is used only where the query repeats the expression. A stray double blank must not stop a post.
_VECTOR = "array_to_tsvector(array_remove(string_to_array({}, ' '), ''))"
_OTHERS = "C* L* M* N* P* S*"  # every category of characters but blanks belongs to a word

POSTGRESQL = [f"CREATE INDEX IF NOT EXISTS opinion_post_words ON opinion_post USING gin ({_VECTOR.format('tokens')})"]
SQLITE = [
    f"""CREATE VIRTUAL TABLE IF NOT EXISTS opinion_words USING fts5(
        tokens, content='opinion_post', content_rowid='id', columnsize=0,
        tokenize="unicode61 remove_diacritics 0 categories '{_OTHERS}'")""",
    """CREATE TRIGGER IF NOT EXISTS opinion_words_insert AFTER INSERT ON opinion_post WHEN new.tokens <> ''
        BEGIN INSERT INTO opinion_words(rowid, tokens) VALUES (new.id, new.tokens); END""",
    """CREATE TRIGGER IF NOT EXISTS opinion_words_delete AFTER DELETE ON opinion_post WHEN old.tokens <> ''
        BEGIN INSERT INTO opinion_words(opinion_words, rowid, tokens) VALUES ('delete', old.id, old.tokens); END""",
    """CREATE TRIGGER IF NOT EXISTS opinion_words_forget AFTER UPDATE OF tokens ON opinion_post
        WHEN old.tokens <> '' AND old.tokens <> new.tokens
        BEGIN INSERT INTO opinion_words(opinion_words, rowid, tokens) VALUES ('delete', old.id, old.tokens); END""",
    """CREATE TRIGGER IF NOT EXISTS opinion_words_update AFTER UPDATE OF tokens ON opinion_post
        WHEN new.tokens <> '' AND old.tokens <> new.tokens
        BEGIN INSERT INTO opinion_words(rowid, tokens) VALUES (new.id, new.tokens); END""",
]
NAMES = {
    "postgresql": ["opinion_post_words"],
    "sqlite": [
        "opinion_words",
        "opinion_words_insert",
        "opinion_words_delete",
        "opinion_words_forget",
        "opinion_words_update",
    ],
}


# --- asking ----------------------------------------------------------------------------------------------------------
def matching(posts: "QuerySet[Post]", condition: Condition, *, is_common: bool = False) -> "QuerySet[Post]":
    """Those of the posts whose words fulfil a condition. Copies have no words: they are found with their original.

    is_common  many do, and only the newest are wanted: worth saying, since neither database knows it
    """
    if connection.vendor == "postgresql":
        vector = Func(F("tokens"), template=_VECTOR.format("%(expressions)s"))
        query = Func(Value(_tsquery(condition)), template="%(expressions)s::tsquery")
        return posts.filter(Func(vector, query, arg_joiner=" @@ ", template="%(expressions)s", output_field=_YES_OR_NO))
    found = RawSQL("SELECT rowid FROM opinion_words WHERE opinion_words MATCH %s", [_fts5(condition)])
    if is_common:
        # The plus keeps SQLite from sorting every match: it walks the posts by time and looks each up among the found.
        return posts.alias(walked=Func(F("pk"), template="+%(expressions)s")).filter(walked__in=found)
    return posts.filter(pk__in=found)


_YES_OR_NO: Any = BooleanField()


def _tsquery(condition: Condition) -> str:
    match condition:
        case Has():
            return "'{}'".format(condition.token.replace("\\", "\\\\").replace("'", "''"))
        case AllOf():
            return f"({' & '.join(map(_tsquery, condition.parts))})"
        case AnyOf():
            return f"({' | '.join(map(_tsquery, condition.parts))})"


def _fts5(condition: Condition) -> str:
    match condition:
        case Has():
            return '"{}"'.format(condition.token.replace('"', '""'))
        case AllOf():
            return f"({' AND '.join(map(_fts5, condition.parts))})"
        case AnyOf():
            return f"({' OR '.join(map(_fts5, condition.parts))})"


# --- keeping ---------------------------------------------------------------------------------------------------------
def install() -> None:
    """Put the index in place. Where SQLite had lost a part, it is filled anew: posts may have changed meanwhile."""
    if Post._meta.db_table not in connection.introspection.table_names():
        return  # only a part of the desk has been migrated
    lost = missing()
    with connection.cursor() as cursor:
        for statement in POSTGRESQL if connection.vendor == "postgresql" else SQLITE:
            cursor.execute(statement)
        if lost and connection.vendor == "sqlite":
            cursor.execute("INSERT INTO opinion_words(opinion_words) VALUES ('rebuild')")


def lift() -> None:
    """Take the index away, so that a great many posts can be written at once; `install` fills it again."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("DROP INDEX IF EXISTS opinion_post_words")
            return
        for name in NAMES["sqlite"][1:]:
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}")
        cursor.execute("DROP TABLE IF EXISTS opinion_words")


def missing() -> list[str]:
    """Names of the parts of the index that should be there and are not."""
    query = (
        "SELECT indexname FROM pg_indexes WHERE tablename = 'opinion_post' AND schemaname = current_schema()"
        if connection.vendor == "postgresql"
        else "SELECT name FROM sqlite_master WHERE tbl_name IN ('opinion_post', 'opinion_words')"
    )
    with connection.cursor() as cursor:
        cursor.execute(query)
        there = {row[0] for row in cursor.fetchall()}
    return [name for name in NAMES[connection.vendor] if name not in there]
