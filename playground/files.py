"""Uploaded files."""

from dataclasses import replace
from mimetypes import guess_type
from typing import TYPE_CHECKING
from urllib.parse import quote

from playground.entities import File, Json
from playground.errors import SlackError

if TYPE_CHECKING:
    from playground.workspace import Workspace


class Files:
    """All files of the workspace, uploads under way among them."""

    def __init__(self, workspace: "Workspace") -> None:
        self._ws = workspace
        self._files: dict[str, File] = {}

    def begin(self, name: str, user: str, size: int = 0) -> File:
        """Make room for an upload."""
        with self._ws.lock:
            mimetype = guess_type(name)[0] or "application/octet-stream"
            file = File(self._ws.new_id("F"), name, user, title=name, size=size, mimetype=mimetype)
            self._files[file.id] = file
            return file

    def fill(self, file_id: str, content: bytes) -> File:
        with self._ws.lock:
            file = replace(self.get(file_id), content=content, size=len(content), uploaded=True)
            self._files[file_id] = file
            return file

    def complete(self, file_id: str, title: str = "", channels: tuple[str, ...] = ()) -> File:
        with self._ws.lock:
            before = self.get(file_id)
            file = replace(before, title=title or before.title, channels=channels, completed=True)
            self._files[file_id] = file
            return file

    def delete(self, file_id: str) -> None:
        """Take a file away: where it was shared, a tombstone stays."""
        with self._ws.lock:
            self._files[file_id] = replace(self.get(file_id), content=b"", name="", title="", size=0, deleted=True)

    def get(self, file_id: str) -> File:
        """Find a file.

        Raises:
            SlackError: file_not_found.
        """
        try:
            return self._files[file_id]
        except KeyError:
            raise SlackError("file_not_found") from None

    def to_json(self, file_id: str) -> Json:
        """Give the file object as Slack shows it in payloads."""
        file = self.get(file_id)
        if file.deleted:
            return {"id": file.id, "mode": "tombstone"}
        url = f"{self._ws.url}/files-pri/{self._ws.team.id}-{file.id}/{quote(file.name, safe='')}"
        return {
            "id": file.id,
            "created": self._ws.epoch(),
            "name": file.name,
            "title": file.title,
            "mimetype": file.mimetype,
            "filetype": file.name.rpartition(".")[2],
            "user": file.user,
            "size": file.size,
            "mode": "hosted",
            "is_external": False,
            "is_public": False,
            "url_private": url,
            "url_private_download": f"{url}?download=1",
            "channels": list(file.channels),
        }
