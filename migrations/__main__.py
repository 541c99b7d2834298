"""Revisions written from the models, and compared with them: `python -m migrations new "What changes"`, `again`, `check`."""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from alembic import command
from alembic.config import Config

from migrations.compare import differences
from models.database import make_engine
from models.schema import MIGRATIONS, SchemaError, migrate, revisions, tables


def write_revision(message: str) -> Path:
    """Write the next revision: what the models have and the revisions so far have not. Read it before you keep it."""
    number = f"{len(revisions()) + 1:04}"
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    for table in tables().tables.values():
        for column in table.primary_key:
            # The application makes the ids; where the default is not seen, PostgreSQL would add a sequence.
            column.autoincrement = False
    with tempfile.TemporaryDirectory() as folder:
        engine = make_engine(f"sqlite:///{folder}/before.db")
        if revisions():
            migrate(engine)
        with engine.connect() as connection:
            config.attributes["connection"] = connection
            command.revision(config, message, autogenerate=True, rev_id=number)
        engine.dispose()
    (file,) = (MIGRATIONS / "versions").glob(f"{number}_*.py")
    _tidy(file)
    return file


def rewrite_revision() -> Path:
    """Write the last revision anew from the models, under its old name: only while nobody has run it."""
    (file,) = (MIGRATIONS / "versions").glob(f"{revisions()[-1]}_*.py")
    old = file.read_text()
    message = old.partition("\n")[0].strip('".')
    file.unlink()
    try:
        return write_revision(message)
    except BaseException:
        file.write_text(old)
        raise


def _tidy(file: Path) -> None:
    lines = file.read_text().splitlines(keepends=True)
    file.write_text("".join(line for line in lines if not line.strip().startswith("# ###")))
    for task in (["check", "-q", "--fix", "--select", "I,F401"], ["format", "-q"]):
        subprocess.run([sys.executable, "-m", "ruff", *task, file], check=True)  # noqa: S603  # Our own file.


def main() -> int:
    """Do what the command line says and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m migrations", description="Revisions of the tables.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("new", help="write the next revision from the models").add_argument("message")
    commands.add_parser("again", help="write the last revision anew; only while nobody has run it")
    commands.add_parser("check", help="fail when the models and the revisions differ").add_argument(
        "url", nargs="?", help="an empty database to try it in; without one, a new SQLite file"
    )
    arguments = parser.parse_args()
    if arguments.command == "check":
        return _check(arguments.url)
    file = write_revision(arguments.message) if arguments.command == "new" else rewrite_revision()
    print(f"{file.relative_to(Path.cwd())} is written: read it before you keep it")
    return 0


def _check(url: str | None) -> int:
    with tempfile.TemporaryDirectory() as folder:
        try:
            found = differences(url or f"sqlite:///{folder}/check.db")
        except SchemaError as error:
            print(error)
            return 2
    if found:
        print('the models and the revisions differ: run `python -m migrations new "What changes"`', *found, sep="\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
