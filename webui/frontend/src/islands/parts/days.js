/**
 * Stands in for luxon where form-js itself uses it: a day of the reader's calendar as a `Date`, and back. FEEL's own
 * dates are luxon's, and come with `expressions.js`.
 */
const DAY = /^(\d{4})-(\d\d)-(\d\d)$/;
const NEVER = () => new Date(NaN);
const padded = (number, length = 2) => String(number).padStart(length, '0');

/** Midnight, here, of a day written 2026-12-01; what is no such day is an invalid date. */
function dayOf(text) {
  const [, year, month, day] = (DAY.exec(text) ?? []).map(Number);
  if (!day) return NEVER();
  const date = new Date(2000, 0, 1);
  date.setFullYear(year, month - 1, day);
  return date.getMonth() === month - 1 && date.getDate() === day ? date : NEVER();
}

function written(date) {
  if (Number.isNaN(date.getTime())) return null;
  return `${padded(date.getFullYear(), 4)}-${padded(date.getMonth() + 1)}-${padded(date.getDate())}`;
}

export const DateTime = {
  fromISO: (text) => ({ toJSDate: () => dayOf(text) }),
  fromJSDate: (date) => ({ toISODate: () => written(date) }),
};
