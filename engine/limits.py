"""Every limit of the engine in one place: how much one bundle, one instance and one expression may be.

A limit refuses with a typed error or a finding that names what is too much; nothing is cut off silently. They are
generous to honest work (the largest shipped process has 60 elements) and small enough that what stays below all of
them cannot hurt the process that runs it. ``docs/limits.md`` lists them for users; limits of a request's size and of
the number of its fields are the web's (``webui/app.py``, ``webui/api/v1/blueprint.py``).
"""

from typing import Final

# A bundle ----------------------------------------------------------------------------------------

#: Files in it.
BUNDLE_FILES: Final = 500
#: Bytes of all its files, unpacked.
BUNDLE_BYTES: Final = 20_000_000
#: Characters of a file's name in it.
FILE_NAME: Final = 300
#: Bytes of one BPMN file; the largest seen in public collections is about 2 MB.
MODEL_BYTES: Final = 5_000_000
#: Elements of one XML file, their nesting, and the attributes of one of them.
XML_ELEMENTS: Final = 100_000
XML_DEPTH: Final = 200
XML_ATTRIBUTES: Final = 500
#: Flow nodes of one bundle (tasks, events, gateways, subprocesses).
FLOW_NODES: Final = 10_000
#: Sequence flows into one element, and out of it.
FLOWS: Final = 200
#: Subprocesses inside each other.
SUBPROCESS_DEPTH: Final = 30
#: Processes that call each other in a row.
CALL_DEPTH: Final = 30
#: Characters of an id, of a name, and of any other attribute or text of an element.
ID: Final = 200
NAME: Final = 300
TEXT: Final = 100_000
#: Of what the database keeps beside: a delegate's topic, a person or group, a task's kind and stage.
TOPIC: Final = 100
PERSON: Final = 150
KIND: Final = 60
#: A task's priority is below this, and above its negative.
PRIORITY: Final = 1_000_000_000
#: What a finding shows of what is too long, and of what are too many.
SHORT: Final = 60
SHOWN: Final = 5
#: Bytes of a form, its fields, and how deep its groups nest.
FORM_BYTES: Final = 1_000_000
FORM_FIELDS: Final = 1_000
FORM_DEPTH: Final = 20
#: Characters of a form's pattern.
PATTERN: Final = 1_000
#: Bytes of ``process.yaml`` or of a scenario, and how deep they nest.
YAML_BYTES: Final = 200_000
YAML_DEPTH: Final = 30
#: Values in it, those taken up again by name counted each time.
YAML_VALUES: Final = 50_000
#: Processor seconds that the expressions of one bundle may take to check.
CHECK_SECONDS: Final = 5.0

# A DMN file --------------------------------------------------------------------------------------

DMN_BYTES: Final = 5_000_000
#: Decisions that require each other in a row.
DECISION_CHAIN: Final = 100
#: Expressions inside each other.
BOXED_DEPTH: Final = 50
#: Of one table.
TABLE_RULES: Final = 5_000
TABLE_COLUMNS: Final = 200

# An instance -------------------------------------------------------------------------------------

#: Bytes, as JSON, of the variables of one request, one form or one delegate's result.
VARIABLES_BYTES: Final = 2_000_000
VARIABLES_DEPTH: Final = 50
VARIABLE_NAME: Final = 200
#: Steps that one advance takes without waiting, beside one for each element of the process.
STEPS: Final = 2_000
#: Bytes that the expressions of one advance may answer together, as JSON.
ADVANCE_BYTES: Final = 20_000_000
#: Items of a multi-instance activity.
ITEMS: Final = 10_000
#: Bytes of a stored state before compression.
STATE_BYTES: Final = 64_000_000

# An expression -----------------------------------------------------------------------------------

#: Processor seconds of one evaluation, V8's heap in bytes, characters of the text, bytes of what it can see.
FEEL_SECONDS: Final = 0.25
FEEL_MEMORY: Final = 256_000_000
FEEL_CHARACTERS: Final = 20_000
#: Brackets inside each other in an expression.
FEEL_DEPTH: Final = 100
FEEL_CONTEXT: Final = 10_000_000
