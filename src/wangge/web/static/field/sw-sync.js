/**
 * Background Sync, where the browser has it: what waits is sent even when the app was closed.
 * The same outbox over the same storage, behind the same lock as the tabs.
 */

import { openDB } from "../lib/idb/index.js";
import { Wire } from "./network.js";
import { Outbox } from "./outbox.js";
import { openStore } from "./store.js";

/** @typedef {Event & {tag: string, waitUntil(work: Promise<void>): void}} SyncEvent */

self.addEventListener("sync", (happened) => {
  const event = /** @type {SyncEvent} */ (happened);
  if (event.tag === "outbox") event.waitUntil(send());
});

async function send() {
  const { base } = /** @type {{wangge: {base: string}}} */ (/** @type {unknown} */ (self)).wangge;
  const store = await openStore(openDB, base);
  const lock = `wangge-outbox${base}`;
  const outbox = new Outbox(store, new Wire(base), {
    lock: async (work) => {
      await navigator.locks.request(lock, { ifAvailable: true }, async (free) => {
        if (free) await work();
      });
    },
  });
  await outbox.load();
  await outbox.drain({ force: true });
  store.db.close();
  const channel = new BroadcastChannel(lock);
  channel.postMessage("changed");
  channel.close();
  // Rejecting asks the browser for another chance later.
  if (outbox.trouble === "offline" || outbox.trouble === "busy") throw new Error(outbox.trouble);
}
