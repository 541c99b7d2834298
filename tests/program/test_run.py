"""`bot.py run`: it starts in words or not at all, serves over both transports, and lets go when told."""

import signal
import socket

import pytest

from playground import PlaygroundServer
from playground.seed import MARKETING, SALES
from tests.program.conftest import Program, until


def test_a_lead_is_handed_off_over_socket_mode(slack: PlaygroundServer, whole_program: Program) -> None:
    """The process that `make run` starts answers commands, posts the card by itself and takes a claim by reaction."""
    program = whole_program
    program.start()
    assert slack.links.wait()
    tanaka, sato = slack.person("tanaka"), slack.person("sato")
    assert "L-1" in tanaka.command(MARKETING, "/lead add 中村 理恵, ミナモ精機, r@x.example").text
    until(lambda: "qualify" in tanaka.command(MARKETING, "/lead help").text)
    until(lambda: tanaka.command(MARKETING, "/lead qualify L-1 今朝デモ依頼").ok and sato.sees(SALES))
    sato.react(sato.sees(SALES)[0], "raised_hand")
    until(lambda: any("L-1" in answer.text for answer in sato.private_answers(SALES)))
    until(lambda: "Sato" in sato.sees(SALES)[0].text)
    assert program.get("/healthz")[0] == 200
    assert program.get("/readyz")[0] == 200
    assert 'baton_requests_total{kind="command"' in program.get("/metrics")[1]
    assert program.get("/slack/events")[0] in {404, 405}
    assert program.end() == 0


def test_a_lead_is_added_over_signed_http(slack: PlaygroundServer, whole_program: Program) -> None:
    """With a signing secret instead of an app token the same program hears Slack over HTTP."""
    program = whole_program
    program.start(SLACK_APP_TOKEN="", SLACK_SIGNING_SECRET=slack.workspace.installation.signing_secret)
    assert slack.deliver_to(f"http://127.0.0.1:{program.port}/slack/events")
    assert "L-1" in slack.person("sato").command(SALES, "/lead add Rie Nakamura, Minamo Inc., r@x.example").text
    assert program.end(signal.SIGINT) == 0


def test_what_was_saved_survives_a_kill(slack: PlaygroundServer, program: Program) -> None:
    """After kill -9 the next start goes on with what was answered as saved, and gives the next number."""
    program.start()
    assert slack.links.wait()
    slack.person("tanaka").command(MARKETING, "/lead add 中村 理恵")
    program.end(signal.SIGKILL)
    until(lambda: len(slack.links) == 0)
    program.start()
    until(slack.links.wait)
    assert "L-2" in slack.person("tanaka").command(MARKETING, "/lead add 青木 一郎").text
    assert "中村" in slack.person("tanaka").command(MARKETING, "/lead show L-1").text
    assert program.end() == 0


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"SLACK_BOT_TOKEN": ""}, "SLACK_BOT_TOKEN is missing"),
        ({"SLACK_BOT_TOKEN": "xoxp-1"}, "SLACK_BOT_TOKEN is malformed"),
        ({"SLACK_BOT_TOKEN": "xoxb-wrong"}, "SLACK_BOT_TOKEN is refused by Slack"),
        ({"SLACK_APP_TOKEN": "xapp-wrong"}, "SLACK_APP_TOKEN is refused by Slack"),
        ({"SLACK_APP_TOKEN": ""}, "SLACK_APP_TOKEN or SLACK_SIGNING_SECRET is missing"),
        ({"DATABASE_URL": "mysql://x"}, "DATABASE_URL is malformed"),
        ({"DATABASE_URL": "sqlite:////proc/no/such/folder.db"}, "/proc/no"),
        ({"DEFAULT_TIMEZONE": "Mars/Olympus"}, "DEFAULT_TIMEZONE is malformed"),
        ({"SALES_CHANNEL": "sales"}, "SALES_CHANNEL is malformed"),
    ],
)
def test_wrong_settings_end_the_start_with_one_line(program: Program, changes: dict[str, str], named: str) -> None:
    """The line names the variable and says what to do; no traceback, and no token."""
    ended = program.run("run", **changes)
    assert ended.returncode in {1, 2}
    said = [line for line in ended.stderr.splitlines() if not line.startswith("{")]
    assert len(said) == 1
    assert named in said[0]
    assert "xoxb-" not in ended.stderr.replace("(xoxb-…", "") or "playground" not in ended.stderr


def test_a_taken_port_is_told_in_words(whole_program: Program) -> None:
    """Another program on the port: exit code 2 and the port in one line."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        ended = whole_program.run("run", PORT=port)
    assert ended.returncode == 2
    assert port in ended.stderr.splitlines()[-1]
