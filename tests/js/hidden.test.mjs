import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { Hidden, bare } from "../../src/wangge/web/static/field/hidden.js";
import { Vault } from "../../src/wangge/web/static/field/vault.js";

const PIN = "271828";
const BODY = { round: "r", door: "d", outcome: "away", answers: { call: "19900000042" }, words: "去外地打工" };
let kept, vault, hidden;

const opened = async (pin) => {
  const shelf = { read: async (key) => kept.get(key), write: async (key, value) => kept.set(key, value) };
  const made = new Vault(shelf, { iterations: 1000 });
  await made.of("me");
  if (pin) await made.open(pin);
  return made;
};
const deedOf = async (id) => ({ id, ...(await hidden.seal(id, BODY)) });

beforeEach(async () => {
  kept = new Map();
  vault = await opened();
  await vault.make(PIN);
  hidden = new Hidden(vault);
});

test("what was typed is not on the disk, what was found is", async () => {
  const deed = await deedOf("one");
  assert.deepEqual(deed.body, { round: "r", door: "d", outcome: "away" });
  const bytes = Buffer.from(deed.sealed.data).toString("latin1");
  for (const word of ["199", "call", "words"]) assert.equal(bytes.includes(word), false);
});

test("nothing is sealed where nothing was typed", async () => {
  const body = { round: "r", door: "d", outcome: "all" };
  assert.deepEqual(await hidden.seal("one", body), { body });
});

test("it is whole while the key is at hand, from cold only after the PIN, and not when locked again", async () => {
  const deed = await deedOf("one");
  assert.deepEqual(hidden.whole(deed).body, BODY);
  const cold = new Hidden(await opened(PIN));
  assert.equal(cold.whole(deed), undefined);
  assert.deepEqual(await cold.open([deed]), []);
  assert.deepEqual(cold.whole(deed).body, BODY);
  cold.lock();
  assert.equal(cold.whole(deed), undefined);
});

test("the answers of one door cannot be put under another's report", async () => {
  const [one, two] = [await deedOf("one"), await deedOf("two")];
  const cold = new Hidden(await opened(PIN));
  const moved = { ...two, sealed: one.sealed };
  assert.deepEqual(await cold.open([moved]), [moved]);
  assert.equal(cold.whole(moved), undefined);
});

test("a lock that falls while it is read loses nothing", async () => {
  const deed = await deedOf("one");
  const locked = new Hidden(await opened());
  assert.deepEqual(await locked.open([deed]), []);
});

test("a key that is gone takes what was typed and leaves what was found", async () => {
  const deed = await deedOf("one");
  assert.deepEqual(bare(deed), { id: "one", body: deed.body });
  assert.equal(bare({ ...deed, body: { round: "r", door: "d", outcome: null } }), undefined);
  const help = { round: "r", door: "d", outcome: null, needs: ["medical"] };
  assert.deepEqual(bare({ ...deed, body: help }), { id: "one", body: help });
});
