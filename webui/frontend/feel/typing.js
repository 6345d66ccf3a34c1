/**
 * DMN's types: whether a value is of one, and the value as the type has it.
 *
 * A type is { base, list, allowed, fields }: `base` one of the names below, `list` whether it is a list of them,
 * `allowed` unary tests for each or null, `fields` [ [ name, type ] ] of a context. Null is of every type.
 *
 * Variables are JSON, so their dates are texts: where `convert` is set, a text becomes the number, date, time or
 * duration that its type says it stands for. A single value becomes a list of one and the other way round
 * (DMN 1.3, 10.3.2.9.4).
 */
import { FeelDate, FeelDateTime, FeelDuration, FeelTime, builtins } from 'feelin';

export class Nonconforming extends Error {}

const YEARS_AND_MONTHS = /^-?P(?=\d)(\d+Y)?(\d+M)?$/;

const is = type => value => value instanceof type;

const BASES = {
  string: { word: 'text', test: value => typeof value === 'string' },
  number: { word: 'number', test: value => typeof value === 'number' && Number.isFinite(value), read: toNumber, keep: true },
  integer: { word: 'whole number', test: value => Number.isInteger(value), read: toNumber, keep: true },
  boolean: { word: 'boolean', test: value => typeof value === 'boolean' },
  date: { word: 'date', test: is(FeelDate), read: text => builtins.date(text) },
  time: { word: 'time', test: is(FeelTime), read: text => builtins.time(text) },
  'date and time': {
    word: 'date and time',
    test: is(FeelDateTime),
    read: text => /T/.test(text) ? builtins['date and time'](text) : null
  },
  'days and time duration': {
    word: 'duration of days and hours',
    test: value => value instanceof FeelDuration && !YEARS_AND_MONTHS.test(value.iso),
    read: text => builtins.duration(text)
  },
  'years and months duration': {
    word: 'duration of years and months',
    test: value => value instanceof FeelDuration && YEARS_AND_MONTHS.test(value.iso),
    read: text => builtins.duration(text)
  },
  context: {
    word: 'context',
    test: value => typeof value === 'object' && !Array.isArray(value) && Object.getPrototypeOf(value) === Object.prototype
  },
};

function toNumber(text) {
  return text.trim() === '' ? null : Number(text);
}

/**
 * The value as `type` has it; `allows(value, tests)` says whether unary tests pass.
 *
 * Throws Nonconforming when the value is of another type or none of the allowed ones.
 */
export function conformed(value, type, convert, allows) {
  if (value === null || value === undefined) {
    return null;
  }

  if (type.list) {
    return (Array.isArray(value) ? value : [ value ]).map(item => single(item, type, convert, allows));
  }

  return single(Array.isArray(value) && value.length === 1 && type.base !== 'Any' ? value[0] : value, type, convert, allows);
}

function single(value, type, convert, allows) {
  if (value === null || value === undefined) {
    return null;
  }

  const result = based(value, type, convert, allows);

  if (type.allowed && !allows(result, type.allowed)) {
    refuseValue(value, type.allowed);
  }

  return result;
}

function based(value, { base, fields }, convert, allows) {
  const known = BASES[base];

  if (!known) {
    return value;
  }
  if (fields && known.test(value)) {
    return { ...value, ...Object.fromEntries(fields.flatMap(([ name, type ]) => {
      return Object.hasOwn(value, name) ? [ [ name, conformed(value[name], type, convert, allows) ] ] : [];
    })) };
  }
  if (known.test(value)) {
    return value;
  }
  if (known.read && typeof value === 'string') {
    const read = known.read(value);

    if (read !== null && known.test(read)) {
      // a number that an output answers as a text stays the text it is: it may be an amount
      return known.keep && !convert ? value : read;
    }
  }
  if (base === 'date and time' && value instanceof FeelDate) {
    return builtins['date and time'](value.iso + 'T00:00:00Z');
  }

  throw new Nonconforming(`${shown(value)} is no ${known.word}`);
}

function refuseValue(value, allowed) {
  throw new Nonconforming(`${shown(value)} is none of the values allowed: ${allowed.slice(0, 200)}`);
}

function shown(value) {
  const text = JSON.stringify(value?.iso ?? value) ?? 'a function';

  return text.length > 60 ? text.slice(0, 59) + '…' : text;
}
