"""A person at a browser: signs in, fills forms, and notes everything the browser complains of."""

import re
from collections.abc import Mapping
from typing import Any

from playwright.sync_api import Browser, ConsoleMessage, Dialog, Locator, Page, Response

from tests.e2e.paper import Teacher

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = (
    "--no-sandbox",
    "--lang=zh-CN",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)
DESK, LAPTOP, PHONE = (1440, 900), (1366, 768), (390, 844)
_OWN_STATUS = "Failed to load resource"


class Visitor:
    """One browser context (own cookies). `complaints`: console errors, CSP violations, script errors, lost files.

    `statuses` are those of the pages visited, so a test can say which refusals it meant.
    """

    def __init__(
        self, browser: Browser, site: str, *, size: tuple[int, int] = LAPTOP, **options: Any
    ) -> None:
        self.site = site
        viewport = {"width": size[0], "height": size[1]}
        self.context = browser.new_context(viewport=viewport, locale="zh-CN", base_url=site, **options)
        self.context.set_default_timeout(15_000)
        self.complaints: list[str] = []
        self.statuses: list[int] = []
        self.context.on("page", self._watch)
        self.page = self.context.new_page()

    def _watch(self, page: Page) -> None:
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self.complaints.append(f"script: {error}"))
        page.on("response", self._on_response)
        page.on("dialog", self._on_dialog)

    def _on_console(self, message: ConsoleMessage) -> None:
        # That a page itself came with 422 or 404 is also written to the console; lost files are seen as responses.
        if message.type == "error" and not message.text.startswith(_OWN_STATUS):
            self.complaints.append(f"console: {message.text}")

    def _on_response(self, response: Response) -> None:
        if response.request.is_navigation_request():
            self.statuses.append(response.status)
        elif response.status >= 400:
            self.complaints.append(f"{response.status} {response.url}")

    def _on_dialog(self, dialog: Dialog) -> None:
        if dialog.type == "beforeunload":
            dialog.accept()
        else:
            self.complaints.append(f"dialog: {dialog.message}")

    # --- going about ----------------------------------------------------------------------------------------------

    def open(self, path: str) -> Page:
        self.page.goto(path)
        return self.page

    def sign_in(self, username: str, password: str) -> Page:
        self.open("/sign-in/")
        self.page.get_by_label("用户名").fill(username)
        self.page.get_by_label("密码").fill(password)
        self.press(self.button("登录"))
        return self.page

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    def action(self, label: str) -> Locator:
        """The button of a record's action in the bar below the form."""
        return self.page.locator(".actbar").get_by_role("button", name=label, exact=True)

    def in_dialog(self, label: str) -> Locator:
        """A button of the open dialog."""
        return self.page.get_by_role("dialog").get_by_role("button", name=label, exact=True)

    def press(self, control: Locator, **options: Any) -> None:
        """Click what leads to another page, and wait until that has come."""
        with self.page.expect_navigation():
            control.click(**options)

    def act(self, label: str) -> None:
        """Do what a button of the record says at once, without a question."""
        self.press(self.action(label))

    def confirm(self, label: str) -> None:
        """Press a button that asks first, and say yes in its dialog."""
        self.action(label).click()
        self.press(self.in_dialog(label))

    def send_back(self, reason: str) -> None:
        """Return a record with a reason."""
        self.action("退回").click()
        self.page.get_by_label("原因（必填）").fill(reason)
        self.press(self.in_dialog("退回"))

    def follow(self, name: str, *, exact: bool = True) -> None:
        """Follow a link."""
        self.press(self.page.get_by_role("link", name=name, exact=exact).first)

    def open_archive(self, teacher: Teacher) -> str:
        """Open an archive for somebody new; return the id of the record that begins."""
        self.open("/archives/open/")
        self.fill({"name": teacher.name, "document_number": teacher.number})
        self.press(self.button("建立并填写"))
        return self.page.url.rstrip("/").rpartition("/")[2]

    def fill(self, values: Mapping[str, str]) -> None:
        """Fill controls by their names: texts are typed, choices chosen by their words, radio buttons by value."""
        for name, value in values.items():
            control = self.page.locator(f"[name={name}]")
            if control.first.get_attribute("type") == "radio":
                self.page.locator(f"[name={name}][value={value}]").check()
            elif control.evaluate("control => control.tagName") == "SELECT":
                control.select_option(label=value)
            else:
                control.fill(value)

    # --- what is to be seen ---------------------------------------------------------------------------------------

    def shown(self) -> str:
        """The text of the page, blanks folded."""
        return re.sub(r"\s+", " ", self.page.locator("body").inner_text())

    def message_at(self, name: str) -> str:
        """The message at a field; empty when it has none."""
        text = self.page.locator(f"#msg-{name}").inner_text()
        return text.replace("错误：", "").strip()

    def cookie(self, name: str) -> str | None:
        found = (cookie for cookie in self.context.cookies() if cookie.get("name") == name)
        return next((cookie.get("value") for cookie in found), None)

    def close(self) -> None:
        self.context.close()
