"""FEEL and DMN: how diagrams say conditions, dates, mappings and decisions, without any Python in them.

One language everywhere, evaluated by one interpreter: `feelin`, the same that form-js runs in the browser, bundled into
``dist/feel.js`` (built by ``npm --prefix webui/frontend run build:feel``, shipped in the wheel) and hosted in an
embedded V8. Nothing here knows SpiffWorkflow; nothing from a diagram is ever evaluated as Python.

Read it in this order:

``expressions``   the front door: ``evaluate``, ``evaluate_many``, ``unary_tests``, ``check``
``decisions``     the other one: DMN decisions: ``parse_all``, ``evaluate``, ``map_result``, ``examine``
``errors``        what can be wrong: ``FeelError``, ``FeelTimeout``, ``DecisionInvalid``, ``DecisionFailed``
``hit_policies``  what a table answers when several rules match, a function each
``dmn``           DMN's XML, read into the dataclasses of ``model``; ``dmn_file``, ``dmn_tables``, ``dmn_types`` and
                  ``boxed`` are its parts
``coverage``      the gaps and overlaps of a table, as far as its tests are plain (``unary``)
``xml``           how any XML is parsed here, BPMN's too: trusting nobody
``patterns``      the regular expressions of forms
``interpreter``   one V8 a process: limits, the request, the refusal
``v8``            the thread hand-off, and why it does not use ``MiniRacer.eval``

The script's side is ``webui/frontend/feel/interpreter.js`` (values and their types: ``typing.js``). It caches parsed
expressions by their text and by the shape of the variables, because in FEEL the names in reach decide how a text
parses (``a-b`` may be one name).

What to know of FEEL here:

- A leading ``=`` is dropped. A variable that does not exist is null; a function that does not exist is an error.
- Comparing things of different types, and calculating with null, gives null, not an error. Null is no match.
  Only a number may come as a text: ``"12000.50" > 5000``.
- Variables are JSON, so their dates are texts: write ``date(hearing_on) > today()``. Comparing the text itself with a
  date is refused: feelin's answer to that depends on JavaScript, and the build corrects it (``comparing.js`` says how).
- ``today()`` and ``now()`` go by the engine's clock, in the firm's time zone (``clock.set_zone``).
- Results are plain: int, float, str, bool, None, list, dict; dates, times and durations as ISO 8601 text.
- Numbers are binary floats. Compare amounts; never compute money.
- Two expressions are evaluated faster together than one after the other: use ``evaluate_many``.
"""
