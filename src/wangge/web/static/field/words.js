/** Words: Chinese is written in the code; English comes from the catalogue of the field app. */

import { filled } from "../filling.js";

/** @typedef {"zh" | "en"} Locale */

/** @type {Record<string, string>} */
let catalogue = {};
/** @type {Locale} */
let spoken = "zh";

/** @returns {Locale} */
export const locale = () => spoken;

/**
 * @param {Locale} wanted
 * @param {() => Promise<Record<string, string>>} load the English catalogue
 */
export async function speak(wanted, load) {
  catalogue = wanted === "en" ? await load().catch(() => ({})) : {};
  spoken = wanted;
}

/**
 * The text in the person's language, `{name}` filled in. Unknown text stays Chinese.
 * @param {string} text
 * @param {Record<string, string | number>} [values]
 */
export function t(text, values = {}) {
  return filled(catalogue[text] ?? text, values);
}

const ZONE = "Asia/Shanghai";

/** "14:05" today, "03-18 14:05" on another day. @param {string} iso @param {number} [now] */
export function clock(iso, now = Date.now()) {
  const of = (/** @type {Date} */ moment) => {
    const parts = new Intl.DateTimeFormat("sv-SE", {
      timeZone: ZONE, dateStyle: "short", timeStyle: "short",
    }).format(moment);
    return { day: parts.slice(5, 10), time: parts.slice(11, 16), whole: parts.slice(0, 10) };
  };
  const then = of(new Date(iso));
  return then.whole === of(new Date(now)).whole ? then.time : `${then.day} ${then.time}`;
}

/** "还剩 12 分钟", "已超 3 小时"; `now` by the server's clock, not by this phone's. @param {string} iso @param {number} now */
export function left(iso, now) {
  const minutes = Math.round((Date.parse(iso) - now) / 60_000);
  const size = Math.abs(minutes);
  const words =
    size < 1 ? t("不到 1 分钟")
    : size < 120 ? t("{n} 分钟", { n: size })
    : size < 48 * 60 ? t("{n} 小时", { n: Math.floor(size / 60) })
    : t("{n} 天", { n: Math.floor(size / 1440) });
  return minutes < 0 ? t("已超 {time}", { time: words }) : t("还剩 {time}", { time: words });
}

/** Colour of a deadline: red when over, amber in the last 30 minutes. @param {string} iso @param {number} now */
export function tone(iso, now) {
  const rest = Date.parse(iso) - now;
  return rest < 0 ? "bad" : rest < 30 * 60_000 ? "warn" : "";
}

/** What the doors of a round are counted in. @param {{stops?: boolean, unit?: string}} round */
export const unitOf = ({ stops, unit }) => (spoken === "zh" && unit ? unit : stops ? t("处") : t("户"));

/** "3 家", "3 stops". @param {{stops?: boolean, unit?: string}} round @param {number} n */
export const counted = (round, n) => `${n} ${unitOf(round)}`;
