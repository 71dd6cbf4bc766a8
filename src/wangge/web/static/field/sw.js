/**
 * The worker that keeps the app on the phone. The server puts `self.wangge` before this text:
 * the version and the files with their hashes. A version is kept whole or not at all, so that an
 * upgrade in the middle of loading cannot mix two; the shell holds nobody's data.
 *
 * @typedef {{version: string, base: string, files: [url: string, sha256: string][]}} Kit
 */

const worker = /** @type {ServiceWorkerGlobalScope & {wangge: Kit}} */ (
  /** @type {unknown} */ (self)
);
const { version, base, files } = worker.wangge;
const PREFIX = `wangge-field${base}@`;
const NAME = PREFIX + version;

/** @param {ArrayBuffer} bytes */
async function sha256(bytes) {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * What is kept is the answer itself and not one made from its bytes: only with such a one a browser
 * keeps the compiled script too, which spares every later start the compiling.
 * @param {Cache} cache @param {string} url @param {string} hash
 */
async function keep(cache, url, hash) {
  const answer = await fetch(new Request(url, { cache: "no-cache", credentials: "same-origin" }));
  if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
  const kept = answer.clone();
  if ((await sha256(await answer.arrayBuffer())) !== hash) throw new Error(`${url}: another version`);
  await cache.put(url, kept);
}

/**
 * Where the browser can, it takes the kit's files from this version's cache without waking this
 * worker; what is not found there goes to the network, as everything does elsewhere.
 * @param {{addRoutes?: (routes: unknown[]) => Promise<void>}} installing
 */
function giveRoutes(installing) {
  const source = { cacheName: NAME };
  const { origin } = worker.location;
  const routes = files.map(([pathname]) => ({ condition: { urlPattern: { baseURL: origin, pathname, search: "" } }, source }));
  try {
    installing.addRoutes?.(routes).catch((error) => console.warn("routes", error));
  } catch (error) {
    console.warn("routes", error);
  }
}

worker.addEventListener("install", (event) => {
  giveRoutes(/** @type {any} */ (event));
  event.waitUntil((async () => {
    const cache = await caches.open(NAME);
    try {
      await Promise.all(files.map(([url, hash]) => keep(cache, url, hash)));
    } catch (error) {
      await caches.delete(NAME);
      throw error;
    }
  })());
});

worker.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    for (const name of await caches.keys()) {
      if (name.startsWith(PREFIX) && name !== NAME) await caches.delete(name);
    }
    await worker.clients.claim();
  })());
});

worker.addEventListener("message", (event) => {
  if (event.data === "take over") void worker.skipWaiting();
});

const known = new Set(files.map(([url]) => url));
/** @type {Promise<Cache> | undefined} */
let opened;

worker.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET") return;
  const url = new URL(request.url);
  if (url.origin !== worker.location.origin) return;
  const shell = `${base}/field/`;
  const opens = request.mode === "navigate" && url.pathname === shell;
  const path = opens ? shell : url.pathname;
  if (!known.has(path)) return;
  event.respondWith((async () => {
    // A storage that is only just awake may refuse once: the next request tries anew.
    opened ??= caches.open(NAME).catch((error) => {
      opened = undefined;
      throw error;
    });
    const cache = await opened;
    return (await cache.match(path)) ?? fetch(request);
  })().catch(() => fetch(request)));
});
