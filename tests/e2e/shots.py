"""Makes the pictures of the README and of the manual from the real demonstration:
`python -m tests.e2e.shots docs/images static/manual`.
"""

import io
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from tests.e2e.maker import Maker
from tests.e2e.stack import Stack, running_stack
from tests.e2e.tour import Places, make_places
from tests.e2e.visitor import ARGUMENTS, CHROMIUM, DESK, PHONE, Visitor

PAGE = (1280, 720)
"""Size of a picture in the manual, as `templates/manual/picture.html` says."""
HAND = (390, 760)


@dataclass(frozen=True)
class Shot:
    """Who stands where, at which size of window."""

    username: str
    path: str | Callable[[Places], str]
    size: tuple[int, int] = DESK


README: Mapping[str, Shot] = {
    "sign-in": Shot("", "/sign-in/"),
    "worklist": Shot("jingban", "/"),
    "record": Shot("tianbao", lambda places: places.draft),
    "review": Shot("shenhe", lambda places: places.in_review),
    "office": Shot("xinyong", "/"),
    "phone": Shot("tianbao", lambda places: places.draft, PHONE),
}
MANUAL: Mapping[str, Shot] = {
    "worklist": Shot("tianbao", "/", PAGE),
    "record": Shot("tianbao", lambda places: places.draft, PAGE),
    "clerk": Shot("jingban", "/", PAGE),
    "roster": Shot("jingban", "/roster/", PAGE),
    "proceeding": Shot("jingban", lambda places: places.proceeding, PAGE),
    "review": Shot("shenhe", lambda places: places.in_review, PAGE),
    "phone": Shot("shenhe", "/review/confirm/", HAND),
    "office": Shot("xinyong", "/", PAGE),
}


def picture(browser: Browser, stack: Stack, places: Places, shot: Shot) -> bytes:
    """Return what the window shows, as PNG."""
    visitor = Visitor(browser, stack.site, size=shot.size)
    if shot.username:
        visitor.sign_in(shot.username, stack.passwords[shot.username])
    visitor.open(shot.path if isinstance(shot.path, str) else shot.path(places))
    visitor.page.wait_for_load_state("networkidle")
    taken: bytes = visitor.page.screenshot()
    visitor.close()
    return taken


def main(readme: Path, manual: Path) -> None:
    with running_stack() as stack, Maker() as maker, sync_playwright() as playwright:
        places = make_places(stack, maker)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        for name, shot in README.items():
            (readme / f"{name}.png").write_bytes(picture(browser, stack, places, shot))
            print(readme / f"{name}.png")
        for name, shot in MANUAL.items():
            image = Image.open(io.BytesIO(picture(browser, stack, places, shot)))
            image.convert("RGB").save(manual / f"{name}.webp", quality=62, method=6)
            print(manual / f"{name}.webp")
        browser.close()


if __name__ == "__main__":
    if len(sys.argv) != 3:
        raise SystemExit("usage: python -m tests.e2e.shots FOLDER_OF_THE_README FOLDER_OF_THE_MANUAL")
    main(Path(sys.argv[1]), Path(sys.argv[2]))
