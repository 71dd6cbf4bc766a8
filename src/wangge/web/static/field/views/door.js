/** One door: every outcome, who is behind it, how it is known, help that is asked for, taking back. */

import { html, nothing } from "lit";

import { t } from "../words.js";
import { notSafe } from "./stairwell.js";
import { View, icon } from "./view.js";

/** @import {Board} from "../sweeps.js" */
/** @import {ShownDoor} from "../doors.js" */
/** @import {Line, Question} from "../types.js" */

/** Exceptions that go with a person beside “as the household”. */
const AS_HOUSEHOLD = "";

export class WgDoor extends View {
  static properties = {
    board: { attribute: false }, shown: { attribute: false }, line: { state: true },
    trouble: { state: true }, where: { state: true }, since: { state: true }, more: { state: true },
  };

  constructor() {
    super();
    this.board = /** @type {Board} */ (/** @type {unknown} */ (undefined));
    this.shown = /** @type {ShownDoor} */ (/** @type {unknown} */ (undefined));
    /** @type {Line} what is being said */
    this.line = { outcome: null, how: "door", persons: {}, needs: [], answers: {} };
    this.where = "";
    this.since = "";
    this.trouble = "";
    this.more = false;
  }

  render() {
    const { app, board, shown } = this;
    const { round, block } = board;
    const { line } = this;
    return html`<section class="one-door">
      <a class="back" href="#sweep/${round.id}/${block.id}">${icon("back")}${block.label}</a>
      <h1>${shown.room || shown.label} ${shown.joined === "moved_in" ? html`<span class="mark">${t("新搬来")}</span>` : nothing}
        ${shown.gone ? html`<span class="mark">${t("已搬走")}</span>` : nothing}</h1>
      <p class="sub">${this.#now()}</p>
      ${this.#refused()}
      ${shown.flagged.length ? html`<p class="note warn">‼ ${t("别人也报了这一户,说法不一样。先显示后到的,社区会裁定。您再去看过,在下面重新报,就以您这次为准。")}</p>` : nothing}
      <fieldset><legend>${t("看到的情况")}</legend><div class="outcomes">
        ${round.buttons.map((button) => html`<button class="button outcome" data-outcome=${button.code} aria-pressed=${line.outcome === button.code}
          @click=${() => this.#set({ outcome: button.code })}><span class="shape">${button.mark}</span>${button.words}</button>`)}
      </div></fieldset>
      ${line.outcome === "away" || Object.values(line.persons ?? {}).includes("away") ? this.#away() : nothing}
      <fieldset class="chips"><legend>${t("怎么知道的")}</legend>
        ${Object.entries(round.hows).map(([how, words]) => html`<button class="chip" aria-pressed=${line.how === how} @click=${() => this.#set({ how })}>${words}</button>`)}
      </fieldset>
      ${shown.people.length ? html`<fieldset><legend>${t("个别人不一样的")}</legend>${shown.people.map((person) => this.#person(person))}</fieldset>` : nothing}
      ${round.questions.map((question) => this.#question(question))}
      <details ?open=${(line.needs ?? []).length > 0}><summary>${t("有人要帮忙")}</summary><div class="chips">
        ${Object.entries(round.help).map(([need, words]) => html`<button class="chip" aria-pressed=${(line.needs ?? []).includes(need)} @click=${() => this.#need(need)}>${words}</button>`)}
      </div></details>
      ${this.trouble ? html`<p class="note bad" role="alert">${this.trouble}</p>` : nothing}
      ${shown.mine ? html`<button class="button wide" @click=${this.#undo}>${icon("undo")}${t("撤回我报的")}</button>` : nothing}
      <div class="send"><button class="button primary wide" ?disabled=${!line.outcome} @click=${this.#save}>${icon("check")}${line.outcome ? t("存下:{words}", { words: app.sweeps.words(round, line.outcome) }) : t("请先选情况")}</button></div>
    </section>`;
  }

  #now() {
    const { app, board, shown } = this;
    const words = app.sweeps.words(board.round, shown.outcome);
    const state = { "": "", sent: t("已送达"), saving: t("正在存"), waiting: t("已存在手机里,待发送"), refused: "" }[shown.state];
    return html`${t("现在:{words}", { words })}${state ? ` · ${state}` : ""}${shown.tries > 1 ? ` · ${t("去过 {n} 次没见到人", { n: shown.tries })}` : ""}
      ${shown.prior ? html`<br>${t("上一轮:{words}", { words: app.sweeps.words(board.round, shown.prior) })}` : nothing}`;
  }

  #refused() {
    const { app, shown } = this;
    const { deed } = shown;
    if (shown.state !== "refused" || !deed) return nothing;
    const problems = deed.refusal?.problems ?? [];
    return html`<div class="note bad" role="alert"><p>✖ ${t("没有被接受:{why}", { why: problems[0]?.words ?? deed.refusal?.title ?? "" })}</p>
      <div class="pair"><button class="button" @click=${() => app.outbox.discard(deed.id)}>${t("不要了")}</button>
      <button class="button" @click=${() => app.outbox.retry(deed.id)}>${t("原样再发")}</button></div></div>`;
  }

  #away() {
    return html`<div class="stack away-words">
      <label>${t("去了哪里")}<input maxlength="120" autocomplete="off" .value=${this.where} @input=${(/** @type {Event} */ event) => { this.where = typed(event); }}></label>
      <label>${t("从哪天起")}<input type="date" .value=${this.since} @input=${(/** @type {Event} */ event) => { this.since = typed(event); }}></label>
    </div>`;
  }

  /** @param {import("../types.js").Person} person */
  #person(person) {
    const { round } = this.board;
    const status = this.line.persons?.[person.id] ?? AS_HOUSEHOLD;
    const now = this.shown.persons[person.id];
    return html`<label class="one-person">${person.name || t("住户")}${person.special ? html` <span title=${t("行动不便等要上门的")}>★</span>` : nothing}
      ${now ? html`<small>${t("现在:{words}", { words: round.persons[now] ?? now })}</small>` : nothing}
      <select .value=${status} @change=${(/** @type {Event} */ event) => this.#except(person.id, typed(event))}>
        <option value="">${t("和全户一样")}</option>
        ${Object.entries(round.persons).map(([code, words]) => html`<option value=${code} ?selected=${status === code}>${words}</option>`)}
      </select></label>`;
  }

  /** @param {Question} question */
  #question(question) {
    const known = this.line.answers?.[question.key] ?? this.shown.answers[question.key];
    const choose = (/** @type {string | boolean} */ value) => () => this.#answer(question.key, value);
    const chip = (/** @type {string | boolean} */ value, /** @type {string} */ words) => html`<button class="chip" aria-pressed=${known === value} @click=${choose(value)}>${words}</button>`;
    if (question.kind === "choice") {
      return html`<fieldset class="chips"><legend>${question.words}</legend>${(question.choices ?? []).map((one) => chip(one.code, one.words))}</fieldset>`;
    }
    if (question.kind === "bool") {
      return html`<fieldset class="chips"><legend>${question.words}</legend>${chip(true, t("是"))}${chip(false, t("否"))}</fieldset>`;
    }
    const number = question.kind === "number";
    return html`<label>${question.words}<input inputmode=${number ? "numeric" : "text"} maxlength="200" .value=${known === undefined ? "" : String(known)}
      @input=${(/** @type {Event} */ event) => { const value = typed(event); if (!number) this.#answer(question.key, value); else if (/^-?\d{1,9}$/.test(value)) this.#answer(question.key, Number(value)); }}></label>`;
  }

  /** @param {Partial<Line>} change */
  #set(change) {
    this.line = { ...this.line, ...change };
  }

  /** @param {string} need */
  #need(need) {
    const held = this.line.needs ?? [];
    this.#set({ needs: held.includes(need) ? held.filter((one) => one !== need) : [...held, need] });
  }

  /** @param {string} key @param {string | number | boolean} value */
  #answer(key, value) {
    this.#set({ answers: { ...this.line.answers, [key]: value } });
  }

  /** An exception makes “all” into “some”. @param {string} person @param {string} status */
  #except(person, status) {
    const { [person]: _, ...rest } = this.line.persons ?? {};
    const persons = status === AS_HOUSEHOLD ? rest : { ...rest, [person]: status };
    const some = this.board.round.buttons.some((one) => one.code === "some");
    const differ = Object.values(persons).some((one) => one !== "done" && one !== "exempt");
    const all = this.line.outcome === "all" || this.line.outcome === null;
    this.#set({ persons, ...(differ && all && some ? { outcome: "some" } : {}) });
  }

  async #save() {
    const since = this.since ? t("自 {day} 起", { day: this.since }) : "";
    const words = [this.where.trim(), since].filter(Boolean).join(",");
    await this.#kept(this.app.sweeps.say(this.board, this.shown, { ...this.line, words }));
  }

  async #undo() {
    await this.#kept(this.app.sweeps.undo(this.board, this.shown));
  }

  /** @param {Promise<void>} work */
  async #kept(work) {
    try {
      await work;
    } catch (error) {
      this.trouble = notSafe(error, this.shown);
      return;
    }
    const { round, block } = this.board;
    location.hash = `#sweep/${round.id}/${block.id}`;
  }
}

/** @param {Event} event */
const typed = (event) => /** @type {HTMLInputElement | HTMLSelectElement} */ (event.target).value;

customElements.define("wg-door", WgDoor);
