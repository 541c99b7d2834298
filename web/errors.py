"""What the web server refuses; apart from it, since who only asks for words needs no server."""


class ServeError(Exception):
    """The server cannot listen. The text is one line that says where and why."""
