import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";

import { clock, left, speak, t, tone } from "../../src/wangge/web/static/field/words.js";

const ROOM = new URL("../../src/wangge/web/", import.meta.url);
const ENGLISH = JSON.parse(readFileSync(new URL("locale/en.field.json", ROOM), "utf8"));

/** Every Chinese string of the app's modules, comments aside. */
function chinese() {
  const folder = new URL("static/field/", ROOM);
  const files = readdirSync(folder, { recursive: true }).filter((name) => name.endsWith(".js"));
  const found = new Map();
  for (const name of files) {
    const text = readFileSync(new URL(name, folder), "utf8")
      .replace(/\/\*\*.*?\*\//gs, "").replace(/(^|\s)\/\/[^\n]*/g, "");
    for (const [, said] of text.matchAll(/"([^"\\\n]*[\u4e00-\u9fff][^"\\\n]*)"/g)) {
      found.set(said, name);
    }
  }
  return found;
}

test("every word of the app has its English, and nothing else is in the catalogue", () => {
  const said = chinese();
  said.delete("中文"); // a language is named in itself
  assert.deepEqual([...said.keys()].filter((words) => !(words in ENGLISH)), []);
  assert.deepEqual(Object.keys(ENGLISH).filter((words) => !said.has(words)), []);
});

test("the English keeps every {name} of the Chinese", () => {
  const names = (words) => [...words.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();
  for (const [zh, en] of Object.entries(ENGLISH)) assert.deepEqual(names(en), names(zh), zh);
});

test("words are said in the person's language, and an unknown one stays Chinese", async () => {
  assert.equal(t("还剩 {time}", { time: "1" }), "还剩 1");
  await speak("en", async () => ENGLISH);
  assert.equal(t("还剩 {time}", { time: "1" }), "1 left");
  assert.equal(t("没有译文"), "没有译文");
  await speak("zh", async () => ENGLISH);
});

test("English says one of a thing as one", async () => {
  await speak("en", async () => ENGLISH);
  assert.equal(t("密码不对,还可以试 {n} 次。", { n: 1 }), "Wrong. 1 more try.");
  assert.equal(t("密码不对,还可以试 {n} 次。", { n: 2 }), "Wrong. 2 more tries.");
  assert.equal(t("密码不对,还可以试 {n} 次。"), "Wrong. {n} more tr{n:y|ies}.");
  await speak("zh", async () => ENGLISH);
});

test("without its catalogue the app speaks Chinese", async () => {
  await speak("en", async () => { throw new TypeError("no network"); });
  assert.equal(t("提交"), "提交");
  await speak("zh", async () => ({}));
});

test("time left is said in the unit that matters", () => {
  const now = Date.parse("2026-03-18T04:00:00Z");
  const at = (minutes) => left(new Date(now + minutes * 60_000).toISOString(), now);
  assert.equal(at(12), "还剩 12 分钟");
  assert.equal(at(60 * 5), "还剩 5 小时");
  assert.equal(at(60 * 24 * 4), "还剩 4 天");
  assert.equal(at(0), "还剩 不到 1 分钟");
  assert.equal(at(-30), "已超 30 分钟");
});

test("a deadline is red, amber or plain by the clock that is handed in", () => {
  const now = Date.parse("2026-03-18T04:00:00Z");
  const at = (minutes) => tone(new Date(now + minutes * 60_000).toISOString(), now);
  assert.deepEqual([at(-1), at(29), at(31)], ["bad", "warn", ""]);
});

test("moments are read in Shanghai, wherever the phone is", () => {
  const now = Date.parse("2026-03-18T04:00:00Z");
  assert.equal(clock("2026-03-18T06:05:00Z", now), "14:05");
  assert.equal(clock("2026-03-17T16:30:00Z", now), "00:30");
  assert.equal(clock("2026-03-17T15:30:00Z", now), "03-17 23:30");
});
