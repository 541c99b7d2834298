"""The other commands of `bot.py`: doctor, job, import, export, forget, deliveries, backup."""

import csv
import io
import json
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest

from playground import PlaygroundServer
from playground.seed import MARKETING, SALES
from tests.program.conftest import Program, until

CSV = "Name,Firm,Mail,Floor\n中村 理恵,ミナモ精機,r@x.example,3\n=1+1,Evil,e@x.example,4\n,,not-an-address,5\n"


def imported(program: Program, tmp_path: Path) -> None:
    """Import three rows, one of them bad."""
    file = tmp_path / "leads.csv"
    file.write_text(CSV, encoding="utf-8")
    ended = program.run("import", str(file), "--map", "Name=name", "--map", "Firm=company", "--map", "Mail=email")
    assert "2 added" in ended.stdout, ended
    assert "row 4" in ended.stderr


@pytest.mark.sqlite
def test_import_export_and_backup_agree(program: Program, tmp_path: Path) -> None:
    """What a file brought in comes out again, formulas made harmless; a backup holds the same."""
    imported(program, tmp_path)
    again = program.run("import", str(tmp_path / "leads.csv"), "--map", "Name=name", "--map", "Mail=email")
    assert "0 added" in again.stdout
    rows = list(csv.DictReader(io.StringIO(program.run("export", "leads").stdout)))
    assert [(row["lead"], row["name"], row["stage"]) for row in rows] == [
        ("L-1", "中村 理恵", "INQUIRY"),
        ("L-2", "'=1+1", "INQUIRY"),
    ]
    assert program.run("export", "handoffs", "--to", "h.csv").returncode == 0
    assert (tmp_path / "h.csv").read_text(encoding="utf-8").startswith('"handoff","lead","state"')
    assert program.run("backup", "copy.db").returncode == 0
    with sqlite3.connect(tmp_path / "copy.db") as copy:
        assert copy.execute("SELECT count(*) FROM lead").fetchone() == (2,)
    copy.close()
    refused = program.run("backup", "copy.db")
    assert (refused.returncode, "exists already" in refused.stderr) == (1, True)


def test_a_person_is_exported_and_forgotten_on_the_command_line(program: Program, tmp_path: Path) -> None:
    """All about one person as JSON; a dry run that deletes nothing; then they are gone, and what was done is listed."""
    imported(program, tmp_path)
    held = json.loads(program.run("export", "--lead", "L-1").stdout)
    assert (held["person"]["name"], held["imports"][0]["file"]) == ("中村 理恵", "leads.csv")
    neither = program.run("export")
    assert (neither.returncode, "--lead L-12" in neither.stderr) == (2, True)
    dry = program.run("forget", "L-1")
    assert (dry.returncode, "nothing was deleted" in dry.stdout) == (0, True), dry
    assert "1 lead with everything known of it" in dry.stdout
    assert "L-1 is deleted" in program.run("forget", "L-1", "--yes").stdout
    assert "中村" not in program.run("export", "leads").stdout
    listed = program.run("exports").stdout.splitlines()
    assert ["leads" in line for line in listed] == [True, False]
    assert all("on the command line" in line for line in listed)
    assert "L-1" in listed[1]


@pytest.mark.sqlite
def test_a_backup_taken_under_load_starts_as_the_database(
    slack: PlaygroundServer, program: Program, tmp_path: Path
) -> None:
    """People add leads all the time: what the backup holds is what was there at one instant, and Baton starts from it."""
    program.start()
    assert slack.links.wait()
    tanaka, enough = slack.person("tanaka"), threading.Event()

    def add() -> None:
        number = 0
        while not enough.is_set():
            number += 1
            tanaka.command(MARKETING, f"/lead add 鈴木 {number}号")

    adding = threading.Thread(target=add)
    adding.start()
    assert program.run("backup", "copy.db").returncode == 0
    enough.set()
    adding.join()
    assert program.end() == 0
    with (
        closing(sqlite3.connect(tmp_path / "data" / "baton.db")) as now,
        closing(sqlite3.connect(tmp_path / "copy.db")) as then,
    ):
        # A lead that is there may be matched a moment later.
        for what in ("number, name FROM lead", "* FROM change", "* FROM receipt", "* FROM workspace", "* FROM team"):
            rows = [set(side.execute(f"SELECT {what}")) for side in (then, now)]
            assert rows[0] <= rows[1], what
        (count,) = then.execute("SELECT count(*) FROM lead").fetchone()
        assert then.execute("SELECT count(*) FROM change").fetchone() == (count,)
        assert then.execute("SELECT value FROM counter").fetchone() == ((count,) if count else None)
        assert then.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    program.start(DATABASE_URL=f"sqlite:///{tmp_path / 'copy.db'}")
    until(slack.links.wait)
    assert f"L-{count + 1}" in tanaka.command(MARKETING, "/lead add 青木 一郎").text


def test_a_file_that_cannot_be_read_is_told_in_words(program: Program, tmp_path: Path) -> None:
    """Two encodings, an unknown field, no file: one sentence and no traceback."""
    (tmp_path / "mixed.csv").write_bytes("氏名\n中村\n".encode() + "佐藤\n".encode("cp932"))
    for arguments in (("mixed.csv",), ("missing.csv",), ("mixed.csv", "--map", "x=nonsense")):
        ended = program.run("import", *arguments)
        assert ended.returncode != 0
        assert "Traceback" not in ended.stderr


def test_jobs_are_listed_run_and_only_counted_when_dry(
    slack: PlaygroundServer, program: Program, tmp_path: Path
) -> None:
    """`job` lists; `--dry-run` changes nothing; a run at a later business time flags what has fallen asleep."""
    imported(program, tmp_path)
    assert "digest" in program.run("job").stdout
    assert "would flag" in program.run("job", "dormant", "--dry-run", "--now", "2027-11-24T09:00:00+09:00").stdout
    assert program.run("job", "members").returncode == 0
    done = program.run("job", "dormant", "--now", "2027-11-24T09:00:00+09:00")
    assert "dormant: 2 done" in done.stdout, done
    assert program.run("job", "nonsense").returncode == 2
    assert "is no ISO 8601" in program.run("job", "digest", "--now", "someday").stderr
    assert not slack.person("sato").sees(SALES)


def test_deliveries_says_what_is_stuck_and_sends_it_again(slack: PlaygroundServer, program: Program) -> None:
    """With nothing stuck it says so; a refused card is named with its reason, and goes out when told to."""
    assert program.run("job", "deliver").returncode == 0
    assert "0 messages are not delivered" in program.run("deliveries").stdout
    slack.workspace.change_channel(SALES, is_archived=True)
    program.start(SLACK_APP_TOKEN="", SLACK_SIGNING_SECRET=slack.workspace.installation.signing_secret)
    assert slack.deliver_to(f"http://127.0.0.1:{program.port}/slack/events")
    slack.person("tanaka").command(MARKETING, "/lead add 中村 理恵, ミナモ精機, r@x.example")
    tanaka, failed = slack.person("tanaka"), 'baton_deliveries{state="failed"} 1.0'
    # Who is in marketing is read after the start.
    until(lambda: tanaka.command(MARKETING, "/lead qualify L-1").ok and failed in program.get("/metrics")[1], 20)
    program.end()
    listed = program.run("deliveries").stdout
    assert "failed   handoff_card L-1 → C0SALES: is_archived" in listed
    assert "ミナモ" not in listed
    slack.workspace.change_channel(SALES, is_archived=False)
    number = listed.split()[0]
    strange = program.run("deliveries", "--retry", "7")
    assert (strange.returncode, "7" in strange.stderr) == (1, True)
    assert "1 messages will be sent again" in program.run("deliveries", "--retry", number).stdout
    assert "0 messages will be sent again" in program.run("deliveries", "--retry-all").stdout
    assert program.run("job", "deliver").returncode == 0
    assert len(slack.person("sato").sees(SALES)) == 1


def test_doctor_finds_nothing_wrong_in_a_sound_workspace(whole_program: Program) -> None:
    """Everything in order: every line begins with ok."""
    ended = whole_program.run("doctor")
    assert ended.returncode == 0, ended.stdout
    assert all(line.startswith("ok") for line in ended.stdout.splitlines())
    assert "Slack accepts them in both languages" in ended.stdout


def test_doctor_names_what_is_missing(slack: PlaygroundServer, program: Program) -> None:
    """A missing scope, a channel without us, a shared one and a refused token each get a line that says what to do."""
    installation = slack.workspace.installation
    installation.scopes = installation.scopes - {"reactions:read"}
    ended = program.run(
        "doctor", SALES_CHANNEL="C0PARTNERS", MARKETING_CHANNEL="C0PRIVATE", SLACK_APP_TOKEN="xapp-wrong"
    )
    assert ended.returncode == 1
    said = ended.stdout
    assert "reactions:read" in said
    assert "shared with another organisation" in said
    assert "MARKETING_CHANNEL" in said
    assert "connections:write" in said
