import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { webcrypto } from "node:crypto";

import { Letters, base64Of, sealOld, sealed } from "../../src/wangge/web/static/field/letters.js";

import { MemoryStore } from "./town.mjs";

const { subtle } = webcrypto;
/** A district's keys: the same that tests/kernel/test_letters.py derives. */
const TOLD = JSON.parse(readFileSync(new URL("./letter.json", import.meta.url), "utf8"));
const bytes = (base64) => new Uint8Array(Buffer.from(base64, "base64"));
const DEED = {
  id: "d1", kind: "cases.report", at: "2026-03-18T04:00:00Z", body: { words: "三楼有烟味" }, by: "me",
  subject: "d1", title: "上报:三楼有烟味", plain: "上报", photos: ["p1"],
};
const PHOTO = { id: "p1", blob: new Blob(["a picture of somebody"]), sent: false };

/** As the server does it, by what `kernel.letters` says of the layout. */
async function opened(letter, context) {
  assert.equal(letter[0], 1);
  const [point, iv, text] = [letter.slice(1, 66), letter.slice(66, 78), letter.slice(78)];
  const curve = { name: "ECDH", namedCurve: "P-256" };
  const own = await subtle.importKey("pkcs8", bytes(TOLD.private), curve, false, ["deriveBits"]);
  const theirs = await subtle.importKey("raw", point, curve, false, []);
  const shared = await subtle.deriveBits({ name: "ECDH", public: theirs }, own, 256);
  const salt = new Uint8Array([...point, ...bytes(TOLD.address)]);
  const info = new TextEncoder().encode("wangge letter 1");
  const key = await subtle.deriveKey(
    { name: "HKDF", hash: "SHA-256", salt, info }, await subtle.importKey("raw", shared, "HKDF", false, ["deriveKey"]),
    { name: "AES-GCM", length: 256 }, false, ["decrypt"],
  );
  const additionalData = new TextEncoder().encode(context);
  return Buffer.from(await subtle.decrypt({ name: "AES-GCM", iv, additionalData }, key, text)).toString();
}

const made = () => Object.assign(new Letters(), { address: TOLD.address });

test("the letter that was once sealed for the server's own test opens as they do now", async () => {
  assert.equal(await opened(bytes(TOLD.letter), TOLD.context), TOLD.says);
  const fresh = await sealed(TOLD.address, new TextEncoder().encode("新的"), "deed d9 me");
  assert.equal(await opened(fresh, "deed d9 me"), "新的");
  await assert.rejects(opened(fresh, "deed d8 me"));
});

test("nothing that was written or photographed lies open on the disk, and the server reads all of it", async () => {
  const { deed, photos } = await made().seal(DEED, [PHOTO]);
  const disk = JSON.stringify({ ...deed, letter: base64Of(deed.letter) });
  for (const word of ["烟", "words", "三楼"]) assert.equal(disk.includes(word), false, word);
  assert.deepEqual([deed.body, deed.title], [{}, "上报"]);
  assert.deepEqual(Object.keys(photos[0]).sort(), ["id", "letter", "sent"]);
  assert.deepEqual(JSON.parse(await opened(deed.letter, "deed d1 me")), DEED.body);
  assert.equal(await opened(photos[0].letter, "photo p1 me"), "a picture of somebody");
});

test("while the app is open its writer sees what was written; whoever opens it later does not", async () => {
  const letters = made();
  const { deed, photos } = await letters.seal(DEED, [PHOTO]);
  assert.deepEqual(letters.of(deed), { body: DEED.body, title: DEED.title });
  assert.equal(letters.picture(photos[0]).blob, PHOTO.blob);
  for (const cold of [made(), (letters.forget(), letters)]) {
    assert.equal(cold.of(deed), undefined);
    assert.equal(cold.picture(photos[0]).blob, undefined);
  }
});

test("a photo that is sealed already goes along as it is when its report is mended", async () => {
  const { photos } = await made().seal(DEED, [PHOTO]);
  const again = await made().seal({ ...DEED, id: "d2" }, photos);
  assert.deepEqual(again.photos, photos);
});

test("doors seal what was typed by themselves, and without a key nothing is lost", async () => {
  const door = { ...DEED, kind: "sweeps.report" };
  assert.deepEqual((await made().seal(door, [])).deed.body, DEED.body);
  assert.deepEqual(await new Letters().seal(DEED, [PHOTO]), { deed: DEED, photos: [PHOTO] });
});

test("what an earlier version left open is sealed with a name and its photos", async () => {
  const store = new MemoryStore();
  const { plain: _, ...old } = { ...DEED, state: "refused", refusal: { status: 422, title: "", problems: [] } };
  await store.add(old, [{ ...PHOTO, sent: true }]);
  assert.equal(await sealOld(made(), store, await store.all()), true);
  const [deed] = await store.all();
  assert.deepEqual([deed.title, deed.state, deed.n, deed.refusal], ["上报", "refused", 1, old.refusal]);
  assert.deepEqual(JSON.parse(await opened(deed.letter, "deed d1 me")), DEED.body);
  assert.deepEqual(Object.keys(await store.photo("p1")).sort(), ["id", "letter", "sent"]);
  assert.equal((await store.photo("p1")).sent, true);
  assert.equal(await sealOld(made(), store, await store.all()), false);
});

test("what was thrown away, sent or refused while it was being sealed does not come back", async () => {
  for (const becomes of [undefined, "done", "refused"]) {
    const store = new MemoryStore();
    await store.add({ ...DEED, state: "waiting" }, [PHOTO]);
    const read = await store.all();
    const { photo } = store;
    store.photo = async (id) => {
      const found = await photo.call(store, id);
      if (becomes) await store.save({ ...read[0], state: becomes });
      else await store.remove("d1");
      return found;
    };
    await sealOld(made(), store, read);
    assert.deepEqual((await store.all()).map(({ state, letter }) => [state, letter]), becomes ? [[becomes, undefined]] : []);
    assert.equal(store.photos.has("p1") && store.photos.get("p1").letter !== undefined, false);
  }
});
