/** Talking to our own server: JSON both ways, the CSRF token, and three ways in which it can go wrong. */

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

export async function send(method, address, body, { keepalive = false, idempotencyKey } = {}) {
  let response;
  try {
    response = await fetch(address, {
      method,
      keepalive,
      redirect: 'manual',
      headers: {
        'Content-Type': 'application/json',
        Accept: 'application/json',
        'X-CSRFToken': token(),
        ...(idempotencyKey && { 'Idempotency-Key': idempotencyKey }),
      },
      body: JSON.stringify(body),
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
