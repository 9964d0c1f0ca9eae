"""Wiping what the database's file still has of deleted rows."""

from __future__ import annotations

import sqlite3
from typing import Final

from app import db
from app.errors import ConflictError
from app.i18n import say

NOT_WIPED: Final = say(
    "Đã xóa khỏi các bảng, nhưng tệp dữ liệu đang bận nên chưa được dọn. Hãy làm lại khi ít người dùng."
)


def wipe() -> None:
    """Rewrite the database file, so that no page of it holds deleted rows any more (SQLite; the log is emptied too).

    PostgreSQL does it by itself in time (autovacuum); `VACUUM FULL` does it at once. Raises ConflictError when others
    read or write for so long that the file could not be rewritten, or its log not be emptied.
    """
    session = db.session()
    session.commit()
    if session.get_bind().dialect.name != "sqlite":
        return
    session.close()
    connection = db.db.engine.raw_connection()  # SQLAlchemy begins a transaction for every statement
    try:
        cursor = connection.cursor()
        cursor.execute("VACUUM")
        ((is_busy, *_pages),) = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    except sqlite3.OperationalError as error:
        raise ConflictError(NOT_WIPED) from error
    finally:
        connection.close()
    if is_busy:
        raise ConflictError(NOT_WIPED)
