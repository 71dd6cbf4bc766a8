import assert from "node:assert/strict";
import { test } from "node:test";

import { blank, draftOf, reportOf, tiles } from "../../src/wangge/web/static/field/draft.js";
import { newId } from "../../src/wangge/web/static/field/ids.js";
import { overlay } from "../../src/wangge/web/static/field/overlay.js";
import { Suggester } from "../../src/wangge/web/static/field/suggest.js";
import { MemoryStore, deedOf } from "./town.mjs";

const task = (id, more = {}) => ({
  id, kind: "handle", state: "accepted", urgent: false, due_at: "2026-03-18T08:00:00Z",
  answer_by: null, ...more,
});
const deed = (kind, more = {}) => deedOf(kind, { kind, subject: "t", state: "waiting", ...more });

test("an accepted offer is mine at once, though it has not been sent", () => {
  const [shown] = overlay([task("t", { state: "offered" })], [deed("dispatch.accept")]);
  assert.equal(shown.state, "accepted");
  assert.equal(shown.pending.length, 1);
});

test("a refused deed changed nothing, nor does what follows it", () => {
  const [shown] = overlay([task("t", { state: "offered" })], [
    deed("dispatch.accept", { state: "refused" }), deed("dispatch.finish"),
  ]);
  assert.deepEqual([shown.state, shown.gone, shown.pending.length], ["offered", false, 2]);
});

test("what was done after the tasks were asked for still counts, what was done before is in them", () => {
  const done = (at) => [deed("dispatch.accept", { state: "done", endedAt: at })];
  const asked = "2026-03-18T04:00:00Z";
  const offered = [task("t", { state: "offered" })];
  assert.equal(overlay(offered, done("2026-03-18T04:00:01Z"), asked)[0].state, "accepted");
  assert.equal(overlay(offered, done("2026-03-18T03:59:59Z"), asked)[0].state, "offered");
});

test("offers come first, then the urgent, then what is due first; what is done comes last", () => {
  const order = overlay([
    task("late", { due_at: "2026-03-18T09:00:00Z" }),
    task("t"),
    task("soon", { due_at: "2026-03-18T07:00:00Z" }),
    task("urgent", { urgent: true, due_at: "2026-03-18T10:00:00Z" }),
    task("offer", { state: "offered", answer_by: "2026-03-18T23:00:00Z" }),
  ], [deed("dispatch.finish")]).map((one) => one.id);
  assert.deepEqual(order, ["offer", "urgent", "soon", "late", "t"]);
});

test("words suggest a class as the server would", () => {
  const suggester = new Suggester([
    ["水管爆", "E0401", 3], ["垃圾", "E0102", 1], ["垃圾桶", "E0102", 2], ["垃圾分类", "", 0],
    ["老人+联系不上", "F0102", 3], ["fire", "E0404", 3], ["消防通道", "Y0101", 2],
    ["通道", "E0504", 3],
  ]);
  assert.equal(suggester.suggest("占了消防通道")?.code, "Y0101", "a word inside a word is silent");
  assert.equal(suggester.suggest("三楼水管爆了")?.code, "E0401");
  assert.equal(suggester.suggest("有垃圾"), undefined, "one weak word decides nothing");
  assert.equal(suggester.suggest("垃圾分类宣传"), undefined, "a longer word hides a shorter");
  assert.equal(suggester.suggest("独居老人三天联系不上")?.code, "F0102");
  assert.deepEqual(suggester.suggest("独居老人三天联系不上")?.words, ["老人…联系不上"]);
  assert.equal(suggester.suggest("campfires"), undefined, "a piece of a longer word is no word");
  assert.equal(suggester.suggest("FIRE!")?.code, "E0404");
});

test("a report without words is spoken for by its class; a point beats the person's own area", () => {
  const draft = { ...blank(), class_code: "E0401" };
  assert.equal(reportOf(draft, "i", "管道破裂", "at", "990001001001001").words, "管道破裂");
  assert.equal(reportOf(draft, "i", "", "at", "990001001001001").area_code, "990001001001001");
  const there = { ...draft, spot: { lon: 120.1, lat: 30.1, metres: 5 } };
  assert.equal("area_code" in reportOf(there, "i", "", "at", "990001001001001"), false);
});

test("a refused report opens again as it was written", async () => {
  const store = new MemoryStore();
  const photo = { id: "p", blob: new Blob(["x"]), sent: false };
  const draft = {
    ...blank(), words: "漏水", class_code: "E0401", place: "三楼", photos: [photo], solved: true,
    result: "已关阀",
  };
  const body = reportOf(draft, "i", "", "at", undefined);
  await store.add(deedOf("i", { body, photos: ["p"] }), [photo]);
  const [kept] = await store.all();
  const app = { store, bodyOf: async (deed) => deed.body, letters: { picture: (one) => one } };
  assert.deepEqual(await draftOf(app, kept), draft);
  assert.equal(await draftOf({ ...app, bodyOf: async () => undefined }, kept), undefined);
});

test("tiles show the person's own habits first, and only what may be reported", () => {
  const open = new Set(["E0102", "E0401", "Z0101", "E0506", "A", "B"]);
  assert.deepEqual(tiles({ A: 1, B: 5, X0101: 9 }, open, 4), ["B", "A", "E0102", "E0401"]);
});

test("ids are UUIDv7 and sort by time", () => {
  const id = newId(Date.parse("2026-03-18T04:00:00Z"));
  assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.equal(parseInt(id.replaceAll("-", "").slice(0, 12), 16), Date.parse("2026-03-18T04:00:00Z"));
  assert.ok(newId(1) < newId(2));
});
