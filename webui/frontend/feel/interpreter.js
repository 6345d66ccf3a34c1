/**
 * FEEL for the server: feelin, with a cache of built expressions and one text-in, text-out entry.
 *
 * `feel.answer(request)` takes and gives JSON; `engine/feel/interpreter.py` is its only caller.
 *
 * Requests
 *   { do: 'evaluateMany', sources: [ text ], context }            -> { values: [ any ] }
 *   { do: 'unaryTests', sources: [ text ], inputs: [ text ], context }
 *                                                                 -> { matches: [ bool ] }
 *   { do: 'decisionTable', hash, table?, context }                -> { matches: [ int ], rows: [ [ any ] ] } | { unknown }
 *   { do: 'pattern', sources: [ regular expression ], context: { text } } -> { matches: bool }
 *   { do: 'parseCheck', sources: [ text ], kinds: [ kind ], names } -> { errors: [ null | error ] }
 * with, optionally, `now` (ISO 8601, what FEEL's now() and today() answer) and `temporals` (the context holds
 * `{ "@temporal": text }` for dates and date-times).
 *
 * A refusal is { error: { kind, index, message, from, to } }: `index` is the source at fault (of a table:
 * [ 'input' | 'variable' | 'function', number ], [ 'test' | 'output', rule, column ]), `from` and `to` its characters.
 */
import {
  Interpreter,
  InterpreterContext,
  FeelDate,
  FeelDateTime,
  FeelDuration,
  FeelFunction,
  FeelRange,
  FeelTime,
  builtins,
  date,
  dateAndTime,
  evaluate,
  parseExpression,
} from 'feelin';

import { Incomparable } from './comparing.js';
import { Nonconforming, conformed } from './typing.js';

/** Built expressions kept, the least lately used goes first. */
const CACHE_SIZE = 2000;

/** Tables kept, and for each of its columns the sets of names it was built for. */
const TABLES = 200;
const SHAPES = 20;

/** Names of a context that a source is built for, beyond which it is built anew each time. */
const SHAPE_LIMIT = 2000;

/** What a function takes at most, and an answer's size: characters, items, characters. */
const LONGEST_TEXT = 10_000_000;
const LONGEST_LIST = 1_000_000;
const LARGEST_ANSWER = 10_000_000;

const TEMPORAL = '@temporal';

const TEMPORAL_CLASSES = [ FeelDate, FeelDateTime, FeelTime, FeelDuration ];

/** Warnings of feelin that mean the diagram is wrong; the others are FEEL's own null. */
const FATAL_WARNINGS = new Set([ 'NO_FUNCTION_FOUND', 'FUNCTION_INVOCATION_FAILURE', 'UNSUPPORTED' ]);

class Refusal extends Error {
  constructor(kind, message, position = {}) {
    super(message);
    this.kind = kind;
    this.from = position.from ?? null;
    this.to = position.to ?? null;
  }
}

// building ----------------------------------------------------------------------------------------------------------

const interpreter = new Interpreter();

/** `kind + source` -> Map of shape -> built; insertion order is the order of use. */
const cache = new Map();

/**
 * What a parse depends on: how the names in reach are spelled and nested, never their values.
 *
 * FEEL names may hold spaces and operators, so `a-b` is one name where `a-b` is known and a subtraction elsewhere.
 * lezer-feel looks at the keys of contexts and at whether a value is null; it does not look into lists.
 */
function shapeOf(context) {
  let names = 0;

  const walk = (value) => {
    if (value === null) {
      return '0';
    }
    if (typeof value !== 'object' || Array.isArray(value)) {
      return '1';
    }
    let shape = '{';
    for (const key of Object.keys(value)) {
      if (++names > SHAPE_LIMIT) {
        return null;
      }
      shape += key.length + ':' + key + walk(value[key]);
    }
    return shape + '}';
  };

  const shape = walk(context);

  return names > SHAPE_LIMIT ? null : shape;
}

function build(kind, source, context) {
  const interpreterContext = new InterpreterContext();
  const { root } = interpreter[kind](source, context, undefined, interpreterContext);

  return { root, interpreterContext };
}

function built(kind, source, context, shape) {

  // `get value(context, key)` makes the parse depend on the value of key
  if (shape === null || source.includes('get')) {
    return build(kind, source, context);
  }

  const name = kind + ':' + source;
  const known = cache.get(name);
  const found = known?.get(shape);

  if (found) {
    cache.delete(name);
    cache.set(name, known);
    return found;
  }

  const fresh = build(kind, source, context);

  if (known && known.size < 20) {
    known.set(shape, fresh);
  } else {
    cache.set(name, new Map([ [ shape, fresh ] ]));
    if (cache.size > CACHE_SIZE) {
      cache.delete(cache.keys().next().value);
    }
  }

  return fresh;
}

// running -----------------------------------------------------------------------------------------------------------

function run(kind, source, context, shape) {
  return runBuilt(built(kind, source, context, shape), source, root => root(context));
}

function runBuilt({ root, interpreterContext }, source, use) {
  interpreterContext.warnings = [];

  const value = use(root);

  refuseFatal(interpreterContext.warnings, source);

  return value;
}

function refuseFatal(warnings, source) {
  for (const { type, message, position } of warnings) {
    if (FATAL_WARNINGS.has(type)) {
      throw new Refusal(type === 'UNSUPPORTED' ? 'unsupported' : 'function', functionMessage(source, message, position), position);
    }
  }
}

function functionMessage(source, message, { from, to }) {
  const call = source.slice(from, to);

  if (/^Cannot invoke .* with parameters/.test(message)) {
    return `'${call}' has the wrong number or names of arguments`;
  }
  if (/^Cannot invoke/.test(message)) {
    return `'${call.slice(0, Math.max(call.indexOf('('), 0)).trim() || call}' is not a function`;
  }

  return message;
}

/** A value that JSON can carry, or a refusal. */
function plain(value) {
  if (value === null || value === undefined) {
    return null;
  }
  if (typeof value !== 'object') {
    if (typeof value === 'function') {
      throw new Refusal('result', 'the result is a function');
    }
    return value;
  }
  if (Array.isArray(value)) {
    return value.map(plain);
  }
  if (TEMPORAL_CLASSES.some(type => value instanceof type)) {
    return value.iso;
  }
  if (value instanceof FeelRange) {
    throw new Refusal('result', 'the result is a range');
  }
  if (value instanceof FeelFunction) {
    throw new Refusal('result', 'the result is a function');
  }

  if (Object.getPrototypeOf(value) !== Object.prototype) {
    throw new Refusal('result', 'the result is not a FEEL value');
  }

  // not an assignment: a key may be __proto__
  return Object.fromEntries(Object.entries(value).map(([ key, entry ]) => [ key, plain(entry) ]));
}

function evaluateMany({ sources, context }) {
  const shape = shapeOf(context);

  return {
    values: sources.map((source, index) => at(index, () => plain(run('evaluate', source, context, shape))))
  };
}

/** Tests `inputs[0]`, an expression, with each of `sources`. */
function unaryTests({ sources, inputs, context }) {
  const value = at(sources.length, () => run('evaluate', inputs[0], context, shapeOf(context)));
  const scope = { ...context, '?': value };
  const shape = shapeOf(scope);

  return { matches: sources.map((source, index) => at(index, () => passes(built('unaryTest', source, scope, shape), source, scope))) };
}

/** Whether the value `?` of the scope passes; FEEL's null, unknown, is no match. */
function passes(test, source, scope) {
  return runBuilt(test, source, root => root(scope)(scope['?'])) === true;
}

// decision tables ---------------------------------------------------------------------------------------------------

/** Tables by the hash of their text, so that a table is sent once. */
const tables = new Map();

/**
 * Matches a table's rules and evaluates the outputs of those that match.
 *
 * A table is { inputs: [ text ], tests: [ [ text ] ], outputs: [ [ text ] ], defaults: [ text ] | null, first: bool },
 * its tests and outputs rule by rule; an empty test is `-`, an empty output null. It may also have
 *
 *   functions: [ [ name, text ] ]   what its expressions may call, each knowing those before it
 *   variables: [ [ name, type ] ]   the types of the variables, so that a text becomes the date it stands for
 *   inputTypes, outputTypes: [ type | null ]   see `typing.js`
 *
 * The answer holds the numbers of the rules that match (-1 for the defaults, taken when none does) and a row for each.
 * A decision by expression is a table without inputs.
 */
function decisionTable({ hash, table, context }) {
  if (!tables.has(hash)) {
    if (!table) {
      return { unknown: true };
    }
    tables.set(hash, { ...table, columns: table.inputs.map(() => new Map()) });
    if (tables.size > TABLES) {
      tables.delete(tables.keys().next().value);
    }
  }

  const found = tables.get(hash);
  const { inputs, tests, outputs, defaults, first, columns } = found;

  context = withFunctions(found, withTypes(found, context));

  const shape = shapeOf(context);
  const values = inputs.map((input, column) => at(
    [ 'input', column ],
    () => typed(run('evaluate', input, context, shape), found.inputTypes?.[column], context, true)
  ));
  const scopes = values.map(value => ({ ...context, '?': value }));
  const builtTests = columns.map((known, column) => columnTests(known, tests, column, scopes[column]));

  const matches = [];

  for (let rule = 0; rule < tests.length; rule++) {
    const matched = values.every((_value, column) => {
      const source = tests[rule][column];

      return source === '-' || at([ 'test', rule, column ], () => {
        const scope = scopes[column];
        const test = builtTests[column][rule] ??= build('unaryTest', source, scope);

        return passes(test, source, scope);
      });
    });

    if (matched) {
      matches.push(rule);
      if (first) {
        break;
      }
    }
  }

  const row = (cells, rule) => cells.map((cell, column) => at([ 'output', rule, column ], () => {
    const value = cell === '' ? null : run('evaluate', cell, context, shape);

    return plain(typed(value, found.outputTypes?.[column], context, false));
  }));

  if (matches.length === 0 && defaults) {
    return { matches: [ -1 ], rows: [ row(defaults, -1) ] };
  }

  return { matches, rows: matches.map(rule => row(outputs[rule], rule)) };
}

function withTypes({ variables }, context) {
  if (!variables?.length) {
    return context;
  }

  return { ...context, ...Object.fromEntries(variables.flatMap(([ name, type ], index) => {
    return Object.hasOwn(context, name) ? [ [ name, at([ 'variable', index ], () => typed(context[name], type, context, true)) ] ] : [];
  })) };
}

function withFunctions({ functions }, context) {
  for (const [ index, [ name, source ] ] of (functions ?? []).entries()) {
    const scope = context;

    context = { ...scope, [ name ]: at([ 'function', index ], () => run('evaluate', source, scope, shapeOf(scope))) };
  }
  return context;
}

/** The value as its type has it; a value of another type, or one that the type does not allow, is refused. */
function typed(value, type, context, convert) {
  return type ? conformed(value, type, convert, (item, tests) => {
    const scope = { ...context, '?': item };

    return passes(built('unaryTest', tests, scope, shapeOf(scope)), tests, scope);
  }) : value;
}

/** The built tests of a column, for the names in its reach. */
function columnTests(known, tests, column, scope) {
  const shape = shapeOf(scope);

  if (shape === null || tests.some(rule => rule[column].includes('get'))) {
    return [];
  }
  if (!known.has(shape)) {
    known.set(shape, []);
    if (known.size > SHAPES) {
      known.delete(known.keys().next().value);
    }
  }

  return known.get(shape);
}

// checking ----------------------------------------------------------------------------------------------------------

function parseCheck({ sources, kinds, names }) {
  const context = Object.fromEntries((names ?? []).map(name => [ name, null ]));

  return {
    errors: sources.map((source, index) => {
      try {
        build(kinds[index], source, context);
        refuseStatically(source, kinds[index], context);
        return null;
      } catch (error) {
        return describe(error, index);
      }
    })
  };
}

/** What an expression may be as a part, but not as a whole. */
const NO_VALUES = { SimplePositiveUnaryTest: 'a test or a range', FunctionDefinition: 'a function' };

/** Refuses what can have no plain value, and a call of a name that is neither a builtin nor defined or received anywhere in the source. */
function refuseStatically(source, kind, context) {
  if (kind !== 'evaluate') {
    return;
  }

  const defined = new Set(Object.keys(context));
  const calls = [];
  const tree = parseExpression(source, context);
  const noValue = NO_VALUES[tree.topNode.firstChild?.name];

  if (noValue) {
    throw new Refusal('result', `the result is ${noValue}`);
  }

  tree.iterate({
    enter({ node }) {
      const text = () => source.slice(node.from, node.to).replace(/\s+/g, ' ');

      if (node.name === 'Key' || node.name === 'ParameterName' || node.name === 'Name') {
        defined.add(text());
      }
      if (node.name === 'VariableName' && node.parent?.name === 'FunctionInvocation' && node.from === node.parent.from) {
        calls.push({ name: text(), from: node.from, to: node.to });
      }
    }
  });

  for (const { name, from, to } of calls) {
    if (!Object.hasOwn(builtins, name) && !defined.has(name)) {
      throw new Refusal('function', `'${name}' is not a function`, { from, to });
    }
  }
}

/** Whether a form's pattern, `sources[0]`, is found in `context.text`; as form-js asks. */
function pattern({ sources, context }) {
  return at(0, () => {
    let expression;

    try {
      expression = new RegExp(sources[0]);
    } catch (error) {
      throw new Refusal('pattern', error.message);
    }

    return { matches: expression.test(context.text) };
  });
}

// the entry ---------------------------------------------------------------------------------------------------------

function at(index, step) {
  try {
    return step();
  } catch (error) {
    error.index ??= index;
    throw error;
  }
}

function describe(error, index = error.index) {
  if (error instanceof Refusal) {
    return { kind: error.kind, index, message: error.message, from: error.from, to: error.to };
  }
  if (error.position && typeof error.input === 'string') {
    return { kind: 'syntax', index, message: error.message, ...error.position };
  }
  if (error instanceof Nonconforming) {
    return { kind: 'value', index, message: error.message, from: null, to: null };
  }
  if (error instanceof Incomparable) {
    return { kind: 'type', index, message: error.message, from: null, to: null };
  }
  if (error instanceof RangeError) {
    return { kind: 'depth', index, message: /stack/.test(error.message) ? 'it is nested too deeply or works on too much' : error.message, from: null, to: null };
  }
  return { kind: 'failure', index, message: String(error.message ?? error), from: null, to: null };
}

function revive(_key, value) {
  if (value !== null && typeof value === 'object' && typeof value[TEMPORAL] === 'string') {
    const temporal = builtins['@'](value[TEMPORAL]);

    return TEMPORAL_CLASSES.some(type => temporal instanceof type) ? temporal : value;
  }
  return value;
}

/** A text or list can double in a few steps; a function that copied such a one would take all memory at once. */
function limited(fn) {
  return Object.assign((...args) => {
    for (const arg of args) {
      if (typeof arg === 'string' && arg.length > LONGEST_TEXT) {
        throw new Refusal('limit', `a text is longer than ${LONGEST_TEXT} characters`);
      }
      if (Array.isArray(arg) && arg.length > LONGEST_LIST) {
        throw new Refusal('limit', `a list is longer than ${LONGEST_LIST} items`);
      }
    }
    return fn(...args);
  }, { $args: fn.$args });
}

for (const [ name, fn ] of Object.entries(builtins)) {
  builtins[name] = limited(fn);
}

let clock = null;

function builtin(answer) {
  return Object.assign(() => {
    if (clock === null) {
      throw new Refusal('function', 'the time of evaluation is not known');
    }
    return answer(dateAndTime(clock));
  }, { $args: [] });
}

// the server's clock, which tests and simulations move, not the machine's
builtins.now = builtin(now => now);
builtins.today = builtin(now => date(now.iso.slice(0, 10)));

const ACTIONS = { evaluateMany, unaryTests, decisionTable, parseCheck, pattern };

/** Answers a request; JSON in, JSON out; never throws but when it is stopped. */
export function answer(text) {
  try {
    const request = JSON.parse(text);

    if (request.temporals) {
      request.context = JSON.parse(JSON.stringify(request.context), revive);
    }

    clock = request.now ?? null;

    const reply = JSON.stringify(ACTIONS[request.do](request));

    if (reply.length > LARGEST_ANSWER) {
      throw new Refusal('limit', `the result is larger than ${LARGEST_ANSWER} characters`);
    }

    return reply;
  } catch (error) {
    return JSON.stringify({ error: describe(error) });
  }
}

/** What feelin itself makes of an expression, parsed anew over the whole context: what tests compare the rest with. */
export function reference(text) {
  try {
    const { source, context } = JSON.parse(text);
    const { value, warnings } = evaluate(source, context);

    refuseFatal(warnings, source);

    return JSON.stringify({ value: plain(value) });
  } catch (error) {
    return JSON.stringify({ error: describe(error) });
  }
}

export { decisionTable, evaluateMany, parseCheck, unaryTests };
