"""Error pages: they say what happened, what to do, a way on; and work when nothing else does."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation, TooManyFieldsSent
from django.http import HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.template import TemplateDoesNotExist, loader
from django.test import RequestFactory

from credit_platform.web import errors

PAGES = [*(str(status) for status in sorted(errors.PAGES)), "csrf"]


@pytest.fixture(autouse=True)
def _plain_static_files(settings):
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }


@pytest.fixture
def request_():
    return RequestFactory().get("/somewhere/", headers={"accept": "text/html"})


@pytest.mark.parametrize("page", PAGES)
def test_every_page_renders_with_nothing_and_shows_a_way_on(page):
    html = loader.get_template(f"errors/{page}.html").render({})
    assert "<h1></h1>" not in html
    assert html.count("<li>") >= 2
    assert re.search(r'class="btn[^"]*" href="[^"]+"', html)
    assert "编号" not in html
    assert "！" not in html


@pytest.mark.parametrize("status", [400, 403, 404, 500])
def test_djangos_own_names_exist(status):
    assert loader.get_template(f"{status}.html").render({}) == loader.get_template(
        f"errors/{status}.html"
    ).render({})


@pytest.mark.parametrize("status", sorted(errors.PAGES))
def test_render_error_answers_with_the_status(request_, status):
    assert errors.render_error(request_, status).status_code == status


def test_a_status_without_page_is_a_mistake_of_the_caller(request_):
    with pytest.raises(ValueError, match="418"):
        errors.render_error(request_, 418)


def test_waiting_time_and_large_text_are_shown(request_):
    request_.COOKIES["size"] = "large"
    html = errors.render_error(request_, 429, minutes=15).content.decode()
    assert "15 分钟" in html
    assert 'data-size="large"' in html


@pytest.mark.parametrize(
    ("exception", "status"),
    [
        (None, 400),
        (SuspiciousOperation("x"), 400),
        (RequestDataTooBig("x"), 413),
        (TooManyFieldsSent("x"), 413),
    ],
)
def test_too_large_is_told_apart_from_unreadable(request_, exception, status):
    assert errors.handler400(request_, exception).status_code == status


def test_handlers_never_repeat_the_exceptions_text(request_):
    for handler in (errors.handler403, errors.handler404):
        assert b"secret" not in handler(request_, Exception("secret")).content


def test_the_number_of_a_fault_is_on_the_page_and_in_the_log(request_, caplog):
    html = errors.handler500(request_).content.decode()
    number = re.search(r"编号 <b class=\"num\">([0-9A-F]{6})</b>", html)
    assert number
    assert number[1] in caplog.text


def test_a_fault_in_the_error_page_itself_still_gets_an_answer(request_, monkeypatch):
    def broken(name):
        raise TemplateDoesNotExist(name)

    monkeypatch.setattr(loader, "get_template", broken)
    response = errors.handler500(request_)
    assert response.status_code == 500
    assert "请联系管理员，编号" in response.content.decode()


def test_csrf_failure_says_the_page_is_stale_and_logs_why(request_, caplog):
    response = errors.csrf_failure(request_, reason="token missing")
    assert response.status_code == 403
    assert "页面已过期" in response.content.decode()
    assert "token missing" in caplog.text


def test_bare_refusals_get_a_page_and_keep_their_headers(request_):
    answer = HttpResponseNotAllowed(["POST"])
    answer["Content-Length"] = "0"
    response = errors.ErrorPageMiddleware(lambda request: answer)(request_)
    assert response.status_code == 405
    assert response["Allow"] == "POST"
    assert "不能直接打开" in response.content.decode()
    assert response["Content-Length"] == str(len(response.content))


@pytest.mark.parametrize(
    "answer", [HttpResponse("own text", status=404), HttpResponse(), JsonResponse({}, status=409)]
)
def test_other_answers_pass_unchanged(request_, answer):
    before = answer.content
    assert errors.ErrorPageMiddleware(lambda request: answer)(request_).content == before


def test_machines_get_no_page():
    request = RequestFactory().get("/api/", headers={"accept": "application/json"})
    response = errors.ErrorPageMiddleware(lambda _: HttpResponseNotAllowed(["POST"]))(request)
    assert response.content == b""


def test_error_templates_use_no_tag_that_could_ask_the_database():
    folder = Path(settings.BASE_DIR) / "templates" / "errors"
    for template in folder.glob("*.html"):
        assert not re.search(r"\{[{%][^}]*\b(actor|menu|user|csrf_token|messages)\b", template.read_text()), (
            template.name
        )
