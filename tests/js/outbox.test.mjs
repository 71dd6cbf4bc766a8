import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import {
  BACKOFF, DONE_KEPT, Outbox, StorageFull, held, verdict,
} from "../../src/wangge/web/static/field/outbox.js";
import { MemoryStore, Town, deedOf } from "./town.mjs";

let store, town, outbox, now;

/** Add and let the try that follows come to its end. */
const did = async (id, more, photos) => {
  await outbox.add(deedOf(id, more), photos);
  await outbox.drain({ force: true });
};
const states = () => Object.fromEntries(outbox.deeds.map((deed) => [deed.id, deed.state]));

beforeEach(() => {
  store = new MemoryStore();
  town = new Town();
  now = 1_000_000;
  outbox = new Outbox(store, town, { now: () => now });
});

test("deeds arrive in the order they were done", async () => {
  town.online = false;
  for (const id of ["a", "b", "c"]) await did(id);
  town.online = true;
  await outbox.drain({ force: true });
  assert.deepEqual(town.heard, ["a", "b", "c"]);
  assert.deepEqual(outbox.open, []);
});

test("a deed whose answer was lost is sent again under the same id and done once", async () => {
  town.loseAnswers = 1;
  await did("a");
  await outbox.drain({ force: true });
  assert.deepEqual(town.heard, ["a", "a"]);
  assert.equal(town.done.size, 1);
  assert.deepEqual(states(), { a: "done" });
});

test("a refusal is told to the person and does not hold up the rest", async () => {
  const told = [];
  outbox.addEventListener("refused", (event) => told.push(event.detail.refusal));
  town.online = false;
  for (const id of ["a", "b", "c"]) await did(id);
  town.says.set("b", {
    status: 422,
    body: { title: "有 1 处需要改正", problems: [{ field: "words", words: "请写清楚" }] },
  });
  town.online = true;
  await outbox.drain({ force: true });
  assert.deepEqual(states(), { a: "done", b: "refused", c: "done" });
  assert.deepEqual(told, [{
    status: 422, title: "有 1 处需要改正", problems: [{ field: "words", words: "请写清楚" }],
  }]);
});

test("an expired session loses nothing", async () => {
  town.session = "";
  await did("a");
  assert.equal(outbox.trouble, "session");
  assert.deepEqual(states(), { a: "waiting" });
  town.session = "me";
  await outbox.drain({ force: true });
  assert.deepEqual(states(), { a: "done" });
});

test("a session that expires between asking and sending loses nothing either", async () => {
  town.online = false;
  await did("a");
  town.online = true;
  town.next.push({ status: 401, body: {} });
  await outbox.drain({ force: true });
  assert.deepEqual([outbox.trouble, states()], ["session", { a: "waiting" }]);
});

test("another person's session never carries my deeds", async () => {
  town.session = "somebody else";
  await did("a");
  await did("b", { by: "somebody else" });
  assert.deepEqual(states(), { a: "waiting", b: "done" });
  assert.equal(town.done.has("a"), false);
});

test("what follows a refused deed on the same task waits, and says for what", async () => {
  town.online = false;
  await did("accept", { subject: "task" });
  await did("finish", { subject: "task" });
  await did("other");
  town.says.set("accept", { status: 409, body: { title: "别人已经接单" } });
  town.online = true;
  await outbox.drain({ force: true });
  assert.deepEqual(states(), { accept: "refused", finish: "waiting", other: "done" });
  assert.equal(held(outbox.deeds).get("finish")?.id, "accept");
  assert.deepEqual(town.heard, ["accept", "other"]);
});

test("a tube that was refused holds up no other at the same door", async () => {
  town.online = false;
  for (const id of ["taken", "fine"]) await did(id, { kind: "sweeps.fill_tube", subject: "door" });
  town.says.set("taken", { status: 409, body: { title: "管码已经用过了" } });
  town.online = true;
  await outbox.drain({ force: true });
  assert.deepEqual(states(), { taken: "refused", fine: "done" });
  assert.equal(held(outbox.deeds).size, 0);
});

test("when the refused deed is mended it keeps its place and the rest follows", async () => {
  town.online = false;
  await did("accept", { subject: "task" });
  await did("finish", { subject: "task" });
  town.says.set("accept", { status: 422, body: {} });
  town.online = true;
  await outbox.drain({ force: true });
  await outbox.mend("accept", deedOf("accept again", { subject: "task" }));
  await outbox.drain({ force: true });
  assert.deepEqual(town.heard, ["accept", "accept again", "finish"]);
  assert.deepEqual(outbox.open, []);
});

test("giving up the refused deed lets the rest go", async () => {
  town.online = false;
  await did("accept", { subject: "task" });
  await did("finish", { subject: "task" });
  town.says.set("accept", { status: 409, body: {} });
  town.online = true;
  await outbox.drain({ force: true });
  await outbox.discard("accept");
  await outbox.drain({ force: true });
  assert.deepEqual(states(), { finish: "done" });
});

test("two deeds on one task never share a request", async () => {
  const sizes = [];
  const send = town.send.bind(town);
  town.send = (deeds) => { sizes.push(deeds.map((deed) => deed.id)); return send(deeds); };
  town.online = false;
  await did("accept", { subject: "task" });
  await did("start", { subject: "task" });
  await did("other");
  town.online = true;
  await outbox.drain({ force: true });
  assert.deepEqual(sizes, [["accept"], ["start", "other"]]);
});

test("when the phone is full the deed is not shown as safe", async () => {
  store.full = true;
  await assert.rejects(outbox.add(deedOf("a")), StorageFull);
  assert.deepEqual(outbox.deeds, []);
  assert.deepEqual(town.heard, []);
});

test("a crash between keeping and sending: the next start sends it", async () => {
  town.online = false;
  await did("a");
  const afterwards = new Outbox(store, town);
  town.online = true;
  await afterwards.load();
  assert.equal(afterwards.waiting.length, 1);
  await afterwards.drain();
  assert.deepEqual(town.heard, ["a"]);
});

test("a photo arrives before the deed that names it, and only once", async () => {
  town.online = false;
  await did("a", { photos: ["p1", "p2"] }, [
    { id: "p1", blob: new Blob(["1"]), sent: false },
    { id: "p2", blob: new Blob(["2"]), sent: false },
  ]);
  town.online = true;
  town.says.set("p2", { status: 503, body: {}, retryAfter: 7 });
  await outbox.drain({ force: true });
  assert.deepEqual(town.heard, ["photo p1", "photo p2"]);
  town.says.delete("p2");
  await outbox.drain({ force: true });
  assert.deepEqual(town.heard, ["photo p1", "photo p2", "photo p2", "a"]);
  assert.equal(store.photos.size, 0);
});

test("a photo the server will not take is a refusal of its deed, blocking nobody", async () => {
  town.online = false;
  await did("a", { photos: ["p"] }, [{ id: "p", blob: new Blob(["x"]), sent: false }]);
  await did("b");
  town.online = true;
  town.says.set("p", { status: 422, body: { title: "照片打不开" } });
  await outbox.drain({ force: true });
  assert.deepEqual(states(), { a: "refused", b: "done" });
  assert.equal(outbox.deeds[0].refusal.problems[0].field, "photos");
});

test("a photo that the phone has lost is said to the person", async () => {
  town.online = false;
  await did("a", { photos: ["p"] });
  town.online = true;
  await outbox.drain({ force: true });
  assert.deepEqual(states(), { a: "refused" });
});

test("a busy server is asked again after the time it named", async () => {
  town.next.push({ status: 503, body: {}, retryAfter: 90 });
  town.online = false;
  await did("a");
  town.online = true;
  await outbox.drain({ force: true });
  assert.equal(outbox.trouble, "busy");
  now += 89_000;
  await outbox.drain();
  assert.deepEqual(town.heard, []);
  now += 1_000;
  await outbox.drain();
  assert.deepEqual(town.heard, ["a"]);
});

test("without a network the pauses grow, and success forgets them", async () => {
  town.online = false;
  await store.add(deedOf("a", { state: "waiting" }), []);
  const pauses = [];
  for (let n = 0; n < BACKOFF.length + 1; n += 1) {
    await outbox.drain({ force: true });
    pauses.push((outbox.notBefore - now) / 1000);
  }
  assert.deepEqual(pauses, [...BACKOFF, BACKOFF.at(-1)]);
  town.online = true;
  await outbox.drain({ force: true });
  assert.equal(outbox.notBefore, 0);
});

test("one deed that the server cannot read does not condemn its batch", async () => {
  const send = town.send.bind(town);
  town.send = async (deeds) =>
    deeds.some((deed) => deed.id === "odd") ? { status: 400, body: { title: "格式不对" } } : send(deeds);
  town.online = false;
  for (const id of ["a", "odd", "b"]) await did(id);
  town.online = true;
  await outbox.drain({ force: true });
  assert.deepEqual(states(), { a: "done", odd: "refused", b: "done" });
});

test("one deed that breaks the server lets the others through and is tried later", async () => {
  town.online = false;
  for (const id of ["a", "b"]) await did(id);
  town.says.set("a", { status: 500, body: {} });
  town.online = true;
  await outbox.drain({ force: true });
  assert.deepEqual(states(), { a: "waiting", b: "done" });
  assert.equal(outbox.trouble, "busy");
});

test("two tabs do not send the same deed twice", async () => {
  let taken = false;
  const lock = async (work) => {
    if (taken) return;
    taken = true;
    try { await work(); } finally { taken = false; }
  };
  await store.add(deedOf("a", { state: "waiting" }), []);
  const tabs = [new Outbox(store, town, { lock }), new Outbox(store, town, { lock })];
  await Promise.all(tabs.map((tab) => tab.drain({ force: true })));
  assert.deepEqual(town.heard, ["a"]);
});

test("a deed added while sending goes out in the same breath", async () => {
  const send = town.send.bind(town);
  let first = true;
  town.send = async (deeds) => {
    if (first) {
      first = false;
      await outbox.add(deedOf("b"));
    }
    return send(deeds);
  };
  await outbox.add(deedOf("a"));
  while (outbox.sending || outbox.waiting.length > 0) await new Promise(setImmediate);
  assert.deepEqual(town.heard, ["a", "b"]);
});

test("a deed added while a try is failing is tried at once, not after the pause", async () => {
  const who = town.who.bind(town);
  let first = true;
  town.who = async () => {
    if (!first) return who();
    first = false;
    await outbox.add(deedOf("b"));
    throw new TypeError("fetch failed");
  };
  await outbox.add(deedOf("a"));
  await outbox.drain();
  assert.deepEqual(town.heard, ["a", "b"]);
});

test("only the last receipts are remembered", async () => {
  for (let n = 0; n < DONE_KEPT + 3; n += 1) await did(`d${n}`);
  assert.equal(outbox.deeds.length, DONE_KEPT);
  assert.equal(outbox.deeds[0].id, "d3");
  assert.equal(outbox.deeds[0].answer.receipt, "R4");
});

test("what a status means", () => {
  assert.deepEqual(
    [200, 201, 302, 401, 403, 404, 408, 409, 413, 422, 429, 500, 503].map(verdict),
    ["done", "done", "later", "session", "refused", "refused", "later", "refused", "refused",
      "refused", "later", "later", "later"],
  );
});

test("what was typed under a key that is not at hand waits, and the others go", async () => {
  const sealed = { iv: new Uint8Array(12), data: new ArrayBuffer(8) };
  const report = (id) => ({ kind: "sweeps.report", subject: id, body: { round: "r", door: id, outcome: "all" } });
  await did("a", { ...report("a"), sealed });
  await did("b", report("b"));
  assert.deepEqual([town.heard, outbox.trouble, outbox.waiting.length, outbox.ready.length], [["b"], "", 1, 0]);
  const sent = [];
  town.send = async (deeds) => {
    sent.push(...deeds);
    return { status: 200, body: { answers: deeds.map(({ id }) => ({ id, status: 200, body: { version: 1, outcome: "all" } })) } };
  };
  outbox.whole = (deed) => ({ ...deed, body: { ...deed.body, answers: { dogs: true } } });
  await outbox.drain({ force: true });
  assert.deepEqual(sent.map((deed) => deed.body.answers), [{ dogs: true }]);
  assert.deepEqual(outbox.open, []);
  assert.deepEqual(outbox.memos.get("r/a").answered, ["dogs"]);
});

test("a refused report goes back to the disk as it lay there", async () => {
  const sealed = { iv: new Uint8Array(12), data: new ArrayBuffer(8) };
  outbox.whole = (deed) => ({ ...deed, body: { ...deed.body, words: "去外地" } });
  town.says.set("a", { status: 422, body: { title: "不收" } });
  await did("a", { kind: "sweeps.report", body: { round: "r", door: "d" }, sealed });
  const [kept] = await store.all();
  assert.deepEqual([kept.state, kept.body, kept.sealed], ["refused", { round: "r", door: "d" }, sealed]);
});

test("when the key is gone the outcome still goes", async () => {
  const sealed = { iv: new Uint8Array(12), data: new ArrayBuffer(8) };
  const report = (id, body) => ({ kind: "sweeps.report", subject: id, body: { round: "r", door: id, ...body }, sealed });
  await did("a", report("a", { outcome: "all" }));
  await did("b", report("b", { outcome: null })); // nothing but answers
  await outbox.strip(outbox.open);
  await outbox.drain({ force: true });
  assert.deepEqual(town.heard, ["a"]);
  assert.deepEqual(outbox.open, []);
});

test("thirty requests of a hundred lost for ten minutes by the clock: every deed arrives, once", async () => {
  let seed = 20260318;
  const chance = () => { // what is lost is the same every time
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return seed / 2_147_483_648;
  };
  let lost = 0;
  const rough = (name) => {
    const fair = town[name].bind(town);
    town[name] = async (...given) => {
      if (chance() >= 0.3) return fair(...given);
      lost += 1;
      if (chance() < 0.5) await fair(...given); // done, and the answer lost
      throw new TypeError("fetch failed");
    };
    return () => { town[name] = fair; };
  };
  const cleared = [rough("who"), rough("send")];
  const kept = [];
  for (const began = now; now < began + 600_000; now += 2_000) { // as often as the app looks
    if ((now - began) % 10_000 === 0) {
      kept.push(`door ${kept.length}`);
      await outbox.add(deedOf(kept.at(-1)));
    }
    await outbox.drain();
  }
  for (const clear of cleared) clear();
  now += 30_000;
  await outbox.drain();
  assert.ok(lost > 20, `only ${lost} requests were lost`);
  assert.deepEqual([...town.done.keys()].sort(), [...kept].sort(), "none missed, none invented");
  assert.deepEqual([kept.length, outbox.open.length], [60, 0]);
  const first = [...new Set(town.heard)];
  assert.deepEqual(first, kept, "in the order they were said");
});
