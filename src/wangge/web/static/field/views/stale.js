/** What has grown old: stairwells, then the doors of one, each confirmed in one tap. */

import { html, nothing } from "lit";

import { Vault } from "../vault.js";
import { t } from "../words.js";
import "./pin.js";
import { View, icon } from "./view.js";

/** @import {OldHome} from "../types.js" */

export class WgStale extends View {
  static properties = { unit: { attribute: false } };

  constructor() {
    super();
    /** Id of the stairwell that is open. */
    this.unit = "";
  }

  render() {
    // The same PIN as the rosters'; where a browser gives no keys nothing is kept, so nothing is locked.
    if (Vault.possible && this.app.sweeps.vault.state !== "open") {
      return html`<a class="back" href="#tasks">${icon("back")}${t("任务")}</a><wg-pin .app=${this.app}></wg-pin>`;
    }
    const { stairwells } = this.app.stale;
    const open = stairwells.find((one) => one.unit_id === this.unit);
    if (!this.unit) {
      return html`<a class="back" href="#tasks">${icon("back")}${t("任务")}</a>
        <h1>${t("上门顺便核实")}</h1>
        <p class="sub">${t("不用专门跑。下次到门口时问一句,没变的点一下。")}</p>
        ${stairwells.map((one) => html`<a class="card stairs" href="#stale/${one.unit_id}">
          <span><b>${one.name}</b></span><span class="todo">${t("{n} 户要问", { n: one.homes.length })}</span></a>`)}
        ${stairwells.length ? nothing : this.#none()}`;
    }
    return html`<a class="back" href="#stale">${icon("back")}${t("上门顺便核实")}</a>
      <h1>${open?.name ?? ""}</h1>
      ${open ? open.homes.map((home) => this.#home(home)) : this.#none()}`;
  }

  #none() {
    return html`<p class="empty">${this.app.stale.opening ? t("正在打开…") : t("都核实过了。")}</p>`;
  }

  /** The register's own page cannot be had without a network: that is said here and not by the browser. @param {Event} event */
  #correct(event) {
    if (this.app.online) return;
    event.preventDefault();
    this.app.say(t("更正要有网络。先记下来,有网络时再点。"));
  }

  /** @param {OldHome} home */
  #home(home) {
    const ask = (/** @type {string[]} */ names) => names.map((name) => html`<span class="mark wait">${name}</span> `);
    return html`<article class="card" id=${home.id}>
      <h3>${home.room}</h3>
      ${home.stale.length ? html`<p>${t("这一户:")} ${ask(home.stale)}</p>` : nothing}
      ${home.people.map((one) => html`<p><b>${one.name}</b> ${one.relation} ${ask(one.stale)}</p>`)}
      <div class="pair">
        <a class="button" href="${this.app.base}/households/${home.id}" @click=${this.#correct}>${t("有变化,去更正")}</a>
        <button class="button primary" @click=${() => this.app.stale.confirm(home)}>${icon("check")}${t("没变")}</button>
      </div>
    </article>`;
  }
}

customElements.define("wg-stale", WgStale);
