"""The page of a task: what stands beside the form, what is done there, and who gets none of it."""

from io import BytesIO

import pytest

from tests.webui.closed_doors import sign_in

PDF = b"%PDF-1.7\n1 0 obj\n<< >>\nendobj\n"


@pytest.fixture
def task(office):
    """Leave to be approved, which Ana took."""
    found = office.task(office.start())["id"]
    office.ana.post(f"user-tasks/{found}/claim", {})
    return found


def text_of(browser, address):
    answer = browser.get(address)
    assert answer.status_code == 200, address
    return answer.get_data(as_text=True)


def send(browser, task, address, json=None, **fields):
    page = f"/inbox/{task}"
    shown = browser.get(page)
    token = shown.get_data(as_text=True).split('name="csrf-token" content="')[1].split('"')[0]
    if json is not None:
        return browser.open(address, method="POST", json=json, headers={"X-CSRFToken": token})
    return browser.post(address, data={"csrf_token": token, "back": page, **fields})


def test_comments_papers_help_and_questions_stand_on_the_page(office, task):
    ana, page = sign_in(office, "ana"), f"/inbox/{task}"

    answers = [
        send(ana, task, f"/work/{task}/comments", body="<i>Look</i>, @pia"),
        send(ana, task, f"/work/{task}/helpers", username="Otto"),
        send(ana, task, f"/work/{task}/questions", of="bo", question="Is <b>he</b> back?"),
        send(ana, task, "/documents", user_task_id=task, file=(BytesIO(PDF), "plan.pdf"), title="<u>Plan</u>"),
    ]

    assert [answer.status_code for answer in answers] == [303] * 4
    text = text_of(ana, page)
    for shown in ("&lt;i&gt;Look&lt;/i&gt;", '<b class="mention">@pia</b>', "Is &lt;b&gt;he&lt;/b&gt; back?",
                  "&lt;u&gt;Plan&lt;/u&gt;", "helps: sees it and drafts"):  # fmt: skip
        assert shown in text, shown
    for raw in ("<i>Look", "<b>he</b>", "<u>Plan"):
        assert raw not in text
    assert "asks you" in text_of(sign_in(office, "bo"), page)
    assert "Keep for whoever completes it" in text_of(sign_in(office, "otto"), page)
    assert "names you in a comment" in text_of(sign_in(office, "pia"), "/notices")


def test_a_refusal_leads_back_to_the_page_and_says_why(office, task):
    ana = sign_in(office, "ana")

    for address, fields in (
        (f"/work/{task}/comments", {"body": "\u200b"}),
        (f"/work/{task}/helpers", {"username": "santa"}),
        (f"/work/{task}/helpers", {"username": "ana"}),
        (f"/work/{task}/questions", {"of": "bo", "question": ""}),
        ("/documents", {"user_task_id": task, "file": (BytesIO(b""), "x.pdf")}),
        ("/documents", {"user_task_id": task, "file": (BytesIO(b"MZ" + b"\0" * 80), "x.pdf")}),
        ("/documents", {"user_task_id": task}),
    ):
        refused = send(ana, task, address, **fields)
        assert refused.status_code == 303, address
        assert refused.headers["Location"] in (f"/inbox/{task}", address), address
        assert 'class="toast late"' in text_of(ana, f"/inbox/{task}"), (address, fields)


def test_a_delegate_fills_in_and_hands_back(office, task):
    ana, bo = sign_in(office, "ana"), sign_in(office, "bo")
    send(ana, task, f"/work/{task}/hand-on", to="bo", how="delegate")
    assert "Hand back to Ana" in text_of(bo, f"/inbox/{task}")

    back = send(bo, task, f"/work/{task}/hand-in", json={"variables": {"decision": "refuse", "note": "Too long"}})

    assert back.status_code == 200
    shown = text_of(ana, f"/inbox/{task}")
    assert "Too long" in shown
    assert "Hand back" not in shown


def test_who_assigns_gives_it_away_for_good(office, task):
    send(sign_in(office, "ana"), task, f"/work/{task}/hand-on", to="Bo", how="assign")

    assert office.bo.get(f"user-tasks/{task}").json["assignee"] == "bo"
    assert office.bo.get(f"user-tasks/{task}").json["owner"] is None


def test_a_late_window_is_told_and_both_versions_are_shown(office, task):
    ana, page = sign_in(office, "ana"), f"/inbox/{task}"
    text = text_of(ana, page)
    token = text.split('name="csrf-token" content="')[1].split('"')[0]

    def save(note, version):
        body = {"values": {"note": note}, "version": version}
        return ana.put(f"{page}/draft", json=body, headers={"X-CSRFToken": token}).json

    assert save("first", 0) == {"version": 1, "beside": False}
    assert save("late", 0) == {"version": 1, "beside": True}
    shown = text_of(ana, page)
    assert "Another version of this form" in shown
    copy = shown.split("/work/copies/")[1].split("/")[0]
    assert send(ana, task, f"/work/copies/{copy}/take").headers["Location"] == page
    assert office.ana.get(f"user-tasks/{task}/draft").json["draft"]["values"] == {"note": "late"}


def test_people_are_offered_by_the_beginning_of_their_names(office, task):
    ana = sign_in(office, "ana")

    assert 'value="bo"' in text_of(ana, f"/work/{task}/people?of=B")
    assert 'value="bo"' not in text_of(ana, f"/work/{task}/people?of=zz")
    assert 'value="ana"' not in text_of(ana, f"/work/{task}/people")


def test_who_does_not_see_the_task_finds_nothing_there(office, task):
    filed = office.ana.post("documents", data={"file": (BytesIO(PDF), "x.pdf"), "user_task_id": task}).json["id"]
    otto = sign_in(office, "otto")
    token = text_of(otto, "/inbox").split('name="csrf-token" content="')[1].split('"')[0]

    def post(address, **fields):
        return otto.post(address, data={"csrf_token": token, **fields}).status_code

    assert otto.get(f"/work/{task}/people").status_code == 404
    assert otto.get(f"/documents/{filed}").status_code == 404
    assert post(f"/work/{task}/comments", body="x") == 404
    assert post(f"/work/{task}/helpers", username="bo") == 404
    assert post(f"/work/{task}/questions", of="bo", question="?") == 404
    assert post(f"/work/{task}/hand-on", to="otto") == 404
    assert post(f"/work/{task}/hand-back") == 404
    assert post(f"/documents/{filed}/withdraw", reason="x") == 404
    assert post("/documents", user_task_id=task, file=(BytesIO(PDF), "x.pdf")) == 404
    assert post("/documents/take-in", user_task_id="nonsense", file=(BytesIO(PDF), "x.pdf")) == 422
