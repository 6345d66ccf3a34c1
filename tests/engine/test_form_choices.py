"""What the choices of forms are called."""

from engine import form_choices

JUDGMENT = {
    "components": [
        {
            "type": "group",
            "components": [
                {
                    "key": "judgment_result",
                    "type": "radio",
                    "values": [{"value": "partly_won", "label": "Won in part"}, {"value": 3, "label": "Three"}],
                }
            ],
        },
        {"key": "court", "type": "textfield"},
        {"key": "kind", "type": "select", "valuesExpression": "=kinds"},
        "nonsense",
    ]
}


def test_choices_are_found_in_groups_too_and_only_those_with_a_label():
    found = form_choices.labels_of([JUDGMENT])

    assert found == {"judgment_result": {"partly_won": "Won in part"}}


def test_of_two_forms_that_name_a_choice_the_first_counts():
    other = {"components": [{"key": "judgment_result", "values": [{"value": "partly_won", "label": "Partly"}]}]}

    found = form_choices.labels_of([other, JUDGMENT])

    assert found["judgment_result"] == {"partly_won": "Partly"}


def test_a_form_without_components_has_no_choices():
    assert form_choices.labels_of([{}, {"components": "nonsense"}]) == {}
