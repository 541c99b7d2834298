"""The command line of `bot.py`: run, doctor, job, import, export, exports, forget, deliveries, backup."""

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, NoReturn, TextIO

import typer

from bot import Bot, Running, StartError, utc_now
from jobs.table import JOBS, run_job, says
from jobs.table import dry_run as rehearse
from log_lines import log_to_stderr
from models.database import Database, make_engine, told_in_words
from models.errors import BusyError, LeadError
from models.export import ExportKind
from models.facts import Undelivered
from models.schema import SchemaError, migrate
from services.deliveries import retry as send_again
from services.deliveries import retry_all as send_all_again
from services.export_runs import list_exports, note_export_here
from services.leads import find_lead
from services.undelivered import list_undelivered
from services.workspaces import only_workspace
from settings import Settings, SettingsError, read_settings
from views import errors
from views.words import Reader
from web.errors import ServeError

if TYPE_CHECKING:
    from services.exports import What
    from services.imports import BadRow

EXIT_CONFIGURATION = 2
EXIT_REFUSED = 1
# Supervisors kill after 30 s and more. What still waits for Slack by then is handed back by its leases.
STOP_SECONDS = 22

# Who types on the machine reads English.
_WORDS = Reader("en", "UTC")

cli: typer.Typer = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@cli.callback(invoke_without_command=True)
def main(context: typer.Context) -> None:
    """Carry leads from marketing to sales, in Slack. Without a command: run."""
    if context.invoked_subcommand is None:
        run()


@cli.command()
def run() -> None:
    """Migrate, start and serve until SIGTERM."""
    with _refused_in_words():
        running = Running(_bot())
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: running.end())
        try:
            running.start()
            running.wait_for_end()
        finally:
            _end_within(STOP_SECONDS, running)
            running.stop()
    sys.exit(running.exit_code)


def _end_within(seconds: float, running: Running) -> None:
    """End the process by then, whatever it still waits for: nothing that was committed is lost by it."""
    last_call = threading.Timer(seconds, lambda: os._exit(running.exit_code))
    last_call.daemon = True
    last_call.start()


@cli.command()
def doctor() -> None:
    """Check tokens, scopes, channels, database and messages, and say in words what is missing."""
    from doctor import examine  # noqa: PLC0415  Only who asks for it pays for it.

    with _refused_in_words():
        settings = _settings()
        is_well = examine(settings, typer.echo)
    sys.exit(0 if is_well else EXIT_REFUSED)


@cli.command()
def job(
    name: Annotated[str | None, typer.Argument(help="Without a name: list the jobs.")] = None,
    now: Annotated[str | None, typer.Option(help="Business time to run at, ISO 8601.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")] = False,
) -> None:
    """Run one job once, and send every message that it causes."""
    if name is None:
        for known in JOBS:
            typer.echo(f"{known:10} {says(known)}")
        return
    if name not in JOBS:
        _fail(f"there is no job {name!r}: choose one of {', '.join(JOBS)}")
    at = _instant(now)
    with _refused_in_words():
        bot = _bot((lambda: at) if at else utc_now)
        if dry_run:
            typer.echo(f"would {rehearse(name, bot.jobs)}")
            return
        done = run_job(name, bot.jobs)
        sent = bot.deliverer.run_until_sent()
    typer.echo(f"{name}: {done} done, {sent + done * (name == 'deliver')} messages sent")


def _instant(typed: str | None) -> datetime | None:
    if typed is None:
        return None
    try:
        at = datetime.fromisoformat(typed)
    except ValueError:
        _fail(f"--now {typed!r} is no ISO 8601 instant: write it like 2026-11-24T09:00:00+09:00")
    return at if at.tzinfo else at.replace(tzinfo=UTC)


@cli.command("import")
def import_leads(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="CSV, TSV, XLSX, vCard or LDIF.")],
    mapping: Annotated[list[str] | None, typer.Option("--map", help="COLUMN=FIELD; other columns are kept.")] = None,
) -> None:
    """Import leads from a file. The same file again adds nothing."""
    from services.imports import UnreadableFileError, import_file, read_mapping  # noqa: PLC0415  Who asks pays for it.
    from views.import_words import fault  # noqa: PLC0415  As above.

    with _refused_in_words():
        settings = _settings()
        database, workspace_id = _tables(settings)
        try:
            summary = import_file(database, workspace_id, file, read_mapping(mapping or []), utc_now())
        except UnreadableFileError as error:
            _fail(f"{file}: {fault(error.fault, error.row, _WORDS)}", EXIT_REFUSED)
    for bad in summary.bad:
        typer.echo(f"row {bad.row}: {_why(bad)}", err=True)
    filled = f" ({summary.filled} filled in)" if summary.filled else ""
    typer.echo(f"{summary.added} added, {summary.known} known already{filled}, {summary.bad_count} could not be read")
    sys.exit(EXIT_REFUSED if summary.bad_count else 0)


def _why(bad: "BadRow") -> str:
    """Say what is wrong with a row, without its value: personal data have no place in a terminal's log."""
    from views.import_words import reason  # noqa: PLC0415  As above.

    return reason(bad.reason.value, bad.field, bad.limit, _WORDS)


@cli.command()
def export(
    what: Annotated[Literal["leads", "touchpoints", "handoffs"] | None, typer.Argument()] = None,
    lead: Annotated[str | None, typer.Option(help="Instead: all that is held about one person, as JSON.")] = None,
    to: Annotated[Path | None, typer.Option(help="Where to; without it, standard output.")] = None,
) -> None:
    """Export as CSV in UTF-8. Who took what out, and when, is written down: `bot.py exports` lists it."""
    if (what is None) == (lead is None):
        _fail("say what to export: leads, touchpoints, handoffs, or --lead L-12 for all about one person")
    with _refused_in_words():
        database, workspace_id = _tables(_settings())
        if lead is not None:
            _export_person(database, workspace_id, lead, to)
        elif what is not None:
            _export_table(database, workspace_id, what, to)


def _export_table(database: Database, workspace_id: int, what: "What", to: Path | None) -> None:
    from services.exports import write_export  # noqa: PLC0415  Only who asks for it pays for it.

    with database.write() as session:
        note_export_here(session, workspace_id, ExportKind(what), None, utc_now())
    with database.read() as session, _opened(to) as file:
        written = write_export(session, workspace_id, what, file, utc_now())
    if to:
        typer.echo(f"{written} {what} written to {to}")


def _export_person(database: Database, workspace_id: int, reference: str, to: Path | None) -> None:
    from services.person_file import person_json  # noqa: PLC0415  As above.

    with database.write() as session:
        lead = find_lead(session, workspace_id, reference)
        note_export_here(session, workspace_id, ExportKind.LEAD, lead.number, utc_now())
    with database.read() as session, _opened(to) as file:
        file.write(person_json(session, lead, utc_now()))
    if to:
        typer.echo(f"all about {lead.label} written to {to}")


@cli.command()
def exports() -> None:
    """List the latest exports: when, what, how many rows, and who took them out."""
    with _refused_in_words():
        database, workspace_id = _tables(_settings())
        with database.read() as session:
            made = list_exports(session, workspace_id)
    for one, member in made:
        what = one.label or one.what.value
        who = f"{member.name} ({member.slack_id})" if member else "on the command line"
        rows = f", {one.rows} rows" if one.rows else ""
        typer.echo(f"{one.asked_at:%Y-%m-%dT%H:%M:%SZ} {what}{rows}, {one.state}: {who}")


@cli.command()
def forget(
    lead: Annotated[str, typer.Argument(help="L-12, an e-mail address or a name.")],
    yes: Annotated[bool, typer.Option("--yes", help="Delete without asking.")] = False,
) -> None:
    """List what forgetting a person would take away, and delete it once that is confirmed."""
    from services.erasures import forget_here, plan_here  # noqa: PLC0415  Only who asks for it pays for it.
    from views.erasure import lines_of  # noqa: PLC0415  As above.

    with _refused_in_words():
        database, workspace_id = _tables(_settings())
        with database.read() as session:
            planned = plan_here(session, find_lead(session, workspace_id, lead))
        label = planned.lead.label
        typer.echo("\n".join((f"deleting {label} for good would take away:", *_listed(lines_of(planned, _WORDS)))))
        if not yes and not sys.stdin.isatty():
            typer.echo("nothing was deleted: with --yes it is")
            return
        typed = label if yes else typer.prompt(f"This cannot be undone. Type {label} to confirm")
        with database.write() as session:
            erasure = forget_here(session, workspace_id, planned.lead.number, typed, utc_now())
    typer.echo(
        f"{label} is deleted; the running Baton changes {erasure.messages} messages in Slack, deletes exported files"
        " there, and overwrites what the database has freed"
    )


def _listed(lines: Iterable[str]) -> Iterator[str]:
    return (f"- {line}" for line in lines)


@contextmanager
def _opened(path: Path | None) -> Iterator[TextIO]:
    if path is None:
        sys.stdout.reconfigure(encoding="utf-8", newline="")  # type: ignore[union-attr]
        yield sys.stdout
        return
    with path.open("w", encoding="utf-8", newline="") as file:
        yield file


@cli.command()
def deliveries(
    retry: Annotated[
        list[int] | None, typer.Option(help="Send this one again, by its number; may be repeated.")
    ] = None,
    retry_all: Annotated[bool, typer.Option("--retry-all", help="Send everything again that Slack refused.")] = False,
) -> None:
    """Say what is not delivered, and why; have the running Baton send it again."""
    with _refused_in_words():
        database, workspace_id = _tables(_settings())
        if retry or retry_all:
            _send_again(database, workspace_id, retry or [], retry_all)
            return
        with database.read() as session:
            waiting = list_undelivered(session, workspace_id)
    for found in waiting:
        typer.echo(_line_of(found))
    typer.echo(f"{len(waiting)} messages are not delivered")


def _line_of(undelivered: Undelivered) -> str:
    """Name the message and its lead's number: personal data have no place in a terminal's log."""
    delivery, lead = undelivered.delivery, undelivered.lead
    tried = f"tried {delivery.attempts} times" if delivery.attempts else "not tried yet"
    about = f" {lead.label}" if lead else ""
    return f"{delivery.id} {delivery.state:8} {delivery.kind}{about} → {delivery.channel_slack_id}: {delivery.error or tried}"


def _send_again(database: Database, workspace_id: int, numbers: list[int], is_all: bool) -> None:
    with database.write() as session:
        strange = [number for number in numbers if not send_again(session, workspace_id, number)]
        count = len(numbers) - len(strange) + (send_all_again(session, workspace_id) if is_all else 0)
    typer.echo(f"{count} messages will be sent again by the running Baton")
    if strange:
        _fail(f"nothing refused or unknown has the number {', '.join(map(str, strange))}", EXIT_REFUSED)


@cli.command()
def backup(file: Annotated[Path, typer.Argument(help="A new file.")]) -> None:
    """Copy the database to a file, while the bot runs."""
    from services.backups import BackupError  # noqa: PLC0415  Only who asks for it pays for it.
    from services.backups import backup as copy_to  # noqa: PLC0415

    with _refused_in_words():
        try:
            copy_to(make_engine(_settings().DATABASE_URL), file)
        except BackupError as error:
            _fail(str(error), EXIT_REFUSED)
    typer.echo(f"the database is copied to {file}")


def _settings() -> Settings:
    settings = read_settings()
    log_to_stderr(settings.LOG_LEVEL)
    return settings


def _bot(clock: Callable[[], datetime] = utc_now) -> Bot:
    return Bot(_settings(), clock)


def _tables(settings: Settings) -> tuple[Database, int]:
    """Open the database for what needs no Slack; a workspace that Baton never met is looked up at Slack."""
    engine = make_engine(settings.DATABASE_URL)
    with told_in_words():
        migrate(engine)
    database = Database(engine)
    with database.read() as session:
        workspace = only_workspace(session)
    return database, workspace.id if workspace else Bot(settings).workspace_id


@contextmanager
def _refused_in_words() -> Iterator[None]:
    """Turn what can go wrong into one line and an exit code."""
    try:
        yield
    except (SettingsError, SchemaError, StartError, ServeError) as error:
        _fail(str(error))
    except BusyError:
        _fail("the database cannot be used: check DATABASE_URL, that it can be written, and the space on its disk")
    except LeadError as error:
        _fail(errors.message(error, _WORDS).text, EXIT_REFUSED)
    except OSError as error:
        _fail(f"{error.filename or 'a file'}: {error.strerror or type(error).__name__}", EXIT_REFUSED)


def _fail(said: str, code: int = EXIT_CONFIGURATION) -> NoReturn:
    typer.echo(said, err=True)
    sys.exit(code)
