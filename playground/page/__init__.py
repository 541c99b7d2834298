"""The server side of the page: the workspace as one person sees it in a browser. See the playground's README.md."""

from playground.page.options import PageOptions, Verb
from playground.page.page import Page
from playground.page.tour import ClockMoved, Step, Tour

__all__ = ["ClockMoved", "Page", "PageOptions", "Step", "Tour", "Verb"]
