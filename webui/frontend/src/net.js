/** Talking to our own server: JSON both ways, the CSRF token, and three ways in which it can go wrong. */

import { again } from './session.js';

const token = () => document.querySelector('meta[name="csrf-token"]')?.content ?? '';

/** The server cannot be reached. */
export class Unreachable extends Error {}

/** Nobody is signed in any more. */
export class SignedOut extends Error {}

/** The server refused: `status`, `code`, `message` and `fields` (message by field name). */
export class Refused extends Error {
  constructor(status, said) {
    super(said.message ?? '');
    this.status = status;
    this.code = said.code ?? '';
    this.fields = said.fields ?? {};
  }
}

/**
 * Send `body` and return what is said. Who has been signed out meanwhile is asked to sign in again, and it is sent
 * once more; with `keepalive` nobody is asked, for the page may be gone, nor with `quiet`.
 */
export async function send(method, address, body, { keepalive = false, quiet = false, idempotencyKey } = {}) {
  try {
    return await once(method, address, body, keepalive, idempotencyKey);
  } catch (problem) {
    if (!(problem instanceof SignedOut) || keepalive || !await again({ quiet })) throw problem;
    return once(method, address, body, keepalive, idempotencyKey);
  }
}

async function once(method, address, body, keepalive, idempotencyKey) {
  let response;
  try {
    response = await fetch(address, {
      method,
      keepalive,
      redirect: 'manual',
      headers: {
        // A form with files names its own type, with the boundary in it.
        ...(body instanceof FormData ? {} : { 'Content-Type': 'application/json' }),
        Accept: 'application/json',
        'X-CSRFToken': token(),
        ...(idempotencyKey && { 'Idempotency-Key': idempotencyKey }),
      },
      body: body instanceof FormData ? body : JSON.stringify(body),
    });
  } catch {
    throw new Unreachable();
  }
  if (response.type === 'opaqueredirect' || response.status === 401) throw new SignedOut();
  const isJson = (response.headers.get('Content-Type') ?? '').includes('json');
  const said = isJson ? await response.json() : {};
  if (response.ok) return said;
  if (response.status === 400 && !isJson) throw new SignedOut();
  throw new Refused(response.status, said);
}
