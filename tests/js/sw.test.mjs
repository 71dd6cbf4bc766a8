import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import vm from "node:vm";

const TEXT = readFileSync(new URL("../../src/wangge/web/static/field/sw.js", import.meta.url), "utf8");

test("a storage that refuses once does not keep the app from opening", async () => {
  const listeners = {};
  const answers = [new Error("storage busy"), { match: async () => "kept" }];
  const self = {
    wangge: { version: "1", base: "", files: [["/field/", "00"]] }, location: new URL("http://town/field/sw.js"),
    addEventListener: (name, listener) => { listeners[name] = listener; },
  };
  const caches = { open: async () => { const next = answers.shift(); if (next instanceof Error) throw next; return next; } };
  vm.runInNewContext(TEXT, { self, caches, fetch: async () => "network", URL, console });
  const asked = () => {
    let answer;
    listeners.fetch({
      request: { method: "GET", mode: "navigate", url: "http://town/field/" }, respondWith: (given) => { answer = given; },
    });
    return answer;
  };
  assert.deepEqual([await asked(), await asked()], ["network", "kept"]);
});
