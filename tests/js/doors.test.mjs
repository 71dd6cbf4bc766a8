import assert from "node:assert/strict";
import { test } from "node:test";

import {
  byDoor, columns, floors, mergedBlock, memoOf, mineOf, reportOf, settledFor, shownDoors, tally,
} from "../../src/wangge/web/static/field/doors.js";
import { Outbox, REPORTS_MAX } from "../../src/wangge/web/static/field/outbox.js";
import { MemoryStore, Town } from "./town.mjs";

const ROUND = {
  id: "r", turn: 1,
  buttons: [
    { code: "all", settled: true }, { code: "nobody", settled: false }, { code: "away", settled: true },
  ],
};
const doorOf = (room, more = {}) => ({
  id: `d${room}`, floor: Number(room.slice(0, -2)), room, label: "", people: [], joined: "frozen",
  gone: false, prior: null, outcome: null, persons: {}, needs: [], answers: {}, version: 0,
  flagged: [], tries: 0, ...more,
});
const blockOf = (...doors) => ({ id: "b", label: "", mark: 1, floors: null, doors });
let made = 0;
const deedOf = (door, outcome, more = {}, body = {}) => ({
  id: `deed${(made += 1)}`, kind: "sweeps.report", by: "me", subject: door, title: "", photos: [],
  at: "", state: "waiting", body: { round: "r", block: "b", door, outcome, turn: 1, ...body }, ...more,
});
const shown = (block, { memos = [], deeds = [], saving = [], round = ROUND } = {}) =>
  shownDoors(block, round, new Map(memos.map((memo) => [memo.id, memo])), byDoor(deeds, "me"), new Map(saving));

test("what waits on the phone is laid over the roster, and the next report names it", () => {
  const deed = deedOf("d101", "all");
  const [door] = shown(blockOf(doorOf("101", { version: 2, outcome: "nobody" })), { deeds: [deed] });
  assert.deepEqual([door.outcome, door.state, door.last, door.mine, door.version], ["all", "waiting", deed.id, deed.id, 2]);
  const body = reportOf(ROUND, "b", door, { outcome: "nobody", how: "door" });
  assert.deepEqual([body.base, body.after, body.turn], [2, deed.id, 1]);
});

test("a door that is not on the disk yet is shown as being kept, not as safe", () => {
  const [door] = shown(blockOf(doorOf("101")), { saving: [["d101", "all"]] });
  assert.equal(door.state, "saving");
});

test("taken back before it was sent, what stood before stands again", () => {
  const first = deedOf("d101", "all");
  const undo = deedOf("d101", null, {}, { undoes: first.id });
  const [door] = shown(blockOf(doorOf("101", { outcome: "nobody", version: 1 })), { deeds: [first, undo] });
  assert.deepEqual([door.outcome, door.mine, door.last], ["nobody", "", undo.id]);
});

test("taken back after it was sent, what stood before it is shown until the server says", () => {
  const done = deedOf("d101", "all", { state: "done", was: "nobody", answer: { version: 2, outcome: "all" } });
  const memo = memoOf(done);
  const undo = deedOf("d101", null, {}, { undoes: done.id });
  const block = blockOf(doorOf("101", { outcome: "all", version: 2 }));
  const [before] = shown(block, { memos: [memo] });
  assert.deepEqual([before.outcome, before.mine, before.state], ["all", done.id, "sent"]);
  const [door] = shown(block, { memos: [memo], deeds: [undo] });
  assert.equal(door.outcome, "nobody");
});

test("a refused report changed nothing and is said to be refused", () => {
  const deed = deedOf("d101", "all", { state: "refused" });
  const [door] = shown(blockOf(doorOf("101")), { deeds: [deed] });
  assert.deepEqual([door.outcome, door.state], [null, "refused"]);
});

test("another person's reports on a shared phone are not laid over mine", () => {
  const [door] = shown(blockOf(doorOf("101")), { deeds: [deedOf("d101", "all", { by: "other" })] });
  assert.equal(door.outcome, null);
});

test("what was sent stays shown until the roster has seen it, and then the roster is right", () => {
  const memo = memoOf(deedOf("d101", "all", { state: "done", answer: { version: 3, outcome: "all", flagged: ["outcome"] } }));
  const [older] = shown(blockOf(doorOf("101", { version: 1, outcome: "nobody" })), { memos: [memo] });
  assert.deepEqual([older.outcome, older.version, older.flagged], ["all", 3, ["outcome"]]);
  const [newer] = shown(blockOf(doorOf("101", { version: 4, outcome: "nobody" })), { memos: [memo] });
  assert.deepEqual([newer.outcome, newer.version, newer.flagged], ["nobody", 4, []]);
});

test("a second pass asks for doors where nobody was met, until this phone was there again", () => {
  const round = { ...ROUND, turn: 2 };
  const block = blockOf(doorOf("101", { outcome: "nobody", version: 1 }), doorOf("102", { outcome: "all", version: 1 }));
  const [met, fine] = shown(block, { round });
  assert.deepEqual([met.again, fine.again], [true, false]);
  const again = deedOf("d101", "nobody", {}, { turn: 2 });
  assert.equal(shown(block, { round, deeds: [again] })[0].again, false);
});

test("how many are left counts my floors, and nobody who has gone", () => {
  const doors = shown(blockOf(
    doorOf("301"), doorOf("201", { outcome: "all", version: 1 }), doorOf("202", { gone: true }), doorOf("101"),
  ));
  assert.equal(tally(doors).left, 2);
  assert.equal(tally(mineOf(doors, { floors: [[2, 3]] })).left, 1);
});

test("who visits at home has the doors where somebody cannot come out, until something settles them", () => {
  const special = [{ id: "p1", name: "张*", special: true }];
  const doors = shown(blockOf(
    doorOf("401", { people: special }), doorOf("301", { people: special, outcome: "some", version: 1 }),
    doorOf("202", { outcome: "visit", version: 1 }), doorOf("201"),
    doorOf("101", { people: special, outcome: "all", version: 1 }),
  ));
  const home = { floors: [[2, 4], [1, 1]], home: true };
  const mine = mineOf(doors, home);
  const asked = { buttons: [{ code: "all", settled: true }, { code: "some", settled: false }] };
  assert.deepEqual(mine.map((door) => door.room), ["401", "301", "202", "101"]);
  assert.equal(tally(mine, settledFor(asked, home)).left, 3);
  assert.equal(settledFor(asked, { floors: null, visits: [] }), undefined);
});

test("who knocks on some floors and visits on others has every door of the first and single ones of the others", () => {
  const special = [{ id: "p1", name: "张*", special: true }];
  const doors = shown(blockOf(
    doorOf("401", { people: special, outcome: "some", version: 1 }), doorOf("402"),
    doorOf("301", { outcome: "visit", version: 1 }), doorOf("201", { people: special }),
    doorOf("101", { outcome: "some", version: 1 }), doorOf("102", { people: special, outcome: "visit", version: 1 }), doorOf("103"),
  ));
  const both = { floors: [[1, 1]], home: false, visits: [[1, 1], [3, 4]] };
  const mine = mineOf(doors, both);
  assert.deepEqual(mine.map((door) => door.room), ["401", "301", "101", "102", "103"]);
  // 401, 301 and 102 wait for the visit, 103 for a knock; 101 is no visit of anybody's.
  const asked = { buttons: [{ code: "all", settled: true }, { code: "some", settled: false }] };
  assert.equal(tally(mine, settledFor(asked, both)).left, 4);
});

test("what changed replaces its doors and adds new ones, top floor first, rooms in order", () => {
  const kept = blockOf(doorOf("301"), doorOf("102"), doorOf("101"));
  const fresh = { ...blockOf(doorOf("101", { outcome: "all" }), doorOf("302")), mark: 9 };
  const merged = mergedBlock(kept, fresh);
  assert.deepEqual(merged.doors.map((door) => door.room), ["301", "302", "101", "102"]);
  assert.equal(merged.doors[2].outcome, "all");
  assert.equal(merged.mark, 9);
  assert.deepEqual(floors(merged.doors).map(([floor, doors]) => [floor, doors.length]), [[3, 2], [1, 2]]);
});

test("rooms that end alike stand above one another, where there are few", () => {
  assert.deepEqual(columns([doorOf("1202"), doorOf("101"), doorOf("102")]), ["01", "02"]);
  assert.equal(columns([doorOf("101"), { ...doorOf("102"), room: "门面" }]), undefined);
  assert.equal(columns([1, 2, 3, 4, 5].map((n) => doorOf(`10${n}`))), undefined);
});

// -- sending --------------------------------------------------------------------------------------

class Sweeping extends Town {
  sizes = [];

  async send(deeds) {
    this.sizes.push(deeds.length);
    for (const deed of deeds) {
      if (!this.says.has(deed.id)) this.says.set(deed.id, { status: 200, body: { version: 1, outcome: deed.body.outcome } });
    }
    return super.send(deeds);
  }
}

test("a stairwell's reports go together, two of one door among them, in the order they were made", async () => {
  const town = new Sweeping();
  const outbox = new Outbox(new MemoryStore(), town);
  town.online = false;
  const doors = [...Array(REPORTS_MAX + 30).keys()].map((n) => `d${n % 60}`);
  const ids = [];
  for (const door of doors) {
    const { state: _, ...deed } = deedOf(door, "all");
    ids.push(deed.id);
    await outbox.add(deed);
  }
  await outbox.drain({ force: true });
  town.online = true;
  await outbox.drain({ force: true });
  assert.deepEqual(town.sizes, [REPORTS_MAX, 30]);
  assert.deepEqual(town.heard, ids);
  assert.deepEqual(outbox.deeds, []);
  assert.equal(outbox.memos.size, 60);
  assert.equal(outbox.memos.get("r/d0").last, ids[120]);
});

test("one refused report of a door holds nothing up, not even the next of that door", async () => {
  const town = new Sweeping();
  const outbox = new Outbox(new MemoryStore(), town);
  town.online = false;
  const [first, second] = [deedOf("d1", "all"), deedOf("d1", "nobody")];
  for (const { state: _, ...deed } of [first, second]) await outbox.add(deed);
  await outbox.drain({ force: true });
  town.says.set(first.id, { status: 404, body: { title: "没有这一户" } });
  town.online = true;
  await outbox.drain({ force: true });
  assert.deepEqual(outbox.deeds.map((deed) => [deed.id, deed.state]), [[first.id, "refused"]]);
  assert.equal(outbox.memos.get("r/d1").outcome, "nobody");
});

test("a batch that was half done when the server stopped: the rest stays and goes later", async () => {
  const town = new Sweeping();
  const outbox = new Outbox(new MemoryStore(), town);
  town.online = false;
  const deeds = ["d1", "d2", "d3"].map((door) => deedOf(door, "all"));
  for (const { state: _, ...deed } of deeds) await outbox.add(deed);
  await outbox.drain({ force: true });
  town.says.set(deeds[1].id, { status: 503, body: {} });
  town.online = true;
  await outbox.drain({ force: true });
  assert.deepEqual(outbox.deeds.map((deed) => [deed.id, deed.state]), [[deeds[1].id, "waiting"]]);
  town.says.delete(deeds[1].id);
  await outbox.drain({ force: true });
  assert.deepEqual(outbox.deeds, []);
});
