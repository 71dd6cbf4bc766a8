import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import {
  ITERATIONS, TRIES_MAX, Vault, isPin, isWeak,
} from "../../src/wangge/web/static/field/vault.js";

const PIN = "271828";
let shelf, now, vault;

class Shelf {
  kept = new Map();

  async read(key) {
    return this.kept.get(key);
  }

  async write(key, value) {
    if (value === undefined) this.kept.delete(key);
    else this.kept.set(key, value);
  }
}

/** Few rounds, so that the tests are quick; that there are many is a test of its own. */
const opened = async () => {
  const made = new Vault(shelf, { now: () => now, iterations: 1000 });
  await made.of("me");
  return made;
};

beforeEach(async () => {
  shelf = new Shelf();
  now = 1_000_000_000;
  vault = await opened();
  await vault.make(PIN);
});

test("what was sealed is read again after a cold start with the PIN, and not before", async () => {
  const sealed = await vault.seal({ who: "张*" }, "a");
  const cold = await opened();
  assert.equal(cold.state, "locked");
  await assert.rejects(cold.unseal(sealed, "a"));
  assert.deepEqual(await cold.open(PIN), { is: "open" });
  assert.deepEqual(await cold.unseal(sealed, "a"), { who: "张*" });
});

test("nothing on the disk says what was sealed, nor the PIN", async () => {
  const sealed = await vault.seal({ who: "张*" }, "a");
  const bytes = Buffer.from(sealed.data).toString("latin1") + JSON.stringify([...shelf.kept.values()]);
  assert.equal(bytes.includes("张"), false);
  assert.equal(Buffer.from(sealed.data).includes(Buffer.from("who")), false);
  assert.equal(bytes.includes(PIN), false);
});

test("the key in use cannot be taken out", async () => {
  const given = [];
  const { encrypt } = crypto.subtle;
  crypto.subtle.encrypt = function (how, key, data) {
    given.push(key);
    return encrypt.call(this, how, key, data);
  };
  try {
    await vault.seal({}, "a");
  } finally {
    crypto.subtle.encrypt = encrypt;
  }
  assert.equal(given[0].extractable, false);
  await assert.rejects(crypto.subtle.exportKey("raw", given[0]));
});

test("one roster cannot be put in another's place", async () => {
  const sealed = await vault.seal({ who: "张*" }, "me/round/first");
  await assert.rejects(vault.unseal(sealed, "me/round/second"));
});

test("wrong PINs are counted before they are tried, slowed down, and end the vault", async () => {
  let ended = "";
  let waited = 0;
  for (let n = 1; n <= TRIES_MAX; n += 1) {
    const cold = await opened(); // the app is killed between any two
    const tried = await cold.open("000000");
    assert.equal(shelf.kept.get("vault me")?.wrong ?? TRIES_MAX, n);
    if (n < TRIES_MAX) assert.equal(tried.left, TRIES_MAX - n);
    if (tried.wait) {
      assert.equal((await cold.open(PIN)).is, "wait");
      now += tried.wait * 1000;
      waited += tried.wait;
    }
    ended = tried.is;
  }
  assert.equal(ended, "gone");
  assert.ok(waited >= 600);
  const cold = await opened();
  assert.equal(cold.state, "none");
  assert.deepEqual(await cold.open(PIN), { is: "gone" });
});

test("the right PIN makes earlier slips forgotten", async () => {
  const cold = await opened();
  await cold.open("000000");
  await cold.open(PIN);
  assert.equal(shelf.kept.get("vault me").wrong, 0);
});

test("a clock set far back does not lock anybody out", async () => {
  const cold = await opened();
  for (let n = 0; n < 5; n += 1) await cold.open("000000");
  now -= 86_400_000;
  assert.deepEqual(await cold.open(PIN), { is: "open" });
});

test("each worker's vault is their own", async () => {
  const other = new Vault(shelf, { iterations: 1000 });
  await other.of("other");
  assert.equal(other.state, "none");
});

test("as many rounds as OWASP asks for, and PINs that anybody would try first are refused", () => {
  assert.equal(new Vault(shelf).iterations, ITERATIONS);
  assert.ok(ITERATIONS >= 600_000);
  assert.deepEqual(["111111", "123456", "654321", "271828", "112233"].map(isWeak), [true, true, true, false, false]);
  assert.deepEqual(["12345", "1234567", "12345a", "271828"].map(isPin), [false, false, false, true]);
});
