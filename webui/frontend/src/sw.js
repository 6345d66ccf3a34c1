/**
 * The service worker: tasks that were opened can be read without a connection, and nothing else is ever taken from
 * here while there is one. Pages always come from the server; a copy answers only when the server cannot be reached.
 */
const PAGES = 'pages';
const ASSETS = 'assets';
const OFFLINE = '/offline';
const MOST_PAGES = 60;
const MOST_ASSETS = 150;
/** A copy older than this is not shown: much will have happened, also to who may read it. */
const LONGEST_MS = 3 * 24 * 3600 * 1000;
const FULL_PAGE_AFTER_MS = 1500;

const isKept = (path) => path === '/inbox' || /^\/inbox\/[0-9a-f-]{36}$/.test(path);

/**
 * What a page sends in the moment it is left (a draft, that nobody looks at a task any more) does not pass through
 * here: a browser asks the worker from the page, which is gone before the answer comes, and the request with it.
 */
const PAST_ME = ['PUT', 'DELETE'].map((requestMethod) => ({ condition: { requestMethod }, source: 'network' }));

self.addEventListener('install', (event) => {
  self.skipWaiting();
  event.waitUntil(Promise.resolve(event.addRoutes?.(PAST_ME)).catch(() => {}));
  event.waitUntil(caches.open(ASSETS).then((assets) => assets.add(OFFLINE)).catch(() => {}));
});

self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (origin !== self.location.origin) return;
  if (request.method === 'POST' && pathname === '/sign-out') {
    event.waitUntil(caches.delete(PAGES));
  } else if (request.method !== 'GET') {
    return;
  } else if (pathname.startsWith('/static/dist/assets/')) {
    event.respondWith(asset(event, request));
  } else if (request.mode === 'navigate') {
    event.respondWith(page(event, request, pathname));
  } else if (request.headers.get('HX-Target') === 'detail' && isKept(pathname)) {
    event.waitUntil(keepWhole(pathname));
  }
});

// A message pushed to this device; what may be said there its sender knows.
self.addEventListener('push', (event) => {
  const { title, body, tag, url } = event.data?.json() ?? {};
  if (title) event.waitUntil(self.registration.showNotification(title, { body, tag, renotify: Boolean(tag), data: { url } }));
});

self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  const url = new URL(event.notification.data?.url ?? '/', self.location.origin);
  if (url.origin === self.location.origin) event.waitUntil(self.clients.openWindow(url));
});

/** Names of assets change with their content: the one that is here is the right one. */
async function asset(event, request) {
  const assets = await caches.open(ASSETS);
  const here = await assets.match(request, { ignoreVary: true });
  if (here) return here;
  const response = await fetch(request);
  if (response.ok) event.waitUntil(keep(assets, request, response.clone(), MOST_ASSETS));
  return response;
}

async function page(event, request, pathname) {
  let response;
  try {
    response = await fetch(request);
  } catch (problem) {
    return await copyOf(pathname) ?? await (await caches.open(ASSETS)).match(OFFLINE) ?? Promise.reject(problem);
  }
  if (isKept(pathname)) event.waitUntil(take(pathname, response.clone()));
  return response;
}

/** Keep a page as it now is, or forget it when it is no more for this reader. */
async function take(pathname, response) {
  const pages = await caches.open(PAGES);
  if (response.ok && !response.redirected) await keep(pages, pathname, response, MOST_PAGES);
  else if ([403, 404, 410].includes(response.status)) await Promise.all([pages.delete(pathname), pages.delete(`${pathname}/draft`)]);
}

/** A task was opened beside the list: fetch it as a page, too, so that it can be opened as one. */
async function keepWhole(pathname) {
  await new Promise((done) => { setTimeout(done, FULL_PAGE_AFTER_MS); });
  await fetch(pathname, { headers: { Accept: 'text/html' } }).then((response) => take(pathname, response)).catch(() => {});
}

async function keep(cache, key, response, most) {
  await cache.delete(key);
  await cache.put(key, response);
  const keys = await cache.keys();
  await Promise.all(keys.slice(0, Math.max(0, keys.length - most)).map((old) => cache.delete(old)));
}

/** The page says itself that it is a copy, and of when. */
async function copyOf(pathname) {
  const pages = await caches.open(PAGES);
  const copy = await pages.match(pathname);
  if (!copy) return undefined;
  const at = new Date(copy.headers.get('Date') ?? 0);
  if (Date.now() - at > LONGEST_MS) {
    await pages.delete(pathname);
    return undefined;
  }
  const html = await copy.text();
  return new Response(html.replace('<html ', `<html data-kept="${at.toISOString()}" `), { status: 200, headers: copy.headers });
}
