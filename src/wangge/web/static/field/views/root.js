/** The frame: one screen, the state of the outbox always above it, three big tabs below. */

import { html, nothing } from "lit";

import { t } from "../words.js";
import { View, icon } from "./view.js";
import "./mine.js";
import "./report.js";
import "./sign-in.js";
import "./status.js";
import "./task.js";
import "./tasks.js";

/** @typedef {"tasks" | "report" | "mine" | "signin"} Tab */

const TABS = /** @type {const} */ (["tasks", "report", "mine"]);
const NAMES = { tasks: "任务", report: "上报", mine: "我的" };

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
    const { tab, id } = this.at;
    if (!app.bundle || tab === "signin") return html`<wg-sign-in .app=${app}></wg-sign-in>`;
    const offers = app.tasks.filter((task) => task.state === "offered").length;
    const refused = app.deeds.filter((deed) => deed.state === "refused").length;
    const counts = { tasks: offers, report: 0, mine: refused };
    return html`
      <wg-status .app=${app}></wg-status>
      <main class="screen">
        ${tab === "tasks" && id ? html`<wg-task .app=${app} .task=${id}></wg-task>`
        : tab === "tasks" ? html`<wg-tasks .app=${app}></wg-tasks>`
        : tab === "report" ? html`<wg-report .app=${app} .mends=${id}></wg-report>`
        : html`<wg-mine .app=${app}></wg-mine>`}
      </main>
      <nav class="tabs" aria-label=${t("主菜单")}>
        ${TABS.map((name) => html`
          <a href="#${name}" class=${name} aria-current=${name === tab ? "page" : nothing}>
            ${icon(name)}<span>${t(NAMES[name])}</span>
            ${counts[name] ? html`<b class="count">${counts[name]}</b>` : nothing}
          </a>`)}
      </nav>`;
  }
}

/** @returns {{tab: Tab, id: string}} */
function place() {
  const [tab, id = ""] = location.hash.slice(1).split("/");
  return { tab: tab === "report" || tab === "mine" || tab === "signin" ? tab : "tasks", id };
}

customElements.define("wg-field", WgField);
