"""DMN's XML, read into ``model``. Everything that cannot be evaluated is refused, naming the element.

The files of a bundle are read together: a reference may go to another file, by its name (``fees.dmn#filing_fee``)
or by the namespace of its definitions, which the file then imports.
"""

from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any

from lxml import etree

from engine import limits
from engine.feel import dmn_tables, dmn_types
from engine.feel.boxed import LOGICS, Boxed, Boxes
from engine.feel.dmn_file import File
from engine.feel.errors import DecisionInvalid
from engine.feel.model import Decision, DecisionTable, Function, Literal, Required, Type

_Place = tuple[str, str]


def read(files: Mapping[str, bytes]) -> dict[str, Decision]:
    """Return the decisions of a bundle's DMN files by id, each with those it requires.

    Of two files that hold a decision of the same id, the later one's is known by it (``problems`` reports it).

    Raises:
        DecisionInvalid: a file is no DMN, or says something that cannot be evaluated.
    """
    library = Library(File(name, content) for name, content in files.items())
    found: dict[str, Decision] = {}
    for name, decision_id in library.decision_places():
        found[decision_id] = library.decision(name, decision_id)
    return found


def problems(files: Mapping[str, bytes]) -> tuple[list[Decision], list[DecisionInvalid]]:
    """Return the decisions that can be evaluated and everything that is wrong with the files."""
    wrong: list[DecisionInvalid] = []
    readable: list[File] = []
    for name, content in files.items():
        try:
            readable.append(File(name, content))
        except DecisionInvalid as error:
            wrong.append(error)
    library = Library(readable)
    decisions: list[Decision] = []
    seen: dict[str, str] = {}
    for name, decision_id in library.decision_places():
        if decision_id in seen and seen[decision_id] != name:
            wrong.append(DecisionInvalid(decision_id, f"a decision of this id is also in {seen[decision_id]}", name))
        seen[decision_id] = name
        try:
            decisions.append(library.decision(name, decision_id))
        except DecisionInvalid as error:
            if not any((known.element_id, known.message) == (error.element_id, error.message) for known in wrong):
                wrong.append(error)
    wrong.extend(library.doubts)
    return decisions, wrong


class Library:
    """Reads decisions as they are needed, so that each knows those it requires."""

    def __init__(self, files: Iterable[File]) -> None:
        """Know the files; nothing is read yet."""
        self._files = {file.name: file for file in files}
        self._read: dict[_Place, Decision] = {}
        self._failed: dict[_Place, DecisionInvalid] = {}
        self._reading: list[_Place] = []
        self._functions: dict[_Place, tuple[Function, tuple[Function, ...], tuple[str, ...]]] = {}
        #: What is wrong and yet does not keep a decision from being evaluated.
        self.doubts: list[DecisionInvalid] = []

    def decision_places(self) -> Iterator[_Place]:
        """Every decision, as (file name, id)."""
        for file in self._files.values():
            for decision_id in file.decisions:
                yield file.name, decision_id

    def decision(self, file_name: str, decision_id: str) -> Decision:
        """Return a decision, read with all that it requires.

        Raises:
            DecisionInvalid: it, or something it requires, cannot be evaluated.
        """
        place = (file_name, decision_id)
        if place in self._read:
            return self._read[place]
        if place in self._failed:
            raise self._failed[place]
        file = self._files[file_name]
        try:
            with self._entered(place, "decision"):
                decision = self._decision(file, decision_id, file.decisions[decision_id])
        except DecisionInvalid as error:
            error.resource = error.resource or file_name
            self._failed[place] = error
            raise
        self._read[place] = decision
        return decision

    @contextmanager
    def _entered(self, place: _Place, what: str) -> Generator[None]:
        """Know what is being read while it is, so that nothing requires itself."""
        if place in self._reading:
            chain = " → ".join(element_id for _, element_id in [*self._reading, place])
            raise DecisionInvalid(place[1], f"the {what} requires itself: {chain}", place[0])
        if len(self._reading) > limits.DECISION_CHAIN:
            raise DecisionInvalid(
                place[1], f"more than {limits.DECISION_CHAIN} decisions require each other in a row", place[0]
            )
        self._reading.append(place)
        try:
            yield
        finally:
            self._reading.pop()

    def _decision(self, file: File, decision_id: str, element: Any) -> Decision:
        requires: list[Required] = []
        inputs: list[tuple[str, Type | None]] = []
        for requirement in file.children(element, "informationRequirement"):
            for reference in requirement:
                other, target = self._target(file, decision_id, reference)
                if etree.QName(reference).localname == "requiredInput":
                    inputs.append(self._input_data(other, target))
                elif target in other.decisions:
                    prefix = None if other is file else file.import_of(other)
                    requires.append(Required(self.decision(other.name, target), prefix))
                else:
                    where = "the file" if other is file else other.name
                    raise DecisionInvalid(decision_id, f"the decision requires '{target}', which is not in {where}")
        functions, names = self._required_functions(file, decision_id, element)
        boxed = Boxed(names=list(names))
        kind = self._variable_type(file, element)
        return Decision(
            decision_id,
            element.get("name") or decision_id,
            file.variable_name(element),
            self._logic(file, decision_id, element, boxed, kind),
            tuple(requires),
            tuple(inputs),
            functions,
            kind,
            tuple(boxed.names),
            file.name,
        )

    def _logic(
        self, file: File, decision_id: str, element: Any, boxed: Boxed, kind: Type | None
    ) -> DecisionTable | Literal:
        logic = next((child for child in element if etree.QName(child).localname in LOGICS), None)
        if logic is None:
            raise DecisionInvalid(decision_id, "the decision has neither a table nor an expression")
        name = etree.QName(logic).localname
        if name == "decisionTable":
            return dmn_tables.read(
                file, logic, decision_id, file.variable_name(element), kind, partial(self._type, file)
            )
        if name == "functionDefinition":
            raise DecisionInvalid(
                decision_id,
                "a decision by <functionDefinition> is not supported: draw a business knowledge model",
            )
        if name == "literalExpression":
            text = file.text(logic, decision_id)
            if not text:
                raise DecisionInvalid(decision_id, "the decision's expression is empty")
            return Literal(logic.get("id") or decision_id, text, (), kind)
        text = Boxes(file.text).feel(logic, decision_id, boxed)
        return Literal(logic.get("id") or decision_id, text, tuple(boxed.pieces), kind)

    def _required_functions(
        self, file: File, owner_id: str, element: Any
    ) -> tuple[tuple[Function, ...], tuple[str, ...]]:
        """The business knowledge models that an element requires, each after those it requires itself."""
        functions: dict[str, Function] = {}
        names: list[str] = []
        for requirement in file.children(element, "knowledgeRequirement"):
            for reference in requirement:
                other, target = self._target(file, owner_id, reference)
                if target in other.services:
                    raise DecisionInvalid(owner_id, f"it calls the decision service '{target}', which is not supported")
                if target not in other.knowledge:
                    raise DecisionInvalid(owner_id, f"the business knowledge model '{target}' is not in {other.name}")
                if other is not file:
                    raise DecisionInvalid(
                        owner_id,
                        f"the business knowledge model '{target}' is in another file: draw it where it is called",
                    )
                function, before, local_names = self._function(other, target)
                for item in (*before, function):
                    functions[item.id] = item
                names.extend(local_names)
        return tuple(functions.values()), tuple(names)

    def _function(self, file: File, element_id: str) -> tuple[Function, tuple[Function, ...], tuple[str, ...]]:
        place = (file.name, element_id)
        if place in self._functions:
            return self._functions[place]
        with self._entered(place, "business knowledge model"):
            self._functions[place] = self._read_function(file, element_id, file.knowledge[element_id])
        return self._functions[place]

    def _read_function(
        self, file: File, element_id: str, element: Any
    ) -> tuple[Function, tuple[Function, ...], tuple[str, ...]]:
        before, names = self._required_functions(file, element_id, element)
        logic = file.child(element, "encapsulatedLogic")
        body = None if logic is None else next((part for part in logic if etree.QName(part).localname in LOGICS), None)
        if logic is None or body is None:
            raise DecisionInvalid(element_id, "the business knowledge model has no expression")
        if logic.get("kind", "FEEL") != "FEEL":
            raise DecisionInvalid(element_id, f"a function in {logic.get('kind')} is not supported: only FEEL is")
        boxed = Boxed()
        parameters = [parameter.get("name") or "" for parameter in file.children(logic, "formalParameter")]
        boxed.names.extend(parameters)
        text = f"function({', '.join(parameters)}) {Boxes(file.text).feel(body, element_id, boxed)}"
        function = Function(element_id, file.variable_name(element), text, tuple(boxed.pieces))
        return function, before, (*names, *boxed.names)

    def _target(self, file: File, owner_id: str, reference: Any) -> tuple[File, str]:
        href: str = reference.get("href", "")
        where, _, target = href.rpartition("#")
        if not where:
            return file, target
        other = file.beside(where, self._files) or next(
            (candidate for candidate in self._files.values() if candidate.target_namespace == where), None
        )
        if other is None:
            raise DecisionInvalid(owner_id, f"'{href}' is required, and the bundle has no file '{where}'")
        return other, target

    def _input_data(self, file: File, element_id: str) -> tuple[str, Type | None]:
        element = file.inputs.get(element_id)
        if element is None:
            return element_id, None
        return file.variable_name(element), self._variable_type(file, element)

    def _variable_type(self, file: File, element: Any) -> Type | None:
        variable = next(iter(file.children(element, "variable")), None)
        return None if variable is None else self._type(file, variable, element.get("id"))

    def _type(self, file: File, element: Any, owner_id: str | None) -> Type | None:
        """What an element's ``typeRef`` stands for; an unknown one is reported and checked by nobody."""
        name = element.get("typeRef")
        if not name:
            return None
        try:
            kind = dmn_types.resolve(name, partial(self._item_definition, file))
        except dmn_types.TypeUnknown as error:
            self.doubts.append(DecisionInvalid(element.get("id") or owner_id, str(error), file.name))
            return None
        return None if kind.base == "Any" and kind.allowed is None else kind

    def _item_definition(self, file: File, name: str) -> dmn_types.ItemDefinition | None:
        if name in file.types:
            return file.types[name]
        prefix, _, rest = name.partition(".")
        namespace = file.imports.get(prefix)
        for other in self._files.values():
            if rest and other.target_namespace == namespace:
                return other.types.get(rest)
        return None
