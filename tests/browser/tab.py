"""What somebody does in one tab of the page, by what they see: names, labels and roles."""

from playwright.sync_api import Locator, Page, expect


class Tab:
    """One tab, open as one person."""

    def __init__(self, page: Page) -> None:
        self.page = page
        expect(page.locator(".frame")).to_be_attached()

    @property
    def composer(self) -> Locator:
        return self.page.locator("main .composer textarea")

    @property
    def form(self) -> Locator:
        """The form on top."""
        return self.page.locator("dialog.modal")

    def go(self, name: str) -> None:
        """Choose a channel or the app in the sidebar."""
        self.page.get_by_role("navigation").get_by_role("link", name=name).click()

    def type(self, line: str) -> None:
        """Type a line and send it with Enter; the list of completions is closed first."""
        self.composer.fill(line)
        if self.page.get_by_role("listbox").is_visible():
            self.composer.press("Escape")
        self.composer.press("Enter")

    def message(self, text: str) -> Locator:
        """The last message that says this."""
        return self.page.get_by_role("article").filter(has_text=text).last

    def sees(self, text: str) -> Locator:
        """Wait until a message says this, and return it."""
        found = self.message(text)
        expect(found).to_be_visible()
        return found

    def press(self, button: str, within: Locator) -> None:
        within.get_by_role("button", name=button).first.click()

    def fill(self, label: str, text: str) -> None:
        """Type into a field of the form on top."""
        self.form.get_by_role("textbox", name=label).first.fill(text)

    def move_clock(self, choice: str, patience_ms: int = 30_000) -> None:
        """Choose how far the clock is to go, and wait until it has arrived."""
        self.page.locator("details.clock > summary").click()
        self.page.locator("details.clock").get_by_role("button", name=choice).click()
        expect(self.page.locator(".clock.moving")).to_be_visible()
        expect(self.page.locator("details.clock")).to_be_visible(timeout=patience_ms)
