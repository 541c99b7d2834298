"""SQL that both databases speak but SQLAlchemy spells apart, and statements that are built only once."""

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, cast

from sqlalchemy import (
    ARRAY,
    BindParameter,
    ColumnElement,
    CursorResult,
    Delete,
    Dialect,
    Executable,
    String,
    Update,
    any_,
    bindparam,
    func,
    literal_column,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, SQLModel


def insert(session: Session, table: type[SQLModel]) -> postgresql.Insert:
    """Begin an INSERT that may say ON CONFLICT."""
    return insert_into(table, session.get_bind().dialect.name)


def insert_into(table: type[SQLModel], dialect: str) -> postgresql.Insert:
    """Begin an INSERT in a dialect that may say ON CONFLICT."""
    build = sqlite.insert if dialect == "sqlite" else postgresql.insert
    return cast(postgresql.Insert, build(table.__table__))  # type: ignore[attr-defined]


class Prepared:
    """A statement of the hot path, compiled once for each dialect and executed on the driver.

    Building, looking up and binding a statement each time costs SQLAlchemy some five times what executing it costs.
    `build` gets the dialect's name; the statement's parameters go by their names, a table's columns by theirs.
    """

    def __init__(self, build: Callable[[str], Executable]) -> None:
        self._build = build
        self._compiled: dict[str, Compiled] = {}

    def run(self, session: Session, values: Mapping[str, Any]) -> Sequence[Any]:
        """Execute it in the session's transaction and return the rows as the driver gives them.

        Raises:
            DBAPIError: what the driver raised, in SQLAlchemy's terms.
        """
        return self._in(session).execute(_cursor(session), values)

    def run_many(self, session: Session, same: Mapping[str, Any], rows: Iterable[Mapping[str, Any]]) -> None:
        """Execute it for many rows at once; what is the `same` in all of them is made ready once.

        Raises:
            DBAPIError: what the driver raised, in SQLAlchemy's terms.
        """
        self._in(session).execute_many(_cursor(session), same, rows)

    def _in(self, session: Session) -> "Compiled":
        dialect = session.get_bind().dialect
        compiled = self._compiled.get(dialect.name)
        if compiled is None:
            compiled = self._compiled[dialect.name] = Compiled(self._build(dialect.name), dialect)
        return compiled


def _cursor(session: Session) -> Any:
    """Return a cursor of the driver in the session's transaction; asking SQLAlchemy for it costs more than using it."""
    transaction = session.get_transaction()
    known = session.info.get("driver")
    if known is None or transaction is None or known[0] is not transaction:
        connection: Any = session.connection().connection.driver_connection
        known = session.info["driver"] = (session.get_transaction(), connection)
    return known[1].cursor()


class Compiled:
    """The text of a statement in one dialect, and what turns values into the driver's."""

    def __init__(self, statement: Executable, dialect: Dialect) -> None:
        compiled: Any = statement.compile(dialect=dialect)  # type: ignore[attr-defined]
        self._dialect, self.text = dialect, str(compiled)
        self._names: list[str] | None = compiled.positiontup
        self._fixed = {name: value for name, value in compiled.params.items() if value is not None}
        processors = {
            name: bind.type.dialect_impl(dialect).bind_processor(dialect) for bind, name in compiled.bind_names.items()
        }
        self._processors = [(name, process) for name, process in processors.items() if process is not None]

    def execute(self, cursor: Any, values: Mapping[str, Any]) -> Sequence[Any]:
        """Execute the statement with these values and return its rows."""
        with self._told_in_our_terms(cursor):
            cursor.execute(self.text, self.bound(values))
            return cursor.fetchall() if cursor.description else ()

    def execute_many(self, cursor: Any, same: Mapping[str, Any], rows: Iterable[Mapping[str, Any]]) -> None:
        """Execute the statement once for each of the rows."""
        known = self._ready({**self._fixed, **same})
        with self._told_in_our_terms(cursor):
            cursor.executemany(self.text, [self._placed({**known, **self._ready(row)}) for row in rows])

    @contextmanager
    def _told_in_our_terms(self, cursor: Any) -> Iterator[None]:
        driver = self._dialect.dbapi
        if driver is None:
            raise TypeError("a dialect without a driver executes nothing")
        try:
            yield
        except driver.Error as error:
            raise DBAPIError.instance(
                self.text, None, error, driver.Error, hide_parameters=True, dialect=self._dialect
            ) from error
        finally:
            cursor.close()

    def bound(self, values: Mapping[str, Any]) -> Any:
        """Return the values as the driver takes them."""
        return self._placed(self._ready({**self._fixed, **values}))

    def _ready(self, values: Mapping[str, Any]) -> dict[str, Any]:
        ready = dict(values)
        for name, process in self._processors:
            if name in ready:
                ready[name] = process(ready[name])
        return ready

    def _placed(self, ready: dict[str, Any]) -> Any:
        return ready if self._names is None else [ready[name] for name in self._names]


def placeholders(table: type[SQLModel]) -> dict[str, BindParameter[Any]]:
    """Return a parameter for each column of a table, by the column's name."""
    columns = table.__table__.columns  # type: ignore[attr-defined]
    return {column.name: bindparam(column.name, type_=column.type) for column in columns}


def inserting(table: type[SQLModel], *, once: bool = False, only: Collection[str] | None = None) -> Prepared:
    """Prepare the INSERT of a whole row, or of `only` some columns.

    With `once` a taken key is passed over, and a row comes back otherwise.

    (The row counts of drivers do not tell it on every database.)
    """

    def build(dialect: str) -> Executable:
        said = {name: value for name, value in placeholders(table).items() if only is None or name in only}
        statement = insert_into(table, dialect).values(said)
        return statement.on_conflict_do_nothing().returning(literal_column("1")) if once else statement

    return Prepared(build)


def is_among(column: Any, name: str, dialect: str) -> ColumnElement[bool]:
    """Say that the column is one of the texts of the parameter `name`, which `listed` makes: a list of any length."""
    if dialect == "sqlite":
        texts = func.json_each(bindparam(name, type_=String)).table_valued("value")
        return cast(ColumnElement[bool], column.in_(select(texts.c.value)))
    return cast(ColumnElement[bool], column == any_(bindparam(name, type_=ARRAY(String))))


def listed(session: Session, texts: Iterable[str]) -> str | list[str]:
    """Return texts as a parameter of `is_among`."""
    return json.dumps(list(texts)) if session.get_bind().dialect.name == "sqlite" else list(texts)


def changed(session: Session, statement: Update | Delete) -> int:
    """Execute an UPDATE or DELETE and return how many rows it touched."""
    return cast("CursorResult[Any]", session.execute(statement)).rowcount
