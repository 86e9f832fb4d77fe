"""Makes the pictures of the README from the real demonstration: `python -m tests.e2e.shots docs/images`."""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.e2e.maker import Maker
from tests.e2e.stack import Stack, running_stack
from tests.e2e.tour import Places, make_places
from tests.e2e.visitor import ARGUMENTS, CHROMIUM, DESK, PHONE, Visitor


@dataclass(frozen=True)
class Shot:
    """Who stands where, at which size of window."""

    username: str
    path: str | Callable[[Places], str]
    size: tuple[int, int] = DESK


SHOTS: Mapping[str, Shot] = {
    "sign-in": Shot("", "/sign-in/"),
    "worklist": Shot("jingban", "/"),
    "record": Shot("tianbao", lambda places: places.draft),
    "review": Shot("shenhe", lambda places: places.in_review),
    "office": Shot("xinyong", "/"),
    "phone": Shot("tianbao", lambda places: places.draft, PHONE),
}


def take(browser: Browser, stack: Stack, places: Places, shot: Shot, file: Path) -> None:
    visitor = Visitor(browser, stack.site, size=shot.size)
    if shot.username:
        visitor.sign_in(shot.username, stack.passwords[shot.username])
    visitor.open(shot.path if isinstance(shot.path, str) else shot.path(places))
    visitor.page.wait_for_load_state("networkidle")
    visitor.page.screenshot(path=file)
    visitor.close()


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with running_stack() as stack, Maker() as maker, sync_playwright() as playwright:
        places = make_places(stack, maker)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        for name, shot in SHOTS.items():
            take(browser, stack, places, shot, folder / f"{name}.png")
            print(folder / f"{name}.png")
        browser.close()


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit("usage: python -m tests.e2e.shots FOLDER")
    main(Path(sys.argv[1]))
