"""What is measured, what each figure is held against, and the bars that the issues set.

The floor is the bare library with its state saved to SQLite in each step. User tasks are offered to a group: whoever
completes one takes it first, in the same call of ours and in a request of its own with Viewflow, whose second request
is shown alone as well. One client waits for each answer before it asks again, so that the server idles between two
requests; eight side by side keep it busy.
"""

from benchmarks.report import Figure, Goal

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
)
