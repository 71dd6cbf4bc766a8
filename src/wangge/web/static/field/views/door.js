/** One door: every outcome, who is behind it, how it is known, help that is asked for, taking back. */

import { html, nothing } from "lit";

import { byTube, sayable } from "../doors.js";
import { MET, asksAt, dayOf, inWords, openAt, sameAsBefore, wrongWith } from "../questions.js";
import { t } from "../words.js";
import { goneWords, joinedWords, notSafe, tapped } from "./stairwell.js";
import "./tube.js";
import { View, icon } from "./view.js";

/** @import {Board} from "../sweeps.js" */
/** @import {ShownDoor} from "../doors.js" */
/** @import {Ask, Value} from "../questions.js" */
/** @import {Line} from "../types.js" */

/** Exceptions that go with a person beside “as the household”. */
const AS_HOUSEHOLD = "";

export class WgDoor extends View {
  static properties = {
    board: { attribute: false }, shown: { attribute: false }, line: { state: true },
    trouble: { state: true }, typed: { state: true }, where: { state: true }, since: { state: true }, more: { state: true },
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
    /** Numbers as typed, until they are numbers. @type {Record<string, string>} */
    this.typed = {};
  }

  connectedCallback() {
    super.connectedCallback();
    const one = sayable(this.board.round, this.shown)[0];
    if (tapped.door === this.shown.id && one) this.line = { ...this.line, outcome: one.code };
    tapped.door = "";
  }

  /** What stands with what is being said laid over it. */
  get answers() {
    return { ...this.shown.answers, ...this.line.answers };
  }

  get #today() {
    return dayOf(this.app.sweeps.now());
  }

  render() {
    const { app, board, shown } = this;
    const { round, block } = board;
    const { line } = this;
    return html`<section class="one-door">
      <a class="back" href="#sweep/${round.id}/${block.id}">${icon("back")}${block.label}</a>
      <h1>${shown.room || shown.label} ${[joinedWords(shown), goneWords(shown)].filter(Boolean).map((words) => html`<span class="mark">${words}</span>`)}</h1>
      ${shown.what ? html`<p class="sub">${[shown.what, shown.label === shown.room ? "" : shown.label].filter(Boolean).join(" · ")}</p>` : nothing}
      <p class="sub">${this.#now()}</p>
      ${this.#refused()}
      ${shown.flagged.length ? html`<p class="note warn">‼ ${t("别人也报了这里,说法不一样。先显示后到的,社区会裁定。您再去看过,在下面重新报,就以您这次为准。")}</p>` : nothing}
      ${round.tubes && shown.people.length ? html`<wg-tube .app=${app} .board=${board} .shown=${shown}></wg-tube>` : nothing}
      <fieldset><legend>${t("看到的情况")}</legend><div class="outcomes">
        ${sayable(round, shown).map((button) => html`<button class="button outcome" data-outcome=${button.code} aria-pressed=${line.outcome === button.code}
          @click=${() => this.#set({ outcome: button.code })}><span class="shape">${button.mark}</span>${button.words}</button>`)}
      </div></fieldset>
      ${MET.has(line.outcome ?? shown.outcome ?? "all") ? this.#questions() : nothing}
      ${line.outcome === "away" || Object.values(line.persons ?? {}).includes("away") ? this.#away() : nothing}
      <fieldset class="chips"><legend>${t("怎么知道的")}</legend>
        ${Object.entries(round.hows).map(([how, words]) => html`<button class="chip" aria-pressed=${line.how === how} @click=${() => this.#set({ how })}>${words}</button>`)}
      </fieldset>
      ${shown.people.length ? html`<fieldset><legend>${t("个别人不一样的")}</legend>${shown.people.map((person) => this.#person(person))}</fieldset>` : nothing}
      ${round.stops ? nothing : html`<details ?open=${(line.needs ?? []).length > 0}><summary>${t("有人要帮忙")}</summary><div class="chips">
        ${Object.entries(round.help).map(([need, words]) => html`<button class="chip" aria-pressed=${(line.needs ?? []).includes(need)} @click=${() => this.#need(need)}>${words}</button>`)}
      </div></details>`}
      ${this.trouble ? html`<p class="note bad" role="alert">${this.trouble}</p>` : nothing}
      ${shown.mine ? html`<button class="button wide" @click=${this.#undo}>${icon("undo")}${t("撤回我报的")}</button>` : nothing}
      ${this.#send()}
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
        ${Object.entries(round.persons).filter(([code]) => code !== "done" || !byTube(round, this.shown)).map(([code, words]) => html`<option value=${code} ?selected=${status === code}>${words}</option>`)}
      </select></label>`;
  }

  /** Everything that is to be asked here, of the household first and then person by person. */
  #questions() {
    const { board, shown } = this;
    const asks = asksAt(board.round.questions, shown, this.answers, this.#today);
    const asked = (shown.asks ?? []).length;
    const all = board.round.questions.reduce((sum, one) =>
      sum + (one.kind === "note" ? 0 : one.of === "person" ? shown.people.length : 1), 0);
    const known = all - asked;
    if (asks.length === 0 && known === 0) return nothing;
    return html`<div class="questions">
      ${this.#same()}
      ${asks.filter((ask) => !ask.person).map((ask) => this.#question(ask))}
      ${shown.people.map((person) => {
        const own = asks.filter((ask) => ask.person === person.id);
        return own.length ? html`<section class="of-person"><h2>${person.name || t("住户")}</h2>${own.map((ask) => this.#question(ask))}</section>` : nothing;
      })}
      ${known ? html`<p class="sub">✔ ${t("{n} 项系统里已有而且还新,不用再问。", { n: known })}</p>` : nothing}
    </div>`;
  }

  /** One tap for all that is still as the round before was told it. */
  #same() {
    const { board, shown, line } = this;
    const same = sameAsBefore(board.round.questions, shown, this.answers, shown.answered, this.#today);
    if (Object.keys(same).length === 0) return nothing;
    const left = openAt(board.round.questions, shown, null, { ...this.answers, ...same }, shown.answered, this.#today)
      .some(({ question }) => question.required);
    const saves = !left && MET.has(line.outcome ?? shown.outcome ?? "");
    const tap = () => {
      this.#set({ answers: { ...this.line.answers, ...same } });
      if (saves) void this.#save();
    };
    return html`<button class="button wide same" @click=${tap}>${icon("check")}${saves ? t("都没变,存下") : t("都没变,照上次填")}</button>
      <p class="sub">${t("上次是 {day} 问的;点了才算这次的回答。", { day: shown.before_on ?? "" })}</p>`;
  }

  /** What was said the time before, until something is said now. @param {Ask} ask */
  #last({ key, question }) {
    const then = this.shown.before?.[key];
    if (then === undefined || (this.answers[key] ?? "") !== "" || this.shown.answered.includes(key)) return nothing;
    return html`<span class="last">${t("上次:{words}", { words: inWords(question, then, t) })}
      <button class="chip" @click=${() => this.#answer(key, then)}>${t("没变")}</button></span>`;
  }

  /** Save, and if something that must be asked is open, a way to save without it. */
  #send() {
    const { app, board, shown, line } = this;
    const { round } = board;
    const words = line.outcome ? app.sweeps.words(round, line.outcome) : "";
    const asks = (line.needs ?? []).length > 0;
    const answered = Object.keys(line.answers ?? {}).length > 0 || asks;
    const open = openAt(round.questions, shown, line.outcome ?? shown.outcome, this.answers, shown.answered, this.#today)
      .filter(({ question }) => question.required).length;
    const wrong = this.#wrong();
    const ready = line.outcome !== null || (answered && shown.outcome !== null);
    const label = !ready ? t("请先选情况") : words ? t("存下:{words}", { words }) : asks ? t("存下求助") : t("存下回答");
    if (wrong) return html`<div class="send"><button class="button primary wide" disabled>${t("请改好标红的回答")}</button></div>`;
    // There the tube's own button is what is looked for: this one would lie over it and say no.
    if (!ready && round.tubes && shown.people.length) return nothing;
    if (ready && open && MET.has(line.outcome ?? shown.outcome ?? "")) {
      return html`<div class="send"><p class="sub">? ${t("还有 {n} 个必问的没有回答。", { n: open })}</p>
        <button class="button wide" @click=${this.#save}>${t("先存下{words},必问的回头再问", { words: words ? `:${words}` : "" })}</button></div>`;
    }
    return html`<div class="send"><button class="button primary wide" ?disabled=${!ready} @click=${this.#save}>${icon("check")}${label}</button></div>`;
  }

  /** Whether some answer that is being given will not do. */
  #wrong() {
    return asksAt(this.board.round.questions, this.shown, this.answers, this.#today)
      .some((ask) => this.#why(ask) !== "");
  }

  /** @param {Ask} ask */
  #why(ask) {
    const given = this.line.answers?.[ask.key];
    if (this.typed[ask.key]) return "kind";
    return given === undefined ? "" : wrongWith(ask, given, this.#today);
  }

  /** @param {Ask} ask */
  #question(ask) {
    const { key, question } = ask;
    const known = this.answers[key];
    const sent = known === undefined && this.shown.answered.includes(key);
    const why = this.#why(ask);
    const last = this.#last(ask);
    const legend = html`<span class="asked">${question.words}${question.required ? html` <b class="must" title=${t("必问")}>*</b>` : nothing}</span>
      ${question.hint ? html`<small class="sub">${question.hint}</small>` : nothing}
      ${sent ? html`<small class="sub">✔ ${t("已答,已送达")}</small>` : nothing}`;
    if (question.kind === "note") return html`<p class="note">${question.words}</p>`;
    const problem = why ? html`<small class="bad" role="alert">✖ ${why === "must" ? question.must_words : wrongKind(question.kind)}</small>` : nothing;
    /** Pressed again, a choice is taken back. */
    const chip = (/** @type {Value} */ value, /** @type {string} */ words) => html`<button class="chip big" aria-pressed=${known === value} @click=${() => this.#answer(key, known === value ? "" : value)}>${words}</button>`;
    if (question.kind === "choice") {
      return html`<fieldset class="chips" data-question=${key}><legend>${legend}</legend>${(question.choices ?? []).map((one) => chip(one.code, one.words))}${last}${problem}</fieldset>`;
    }
    if (question.kind === "bool") {
      return html`<fieldset class="chips" data-question=${key}><legend>${legend}</legend>${chip(true, t("是"))}${chip(false, t("否"))}${last}${problem}</fieldset>`;
    }
    if (question.kind === "choices") {
      const held = String(known ?? "").split(" ").filter(Boolean);
      const codes = (question.choices ?? []).map((one) => one.code);
      const flip = (/** @type {string} */ code) => () => {
        const now = held.includes(code) ? held.filter((one) => one !== code) : [...held, code];
        this.#answer(key, codes.filter((one) => now.includes(one)).join(" "));
      };
      return html`<fieldset class="chips" data-question=${key}><legend>${legend}</legend>${(question.choices ?? []).map((one) => html`<button class="chip big" aria-pressed=${held.includes(one.code)} @click=${flip(one.code)}>${held.includes(one.code) ? "☑" : "☐"} ${one.words}</button>`)}${last}${problem}</fieldset>`;
    }
    const number = question.kind === "number" || question.kind === "decimal";
    const typing = (/** @type {Event} */ event) => {
      const text = typed(event).trim();
      const fine = !number || text === "" || /^-?\d{1,9}(\.\d{1,4})?$/.test(text);
      this.typed = { ...this.typed, [key]: fine ? "" : text };
      this.#answer(key, !fine || text === "" ? (number ? "" : text) : number ? Number(text) : text);
    };
    const mode = { number: "numeric", decimal: "decimal", phone: "tel" }[/** @type {"phone"} */ (question.kind)] ?? "text";
    // A telephone that is kept comes back as its mask, which is no number to send again.
    const shown = question.kind === "phone" && this.line.answers?.[key] === undefined ? "" : this.typed[key] || known;
    return html`<div class="asked-one"><label data-question=${key}>${legend}<input type=${question.kind === "date" ? "date" : question.kind === "phone" ? "tel" : "text"} inputmode=${mode} maxlength=${question.kind === "text" ? 200 : 20} autocomplete="off"
      placeholder=${question.kind === "phone" && known ? String(known) : ""} .value=${shown === undefined ? "" : String(shown)} @change=${typing} @input=${typing}>${problem}</label>${last}</div>`;
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

  /** @param {string} key @param {Value} value "" takes it back */
  #answer(key, value) {
    const { [key]: _, ...rest } = this.line.answers ?? {};
    const before = this.shown.answers[key] ?? "";
    this.#set({ answers: value === "" && before === "" ? rest : { ...rest, [key]: value } });
  }

  /** What is shown is sent: an answer to a question that went away with another is not. */
  #given() {
    const shown = new Set(asksAt(this.board.round.questions, this.shown, this.answers, this.#today).map(({ key }) => key));
    return Object.fromEntries(Object.entries(this.line.answers ?? {}).filter(([key]) => shown.has(key)));
  }

  /** An exception makes “all” into “some”. @param {string} person @param {string} status */
  #except(person, status) {
    const { [person]: _, ...rest } = this.line.persons ?? {};
    const persons = status === AS_HOUSEHOLD ? rest : { ...rest, [person]: status };
    const some = sayable(this.board.round, this.shown).some((one) => one.code === "some");
    const differ = Object.values(persons).some((one) => one !== "done" && one !== "exempt");
    const all = this.line.outcome === "all" || this.line.outcome === null;
    this.#set({ persons, ...(differ && all && some ? { outcome: "some" } : {}) });
  }

  async #save() {
    const since = this.since ? t("自 {day} 起", { day: this.since }) : "";
    const words = [this.where.trim(), since].filter(Boolean).join(",");
    const met = MET.has(this.line.outcome ?? this.shown.outcome ?? "");
    const answers = met ? this.#given() : {};
    await this.#kept(this.app.sweeps.say(this.board, this.shown, { ...this.line, answers, words }));
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

/** @param {string} kind */
function wrongKind(kind) {
  if (kind === "number") return t("请填整数");
  if (kind === "decimal") return t("请填数字");
  return kind === "phone" ? t("电话号码不对") : t("日期不对");
}

customElements.define("wg-door", WgDoor);
