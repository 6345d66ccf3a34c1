"""What is measured, what each figure is held against, and the bars that the issues set.

The floor is the bare library with its state saved to SQLite in each step. User tasks are offered to a group: whoever
completes one takes it first, in the same call of ours and in a request of its own with Viewflow, whose second request
is shown alone as well. One client waits for each answer before it asks again, so that the server idles between two
requests; eight side by side keep it busy.
"""

from benchmarks.firm import figures as firm
from benchmarks.inbox import figures as inbox
from benchmarks.report import Figure, Goal

LIVES = {
    "activities_2000": "2,000 finished activities",
    "loop_1000": "1,000 rounds around a fork",
    "multi_instance_1000": "1,000 items in turn",
    "items_at_once_1000": "1,000 items at once",
}


def _age(where: str, shown: str) -> list[Figure]:
    figures: list[Figure] = []
    for life, operation in LIVES.items():
        name = f"age.{where}.{life}"
        figures += [
            Figure(f"{name}.fresh", f"{shown}, fresh instance: complete"),
            Figure(
                name,
                f"{shown}, after {operation}: complete",
                vs=f"{name}.fresh",
                goal=Goal(at_most=1.3),
                samples=f"{name}.aged",
            ),
            Figure(f"{name}.state_bytes", f"{shown}, {operation}: heaviest state", "bytes", goal=_STATE, worst=True),
        ]
    crowded = f"age.{where}.items_at_once_1000"
    figures.append(Figure(f"{crowded}.first", f"{shown}, 1,000 items open: complete", vs=f"{crowded}.fresh"))
    return figures


def _timers(where: str, shown: str) -> list[Figure]:
    return [
        Figure(
            f"timers.{where}.drain_per_s",
            f"{shown}: of 10,000 timers due at once, fired",
            "1/s",
            goal=Goal(at_least=500),
        ),
        *(
            Figure(
                f"timers.{where}.{what}",
                f"{shown}, 200,000 timers pending: {operation}",
                samples=f"timers.{where}.{what}_full",
                vs=f"timers.{where}.{what}_empty",
                goal=_NOTHING,
            )
            for what, operation in (("look", "look at the clock"), ("complete", "complete"))
        ),
        *(
            Figure(f"timers.{where}.{what}_empty", f"{shown}, no timer pending: {operation}")
            for what, operation in (("look", "look at the clock"), ("complete", "complete"))
        ),
    ]


#: A ratio that says "it costs nothing": the noise of a quiet machine.
_NOTHING = Goal(at_most=1.25)
#: Bytes of a stored state.
_STATE = Goal(at_most=65_536)


def _audit(where: str, shown: str) -> list[Figure]:
    plain, chained = f"audit.{where}.plain", f"audit.{where}.chained"
    return [
        Figure(plain, f"{shown}: commit of one row"),
        Figure(chained, f"{shown}: commit of one audit event with its seal", vs=plain),
        Figure(f"{plain}_crowd_per_s", f"{shown}: such commits, 8 side by side", "1/s"),
        Figure(f"{chained}_crowd_per_s", f"{shown}: audited commits, 8 side by side", "1/s", vs=f"{plain}_crowd_per_s"),
        Figure(f"audit.{where}.verified_per_s", f"{shown}: audit events verified", "1/s"),
    ]


def _names(where: str, shown: str) -> list[Figure]:
    name = f"names.{where}"
    return [
        *(
            Figure(
                f"{name}.{half}.recall_{most}",
                f"{shown}: labelled names in other scripts ({said}), among the first {most}",
                "share",
                goal=Goal(at_least=0.87) if most == 1_000 else None,
            )
            for half, said in (("dev", "rules made on them"), ("held", "held out"))
            for most in (1, 200, 1_000)
        ),
        Figure(f"{name}.check_of_six", f"{shown}: conflict check of 6 parties, 60,000 clients", goal=Goal(at_most=600)),
        Figure(f"{name}.duplicates", f"{shown}: parties of like names for one of 60,000"),
    ]


def _streams(where: str, shown: str) -> list[Figure]:
    name = f"streams.{where}"
    return [
        Figure(
            f"{name}.memory", f"{shown}, 500 event streams: the whole server", "MB", goal=Goal(at_most=300), worst=True
        ),
        Figure(f"{name}.first", f"{shown}, 500 event streams: a new task is on the first desk"),
        Figure(f"{name}.last", f"{shown}, 500 event streams: it is on the last", goal=Goal(at_most=1000), worst=True),
    ]


FIGURES = (
    Figure("floor.start", "floor: start"),
    Figure("floor.complete", "floor: complete"),
    Figure("service.sqlite.start", "service, SQLite: start", vs="floor.start", goal=Goal(at_most=2.5)),
    Figure(
        "service.sqlite.complete", "service, SQLite: take and complete", vs="floor.complete", goal=Goal(at_most=2.5)
    ),
    Figure(
        "service.sqlite.per_activation",
        "service, SQLite: take and complete",
        samples="service.sqlite.complete",
        vs="viewflow.activation.complete",
        goal=Goal(at_most=0.25),
    ),
    Figure("service.sqlite.inbox", "service, SQLite: inbox", vs="viewflow.activation.inbox"),
    Figure("service.sqlite.crowd_per_s", "service, SQLite: completions, 8 side by side", "1/s"),
    Figure(
        "service.sqlite.crowd_worst",
        "service, SQLite: the slowest of 8 side by side",
        samples="service.sqlite.crowd",
        goal=Goal(at_most=500),
        worst=True,
    ),
    Figure("service.postgresql.start", "service, PostgreSQL: start", vs="service.sqlite.start"),
    Figure("service.postgresql.complete", "service, PostgreSQL: take and complete", vs="service.sqlite.complete"),
    Figure("service.postgresql.inbox", "service, PostgreSQL: inbox", vs="service.sqlite.inbox"),
    Figure("service.postgresql.completions_per_s", "service, PostgreSQL: completions", "1/s"),
    Figure(
        "service.postgresql.crowd_per_s",
        "service, PostgreSQL: completions, 8 side by side",
        "1/s",
        vs="service.postgresql.completions_per_s",
        goal=Goal(at_least=1.2),
    ),
    Figure("http.start", "HTTP, SQLite: start", vs="viewflow.client.start"),
    Figure("http.complete", "HTTP, SQLite: take and complete", vs="viewflow.client.complete"),
    Figure("http.inbox", "HTTP, SQLite: inbox", vs="viewflow.client.inbox"),
    Figure(
        "http.completions_per_s",
        "HTTP, SQLite: completions",
        "1/s",
        vs="viewflow.client.completions_per_s",
        goal=Goal(at_least=4),
    ),
    Figure(
        "http.crowd_per_s",
        "HTTP, SQLite: completions, 8 side by side",
        "1/s",
        vs="viewflow.client.crowd_per_s",
        goal=Goal(at_least=4),
    ),
    Figure("viewflow.activation.start", "Viewflow, activation: start"),
    Figure("viewflow.activation.complete", "Viewflow, activation: take and complete", vs="floor.complete"),
    Figure("viewflow.activation.inbox", "Viewflow, activation: inbox"),
    Figure("viewflow.client.start", "Viewflow, test client: start"),
    Figure("viewflow.client.complete", "Viewflow, test client: take and complete", vs="http.complete"),
    Figure("viewflow.client.last_request", "Viewflow, test client: complete alone", vs="http.complete"),
    Figure("viewflow.client.inbox", "Viewflow, test client: inbox"),
    Figure("viewflow.client.completions_per_s", "Viewflow, test client: completions", "1/s"),
    Figure("viewflow.client.crowd_per_s", "Viewflow, test client: completions, 8 side by side", "1/s"),
    *_age("sqlite", "SQLite"),
    *_age("postgresql", "PostgreSQL"),
    Figure("deploy.sqlite.bundle_60", "deploy a bundle of 60 elements, SQLite", goal=Goal(at_most=150)),
    Figure("deploy.postgresql.bundle_60", "deploy a bundle of 60 elements, PostgreSQL", goal=Goal(at_most=150)),
    *_timers("sqlite", "SQLite"),
    *_timers("postgresql", "PostgreSQL"),
    Figure("cold_start", "matterflow serve: until it is ready", goal=Goal(at_most=2000)),
    *firm.figures("sqlite", "SQLite"),
    *firm.figures("postgresql", "PostgreSQL"),
    *inbox.figures("sqlite", "SQLite"),
    *inbox.figures("postgresql", "PostgreSQL"),
    *_audit("sqlite", "SQLite"),
    *_audit("postgresql", "PostgreSQL"),
    *_names("sqlite", "SQLite"),
    *_names("postgresql", "PostgreSQL"),
    *_streams("sqlite", "SQLite"),
    *_streams("postgresql", "PostgreSQL"),
    Figure("phone.inbox", "a telephone, nothing cached: the inbox can be used", goal=Goal(at_most=1000)),
    Figure("phone.form", "a telephone, nothing cached: a form stands", goal=Goal(at_most=2500)),
    Figure("phone.inbox.again", "a telephone, a later visit: the inbox can be used", goal=Goal(at_most=1000)),
    Figure("phone.form.again", "a telephone, a later visit: a form stands", goal=Goal(at_most=2500)),
)
