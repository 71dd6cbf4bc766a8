import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { Outbox } from "../../src/wangge/web/static/field/outbox.js";
import { TRIES_MAX, Vault } from "../../src/wangge/web/static/field/vault.js";
import { MemoryStore, Town } from "./town.mjs";

globalThis.document = Object.assign(new EventTarget(), { visibilityState: "visible" });
const { Sweeps } = await import("../../src/wangge/web/static/field/sweeps.js");

const PIN = "271828";
const BOARD = { round: { id: "r", turn: 1 }, block: { id: "b" } };
const doorOf = (id) => ({ id, version: 0, last: "", outcome: null });
let store, town, now;

/** The phone's storage with what beside the deeds is kept there. */
class Phone extends MemoryStore {
  kept = new Map();

  async read(key) { return this.kept.get(key); }

  async write(key, value) { this.kept.set(key, value); }

  async sealed() { return []; }

  async wipe(_, memos) { for (const memo of memos) this.doors.delete(memo.id); }
}

/** The app opened from cold, somebody signed in. */
async function opened() {
  const outbox = new Outbox(store, town);
  const app = {
    store, outbox, me: { id: "me" }, wire: { get: async () => { throw new TypeError("fetch failed"); } },
    stale: { unlocked() {}, forget() {}, lock() {}, sync() {} }, changed() {}, letters: { forget() {} },
    do: (kind, body, about) => outbox.add({ kind, body, by: "me", at: "", photos: [], ...about }),
  };
  const sweeps = new Sweeps(app, new Vault(store, { iterations: 1000, now: () => now }));
  await outbox.load();
  await sweeps.open();
  return { sweeps, outbox };
}

/** Two doors reported without a network, words typed at the first. */
async function walked() {
  const { sweeps, outbox } = await opened();
  await sweeps.choosePin(PIN);
  town.online = false;
  await sweeps.say(BOARD, doorOf("away"), { outcome: "away", how: "door", words: "去外地打工" });
  await sweeps.say(BOARD, doorOf("in"), { outcome: "all", how: "door" });
  return { sweeps, outbox };
}

const bodies = () => {
  const sent = [];
  const { send } = town;
  town.send = async (deeds) => {
    sent.push(...deeds.map(({ body }) => [body.door, body.outcome, body.words]));
    return send.call(town, deeds);
  };
  return sent;
};

beforeEach(() => {
  store = new Phone();
  town = new Town();
  now = 1_000_000_000;
});

test("nothing typed lies open on the disk", async () => {
  await walked();
  const [typed, plain] = await store.all();
  assert.equal(JSON.stringify(typed).includes("外地"), false);
  assert.ok(typed.sealed);
  assert.equal(plain.sealed, undefined);
});

test("signed out while words wait, they are sent after the next sign-in with the old PIN", async () => {
  const { sweeps } = await walked();
  await sweeps.forget();
  assert.equal(sweeps.vault.state, "locked");
  const sent = bodies();
  town.online = true;
  const cold = await opened();
  await cold.outbox.drain({ force: true });
  assert.deepEqual(sent, [["in", "all", undefined]]);
  assert.equal(cold.sweeps.locked.length, 1);
  assert.equal((await cold.sweeps.unlock(PIN)).is, "open");
  await cold.outbox.drain({ force: true });
  assert.deepEqual(sent[1], ["away", "away", "去外地打工"]);
  assert.deepEqual([cold.sweeps.locked.length, cold.outbox.open.length], [0, 0]);
});

test("signed out with nothing typed that waits, no key stays", async () => {
  const { sweeps, outbox } = await walked();
  town.online = true;
  await outbox.drain({ force: true });
  await sweeps.forget();
  assert.equal(sweeps.vault.state, "none");
});

test("after too many wrong PINs what was found is sent, and what was typed is gone", async () => {
  await walked();
  const cold = await opened();
  let ended = "";
  for (let n = 0; n < TRIES_MAX; n += 1) {
    const tried = await cold.sweeps.unlock("000000");
    now += 1_000_000;
    ended = tried.is;
  }
  assert.equal(ended, "gone");
  const sent = bodies();
  town.online = true;
  await cold.outbox.drain({ force: true });
  assert.deepEqual(sent, [["away", "away", undefined], ["in", "all", undefined]]);
});

test("a deed sealed under a key that was given up since is sent without what was typed", async () => {
  await walked();
  store.kept.delete("vault me");
  const cold = await opened();
  const sent = bodies();
  town.online = true;
  await cold.sweeps.choosePin("314159");
  await cold.outbox.drain({ force: true });
  assert.deepEqual(sent.map(([door]) => door), ["away", "in"]);
});

test("while what is over cannot be thrown away nothing is opened", async () => {
  await walked();
  const cold = await opened();
  store.sealed = async () => { throw new Error("the disk is full"); };
  await assert.rejects(cold.sweeps.unlock(PIN), /full/);
  assert.equal(cold.sweeps.vault.state, "locked");
  store.sealed = async () => [];
  assert.equal((await cold.sweeps.unlock(PIN)).is, "open");
});

test("locked again while its board was painted, nothing more is unsealed", async () => {
  await walked();
  const cold = await opened();
  const read = [];
  cold.sweeps.app.stale.unlocked = () => read.push(cold.sweeps.vault.state);
  cold.sweeps.app.changed = () => { if (cold.sweeps.vault.state === "open") cold.sweeps.vault.lock(); };
  await cold.sweeps.unlock(PIN);
  assert.deepEqual(read, []);
});

test("the last door said is the one whose report is the youngest", async () => {
  const { sweeps } = await walked();
  const last = sweeps.lastOf({
    block: { id: "other" }, doors: ["01a", "01c", "01B"].map((mine) => ({ id: mine, mine, state: "sent" })),
  });
  assert.equal(last.id, "01c");
});
