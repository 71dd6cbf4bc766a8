/** The field app starts: storage, network, outbox, screens; then the worker and the stream. */

import { openDB } from "idb";

import { listenForFirstTouch } from "./alert.js";
import { App } from "./app.js";
import { takeOver, typedBefore } from "./before.js";
import { forgetOld } from "./draft.js";
import { LiveLook } from "./live.js";
import { Wire } from "./network.js";
import { Outbox } from "./outbox.js";
import { painted } from "./painted.js";
import { openStore } from "./store.js";
import { readTheRest } from "./views/later.js";
import { WgField } from "./views/root.js";

const base = document.querySelector("meta[name=base]")?.getAttribute("content") ?? "";
const LOCK = `wangge-outbox${base}`;

/** One tab sends; another one that wants to, leaves it to that one. @type {import("./types.js").Lock} */
const oneTab = (work) =>
  navigator.locks
    ? navigator.locks.request(LOCK, { ifAvailable: true }, async (lock) => {
        if (lock) await work();
      })
    : work();

async function start() {
  const store = await openStore(openDB, base);
  const wire = new Wire(base);
  const outbox = new Outbox(store, wire, { lock: oneTab });
  const app = new App(base, store, wire, outbox);
  await app.open();

  const screen = document.createElement("wg-field");
  if (screen instanceof WgField) screen.app = app;
  takeOver();
  document.querySelector("#field")?.replaceChildren(screen);
  await painted();

  typedBefore(); // whatever is on the screen now asked for no PIN
  app.sweeps.expireLater();
  readTheRest(() => !app.sweeps.opening);
  void forgetOld(store, app.me?.id ?? "").catch(() => undefined);
  tellOtherTabs(app);
  void navigator.storage?.persist?.();
  listenForFirstTouch();
  const known = () => app.bundle !== undefined && !app.signedOut;
  const live = new LiveLook(`${base}/api/v1/live`, () => app.refresh(), known);
  app.addEventListener("signed-in", () => live.listen());

  const send = () => {
    if (document.visibilityState === "visible" && outbox.ready.length > 0) void outbox.drain();
  };
  addEventListener("online", () => void outbox.drain({ force: true }));
  document.addEventListener("visibilitychange", send);
  setInterval(send, 2_000); // the outbox itself knows when the next try is due
  void outbox.drain({ force: true });

  await watchWorker(app);
}

/** @param {App} app */
function tellOtherTabs({ outbox, sweeps }) {
  if (!("BroadcastChannel" in window)) return;
  const channel = new BroadcastChannel(LOCK);
  let theirs = false;
  channel.onmessage = async () => {
    theirs = true;
    await outbox.load();
    await sweeps.readTyped();
    theirs = false;
  };
  outbox.addEventListener("changed", () => {
    if (!theirs) channel.postMessage("changed");
  });
}

/** @param {App} app */
async function watchWorker(app) {
  if (!("serviceWorker" in navigator)) return;
  const workers = navigator.serviceWorker;
  const scope = `${base}/field/`;
  const found = await workers
    .register(`${scope}sw.js`, { scope, type: "module" })
    // A browser whose workers know no modules gets the one that only keeps the app.
    .catch(() => workers.register(`${scope}sw.js?plain=1`, { scope }))
    .catch((error) => {
      console.warn("the app cannot be kept on this phone", error);
      return undefined;
    });
  if (!found) return;
  let reloading = false;
  const hadOne = workers.controller !== null;
  workers.addEventListener("controllerchange", () => {
    if (!hadOne || reloading) return;
    reloading = true;
    location.reload();
  });
  const offer = () => {
    if (!found.waiting || !workers.controller) return;
    app.newer = true;
    app.changed();
  };
  offer();
  found.addEventListener("updatefound", () =>
    found.installing?.addEventListener("statechange", offer),
  );
  addEventListener("wangge-renew", () => found.waiting?.postMessage("take over"));
  setInterval(() => void found.update().catch(() => undefined), 3_600_000);
}

void start();
