"""Files: uploads in three steps through slack_sdk, and downloads that need the token."""

import httpx
import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from playground import Person, PlaygroundServer, Workspace
from playground.seed import SALES


def test_upload_and_share(client: WebClient, sato: Person) -> None:
    """files_upload_v2 puts a file into a channel."""
    client.files_upload_v2(channel=SALES, filename="report.csv", content="name\nx\n", initial_comment="here")
    message = sato.sees(SALES)[0]
    assert (message.text, len(message.file_ids)) == ("here", 1)


def test_download_needs_the_token(client: WebClient, workspace: Workspace, sato: Person) -> None:
    """A private file is given to the token alone; others get a sign-in page."""
    file = sato.upload("leads.csv", "名前\n".encode())
    info = client.files_info(file=file.id)["file"]
    assert (info["mimetype"], info["size"]) == ("text/csv", 7)
    right = {"Authorization": f"Bearer {workspace.installation.bot_token}"}
    assert httpx.get(info["url_private"], headers=right).content == "名前\n".encode()
    assert "Sign in" in httpx.get(info["url_private"]).text
    assert httpx.get(info["url_private"].replace(file.id, "F0NONE"), headers=right).status_code == 404


def test_uploads_are_refused(client: WebClient, server: PlaygroundServer) -> None:
    """Unknown files, and files whose bytes never came, are refused."""
    with pytest.raises(SlackApiError, match="file_not_found"):
        client.files_info(file="F9")
    begun = client.files_getUploadURLExternal(filename="a.csv", length=3)
    with pytest.raises(SlackApiError, match="file_update_failed"):
        client.files_completeUploadExternal(files=[{"id": begun["file_id"]}])
    with pytest.raises(SlackApiError, match="missing_argument"):
        client.files_getUploadURLExternal(filename="a.csv", length=0)
    assert httpx.post(f"{server.url}/upload/F9", content=b"x").status_code == 404


def test_said_with_a_file(client: WebClient, sato: Person) -> None:
    """A person's message carries its files."""
    file = sato.upload("leads.csv", b"x")
    sato.say(SALES, "list", file_ids=(file.id,))
    message = client.conversations_history(channel=SALES)["messages"][0]
    assert (message["subtype"], message["files"][0]["name"]) == ("file_share", "leads.csv")


def test_files_are_deleted_by_who_sent_them(client: WebClient, workspace: Workspace, sato: Person) -> None:
    """The app takes its own file back, and a tombstone stays; a person's is not its to delete."""
    client.files_upload_v2(channel=SALES, filename="report.csv", content="name\nx\n")
    file_id = sato.sees(SALES)[0].file_ids[0]
    right = {"Authorization": f"Bearer {workspace.installation.bot_token}"}
    address = client.files_info(file=file_id)["file"]["url_private"]
    assert client.files_delete(file=file_id)["ok"]
    assert httpx.get(address, headers=right).status_code == 404
    message = client.conversations_history(channel=SALES)["messages"][0]
    assert message["files"] == [{"id": file_id, "mode": "tombstone"}]
    with pytest.raises(SlackApiError, match="file_deleted"):
        client.files_delete(file=file_id)
    with pytest.raises(SlackApiError, match="cant_delete_file"):
        client.files_delete(file=sato.upload("leads.csv", b"x").id)
