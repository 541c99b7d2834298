"""SQL that both databases speak but SQLAlchemy spells apart, and statements that are built only once."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, cast

from sqlalchemy import CursorResult, Delete, Dialect, Executable, Update, bindparam, literal_column
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
        return self._for(session).execute(_cursor(session), values)

    def run_many(self, session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
        """Execute it once for each of the rows. Raises as `run`."""
        self._for(session).execute_many(_cursor(session), rows)

    def _for(self, session: Session) -> "Compiled":
        bind = session.get_bind()
        compiled = self._compiled.get(bind.dialect.name)
        if compiled is None:
            compiled = self._compiled[bind.dialect.name] = Compiled(self._build(bind.dialect.name), bind.dialect)
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
        self._driver: Any = dialect.dbapi
        self._names: list[str] | None = compiled.positiontup
        self._fixed = {name: value for name, value in compiled.params.items() if value is not None}
        processors = {
            name: bind.type.dialect_impl(dialect).bind_processor(dialect) for bind, name in compiled.bind_names.items()
        }
        self._processors = [(name, process) for name, process in processors.items() if process is not None]

    def execute(self, cursor: Any, values: Mapping[str, Any]) -> Sequence[Any]:
        """Execute the statement with these values and return its rows."""
        try:
            cursor.execute(self.text, self.bound(values))
            return cursor.fetchall() if cursor.description else ()
        except self._driver.Error as error:
            raise self._in_our_terms(error) from error
        finally:
            cursor.close()

    def execute_many(self, cursor: Any, rows: Sequence[Mapping[str, Any]]) -> None:
        """Execute the statement with each of these rows of values."""
        try:
            cursor.executemany(self.text, [self.bound(values) for values in rows])
        except self._driver.Error as error:
            raise self._in_our_terms(error) from error
        finally:
            cursor.close()

    def _in_our_terms(self, error: Any) -> Exception:
        told = DBAPIError.instance(
            self.text, None, error, self._driver.Error, hide_parameters=True, dialect=self._dialect
        )
        return cast(Exception, told)

    def bound(self, values: Mapping[str, Any]) -> Any:
        """Return the values as the driver takes them."""
        bound = {**self._fixed, **values}
        for name, process in self._processors:
            bound[name] = process(bound[name])
        return bound if self._names is None else [bound[name] for name in self._names]


def inserting(table: type[SQLModel], *, once: bool = False, only: Collection[str] | None = None) -> Prepared:
    """Prepare the INSERT of a whole row, or of `only` some columns.

    With `once` a taken key is passed over, and a row comes back otherwise.

    (The row counts of drivers do not tell it on every database.)
    """

    def build(dialect: str) -> Executable:
        every: Any = table.__table__.columns  # type: ignore[attr-defined]
        said = [column for column in every if only is None or column.name in only]
        columns = {column.name: bindparam(column.name, type_=column.type) for column in said}
        statement = insert_into(table, dialect).values(columns)
        return statement.on_conflict_do_nothing().returning(literal_column("1")) if once else statement

    return Prepared(build)


def changed(session: Session, statement: Update | Delete) -> int:
    """Execute an UPDATE or DELETE and return how many rows it touched."""
    return cast("CursorResult[Any]", session.execute(statement)).rowcount
