import assert from "node:assert/strict";
import { createHash } from "node:crypto";
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

/** The worker's install event, with a server that answers `text` to whatever is asked. */
async function installed(text, hash) {
  const listeners = {};
  const put = [];
  const answer = new Response(text, { headers: { "Content-Type": "text/javascript" } });
  const copies = [];
  const { clone } = answer;
  answer.clone = () => { const made = clone.call(answer); copies.push(made); return made; };
  const self = {
    wangge: { version: "1", base: "", files: [["/static/built/field.js", hash]] }, location: new URL("http://town/field/sw.js"),
    addEventListener: (name, listener) => { listeners[name] = listener; },
  };
  const caches = { open: async () => ({ put: async (url, kept) => { put.push(kept); } }), delete: async () => true };
  const fetch = async () => answer;
  vm.runInNewContext(TEXT, { self, caches, fetch, URL, console, crypto, Request: class {}, Headers, Response, Uint8Array });
  let done;
  listeners.install({ waitUntil: (work) => { done = work; } });
  await done;
  return { put, copies };
}

test("the answer itself is kept, with which alone a browser keeps the compiled script", async () => {
  const hash = createHash("sha256").update("let a").digest("hex");
  const { put, copies } = await installed("let a", hash);
  assert.equal(put.length, 1);
  assert.ok(copies.includes(put[0]), "one made of its bytes would be compiled anew at every start");
  assert.equal(await put[0].text(), "let a");
});

test("an answer that is of another version is not kept", async () => {
  await assert.rejects(installed("let b", "00".repeat(32)), /another version/);
});
