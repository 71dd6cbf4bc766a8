/**
 * A class suggested from words, without a network: the same table and the same rules as
 * `wangge.cases.classify`. Longest word first where it stands, one vote a word, `a+b` needs
 * both, a word without a class hides the shorter words inside it.
 */

const ENOUGH = 2;

/** @typedef {[word: string, code: string, weight: number]} Keyword */

export class Suggester {
  /** @type {Map<string, Keyword>} */ #votes = new Map();
  /** @type {{parts: string[], vote: Keyword}[]} */ #pairs = [];
  /** @type {Set<string>} */ #words = new Set();
  /** @type {Map<string, number[]>} first two characters -> lengths, longest first */
  #sizes = new Map();

  /** @param {Keyword[]} keywords */
  constructor(keywords) {
    for (const vote of keywords) {
      const word = vote[0].toLowerCase();
      if (word.includes("+")) {
        const parts = word.split("+");
        this.#pairs.push({ parts, vote });
        for (const part of parts) this.#words.add(part);
      } else {
        this.#votes.set(word, vote);
        this.#words.add(word);
      }
    }
    for (const word of this.#words) {
      const pair = word.slice(0, 2);
      const sizes = this.#sizes.get(pair) ?? [];
      if (!sizes.includes(word.length)) sizes.push(word.length);
      this.#sizes.set(pair, sizes.sort((a, b) => b - a));
    }
  }

  /**
   * @param {string} text
   * @returns {{code: string, words: string[]} | undefined} the class most words speak for
   */
  suggest(text) {
    /** @type {Map<string, {score: number, longest: number, words: string[]}>} */
    const scores = new Map();
    for (const [word, code, weight] of this.#found(text.slice(0, 4000).toLowerCase())) {
      if (!code) continue;
      const score = scores.get(code) ?? { score: 0, longest: 0, words: [] };
      score.score += weight;
      score.longest = Math.max(score.longest, word.length);
      score.words.push(word.replace("+", "…"));
      scores.set(code, score);
    }
    const best = [...scores].sort(
      ([, a], [, b]) => b.score - a.score || b.longest - a.longest,
    )[0];
    return best && best[1].score >= ENOUGH ? { code: best[0], words: best[1].words } : undefined;
  }

  /** @param {string} text lower case @returns {Keyword[]} */
  #found(text) {
    /** @type {Set<string>} */ const seen = new Set();
    /** @type {Map<string, Keyword>} */ const votes = new Map();
    let covered = 0;
    for (let at = 0; at < text.length - 1; at += 1) {
      for (const size of this.#sizes.get(text.slice(at, at + 2)) ?? []) {
        const end = at + size;
        const word = text.slice(at, end);
        if (!this.#words.has(word) || !standsAlone(text, at, end)) continue;
        seen.add(word);
        if (end <= covered) break;
        const vote = this.#votes.get(word);
        if (vote) {
          votes.set(word, vote);
          covered = end;
          break;
        }
      }
    }
    for (const { parts, vote } of this.#pairs) {
      if (parts.every((part) => seen.has(part))) votes.set(vote[0], vote);
    }
    return [...votes.values()];
  }
}

const LETTER = /[a-z0-9]/;

/** An English word may not be a piece of a longer one. @type {(t: string, a: number, e: number) => boolean} */
const standsAlone = (text, start, end) =>
  !(LETTER.test(text.charAt(start)) && LETTER.test(text.charAt(start - 1))) &&
  !(LETTER.test(text.charAt(end - 1)) && LETTER.test(text.charAt(end)));
