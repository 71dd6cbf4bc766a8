/** The frame: one screen, the state of the outbox always above it, three big tabs below. */

import { html, nothing } from "lit";

import { t } from "../words.js";
import { isHere } from "./later.js";
import { View, icon } from "./view.js";
import "./status.js";
import "./sweep.js";

/** @typedef {"tasks" | "report" | "sweep" | "stair" | "stale" | "mine" | "signin"} Tab */

const TABS = /** @type {const} */ (["tasks", "report", "sweep", "mine"]);
const NAMES = { tasks: "任务", report: "上报", sweep: "清查", mine: "我的" };
const KNOWN = new Set(["tasks", "report", "sweep", "stair", "stale", "mine", "signin"]);

export class WgField extends View {
  static properties = { at: { state: true } };

  constructor() {
    super();
    /** What is on screen: a tab, or a tab and what is open in it. */
    this.at = place();
    addEventListener("hashchange", () => {
      this.at = place();
      scrollTo(0, 0);
    });
  }

  render() {
    const { app } = this;
    const { tab, id, rest } = this.at;
    const drawn = () => this.requestUpdate();
    if (!app.bundle || tab === "signin") {
      return isHere("signin", drawn) ? html`<wg-sign-in .app=${app}></wg-sign-in>` : nothing;
    }
    const offers = app.tasks.filter((task) => task.state === "offered").length;
    const refused = app.deeds.filter((deed) => deed.state === "refused").length;
    const walks = app.sweeps.rounds.length;
    const counts = { tasks: offers, report: 0, sweep: walks, mine: refused };
    const shows = app.me?.may["sweeps.report"] || walks > 0;
    const here = tab === "stair" ? "sweep" : tab === "stale" ? "tasks" : tab;
    return html`
      <wg-status .app=${app}></wg-status>
      <main class="screen">
        ${!isHere(tab === "tasks" && id ? "task" : tab, drawn) ? nothing
        : tab === "tasks" && id ? html`<wg-task .app=${app} .task=${id}></wg-task>`
        : tab === "tasks" ? html`<wg-tasks .app=${app}></wg-tasks>`
        : tab === "report" ? html`<wg-report .app=${app} .mends=${id}></wg-report>`
        : tab === "sweep" ? html`<wg-sweep .app=${app} .round=${id} .block=${rest[0] ?? ""} .door=${rest[1] ?? ""}></wg-sweep>`
        : tab === "stair" ? html`<wg-sweep .app=${app} .unit=${id}></wg-sweep>`
        : tab === "stale" ? html`<wg-stale .app=${app} .unit=${id}></wg-stale>`
        : html`<wg-mine .app=${app}></wg-mine>`}
      </main>
      <nav class="tabs" aria-label=${t("主菜单")}>
        ${TABS.filter((name) => name !== "sweep" || shows).map((name) => html`
          <a href="#${name}" class=${name} aria-current=${name === here ? "page" : nothing}>
            ${icon(name)}<span>${t(NAMES[name])}</span>
            ${counts[name] ? html`<b class="count">${counts[name]}</b>` : nothing}
          </a>`)}
      </nav>`;
  }
}

/** @returns {{tab: Tab, id: string, rest: string[]}} */
function place() {
  const [tab = "", id = "", ...rest] = location.hash.slice(1).split("/");
  return { tab: KNOWN.has(tab) ? /** @type {Tab} */ (tab) : "tasks", id, rest };
}

customElements.define("wg-field", WgField);
