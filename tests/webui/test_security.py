"""What every answer carries."""

import pytest

from webui import security

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; frame-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


@pytest.mark.parametrize("path", ["/healthz", "/nothing", "/api/v1/me", "/api/v1/openapi.json", "/api/v1/nothing"])
def test_every_answer_carries_the_policy_and_its_companions(office, path):
    headers = office.nobody.get(path).headers

    assert headers["Content-Security-Policy"] == POLICY
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["X-Request-Id"]
    assert "Server" not in headers or "Werkzeug" in headers["Server"]


def test_answers_about_people_are_not_kept_by_browsers(office):
    assert office.ana.get("me").headers["Cache-Control"] == "no-store"


def test_an_editor_page_may_set_style_attributes_and_nothing_else(office):
    @office.app.get("/test-editor")
    @security.editor_page
    def editor():
        return "drawn"

    policy = office.nobody.get("/test-editor").headers["Content-Security-Policy"]

    assert policy == POLICY.replace(
        "style-src 'self'", "style-src 'self'; style-src-elem 'self'; style-src-attr 'unsafe-inline'"
    )
    assert "unsafe-eval" not in policy


def test_hashed_assets_are_kept_for_ever_and_others_are_asked_for_again(office, monkeypatch, tmp_path):
    (tmp_path / "dist").mkdir()
    (tmp_path / "dist" / "app-Bx3kq9Zt.js").write_text("1")
    (tmp_path / "manifest.json").write_text("{}")
    monkeypatch.setattr(office.app, "static_folder", str(tmp_path))

    hashed = office.nobody.get("/static/dist/app-Bx3kq9Zt.js")
    plain = office.nobody.get("/static/manifest.json")
    missing = office.nobody.get("/static/dist/gone-Bx3kq9Zt.js")

    assert hashed.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert "immutable" not in plain.headers["Cache-Control"]
    assert "immutable" not in missing.headers.get("Cache-Control", "")
    for answer in (hashed, plain):
        answer.close()


def test_forwarded_headers_are_believed_from_trusted_proxies_only(office, make_office):
    headers = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https"}

    believed = make_office(trusted_proxies=1).nobody.get("/healthz", headers=headers)
    ignored = office.nobody.get("/healthz", headers=headers)

    assert "Strict-Transport-Security" in believed.headers
    assert "Strict-Transport-Security" not in ignored.headers
