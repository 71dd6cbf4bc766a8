/** One task: what it is, where, and the few things that may be done with it. */

import { html, nothing } from "lit";

import { StorageFull } from "../outbox.js";
import { clock, left, t, tone } from "../words.js";
import { KINDS, offerAnswers } from "./tasks.js";
import { View, icon } from "./view.js";
import "./photos-field.js";

/** @import {ShownTask} from "../overlay.js" */
/** @import {Photo} from "../types.js" */

/**
 * A form that ends in a deed. `words` names the body's field for what the person writes.
 * @typedef {{kind: string, name: string, words: string, ask: string, need: boolean,
 *   photos?: boolean, until?: boolean, extra?: Record<string, unknown>}} Form
 */

/** @type {Record<string, Form>} */
const FORMS = {
  finish: { kind: "dispatch.finish", name: "办好了", words: "result", ask: "处置结果", need: true, photos: true },
  meet: { kind: "dispatch.meet", name: "办好了", words: "result", ask: "会商结论", need: true },
  back: { kind: "dispatch.return_task", name: "退回", words: "reason", ask: "为什么退回", need: true },
  more: { kind: "dispatch.ask_extension", name: "申请延期", words: "reason", ask: "为什么需要更多时间", need: true, until: true },
  real: { kind: "dispatch.verify_answer", name: "核实:属实", words: "note", ask: "现场情况", need: false, photos: true, extra: { true_report: true } },
  unreal: { kind: "dispatch.verify_answer", name: "核实:不属实", words: "note", ask: "现场情况", need: true, photos: true, extra: { true_report: false } },
  passed: { kind: "dispatch.inspect_answer", name: "核查:通过", words: "note", ask: "现场情况", need: false, photos: true, extra: { passed: true } },
  failed: { kind: "dispatch.inspect_answer", name: "核查:未通过", words: "note", ask: "还差什么", need: true, photos: true, extra: { passed: false } },
};

/** Hours that one may ask for. */
const HOURS = [4, 24, 72];

export class WgTask extends View {
  static properties = {
    task: { attribute: false }, form: { state: true }, trouble: { state: true },
    hours: { state: true }, photos: { state: true },
  };

  constructor() {
    super();
    this.task = "";
    this.form = "";
    this.trouble = "";
    this.hours = HOURS[0] ?? 4;
    /** @type {Photo[]} */
    this.photos = [];
  }

  render() {
    const task = this.app.tasks.find((one) => one.id === this.task);
    if (!task) {
      return html`<a class="back" href="#tasks">${icon("back")}${t("任务")}</a>
        <p class="empty">${t("这个任务已经不在您名下。")}</p>`;
    }
    return html`<a class="back" href="#tasks">${icon("back")}${t("任务")}</a>
      <article class="task">
        <p class="row"><span class="mark">${t(KINDS[task.kind])}</span>
          ${task.urgent ? html`<span class="mark bad">${t("紧急")}</span>` : nothing}
          <span class="class">${task.class_name}</span></p>
        <h1>${task.title}</h1>
        ${task.words === task.title ? nothing : html`<p class="words">${task.words}</p>`}
        <dl>
          <dt>${t("地点")}</dt><dd>${task.place || task.area_name}
            ${task.lon !== null && task.lat !== null ? html`<a class="map" href="geo:${task.lat},${task.lon}">${icon("place")}${t("导航")}</a>` : nothing}</dd>
          ${task.due_at ? html`<dt>${t("时限")}</dt><dd>${clock(task.due_at)} <span class="left ${tone(task.due_at, this.app.sweeps.now())}">${left(task.due_at, this.app.sweeps.now())}</span></dd>` : nothing}
          <dt>${t("编号")}</dt><dd>${task.receipt}</dd>
          ${task.note ? html`<dt>${t("交办说明")}</dt><dd>${task.note}</dd>` : nothing}
          ${task.why ? html`<dt>${t("为什么派给您")}</dt><dd>${task.why}</dd>` : nothing}
        </dl>
        ${task.photos.length ? html`<div class="photos">${task.photos.map((photo, at) => html`
          <figure><a href=${photo.url}><img src=${photo.url} loading="lazy" alt=${t("照片 {n}", { n: at + 1 })}></a></figure>`)}</div>` : nothing}
        ${this.#pending(task)}
        ${this.form ? this.#writing(task, /** @type {Form} */ (FORMS[this.form])) : this.#choices(task)}
      </article>`;
  }

  /** @param {ShownTask} task */
  #pending(task) {
    return task.pending.map((deed) => html`<p class="note ${deed.state === "refused" ? "bad" : "wait"}">
      ${deed.state === "refused"
        ? html`${t("没有被接受:{why}", { why: t(deed.refusal?.title ?? "") })} <a href="#mine">${t("去处理")}</a>`
        : t("“{title}”已存在手机里,待发送。", { title: this.app.titleOf(deed) })}</p>`);
  }

  /** @param {ShownTask} task */
  #choices(task) {
    if (task.gone) return html`<p class="empty">${t("您已办完,发送后就会从这里消失。")}</p>`;
    const open = (/** @type {string} */ form) => () => {
      this.form = form;
      this.trouble = "";
      this.photos = [];
    };
    const now = (/** @type {string} */ kind, /** @type {string} */ name, body = {}) =>
      () => this.#send(task, kind, t(name), body, []);
    if (task.state === "offered") {
      return offerAnswers((kind, body, name) => this.#send(task, kind, name, body, []));
    }
    if (task.kind === "verify") {
      return html`<div class="pair"><button class="button" @click=${open("unreal")}>${t("不属实")}</button>
        <button class="button primary" @click=${open("real")}>${t("属实")}</button></div>${this.#aside(open)}`;
    }
    if (task.kind === "inspect") {
      return html`<div class="pair"><button class="button" @click=${open("failed")}>${t("未通过")}</button>
        <button class="button primary" @click=${open("passed")}>${t("通过")}</button></div>${this.#aside(open)}`;
    }
    return html`<div class="stack">
      ${task.state === "accepted" ? html`<button class="button wide" @click=${now("dispatch.start", "开始处置")}>${t("开始处置")}</button>` : nothing}
      <button class="button primary wide" @click=${open(task.kind === "joint" ? "meet" : "finish")}>${icon("check")}${t("办好了")}</button>
      </div>${this.#aside(open)}`;
  }

  /** @param {(form: string) => () => void} open */
  #aside(open) {
    return html`<div class="pair aside"><button class="button" @click=${open("more")}>${t("申请延期")}</button>
      <button class="button" @click=${open("back")}>${t("退回")}</button></div>`;
  }

  /** @param {ShownTask} task @param {Form} form */
  #writing(task, form) {
    const closing = this.app.classOf(task.class_code)?.closing_condition;
    return html`<form class="stack" @submit=${(/** @type {SubmitEvent} */ event) => this.#written(event, task, form)}>
      <h2>${t(form.name)}</h2>
      ${form.kind === "dispatch.finish" && closing ? html`<p class="note">${t("结案标准:{words}", { words: closing })}</p>` : nothing}
      ${form.until ? html`<fieldset class="chips"><legend>${t("再要多久")}</legend>${HOURS.map((hours) => html`
        <button type="button" class="chip" aria-pressed=${hours === this.hours} @click=${() => { this.hours = hours; }}>${t("{n} 小时", { n: hours })}</button>`)}</fieldset>` : nothing}
      <label>${t(form.ask)}${form.need ? nothing : html` <small>${t("可不填")}</small>`}
        <textarea name="words" rows="3" maxlength="2000" @input=${() => { this.trouble = ""; }}></textarea></label>
      ${form.photos ? html`<wg-photos .app=${this.app} .photos=${this.photos} @photos=${(/** @type {CustomEvent<Photo[]>} */ event) => { this.photos = event.detail; }}></wg-photos>` : nothing}
      ${this.trouble ? html`<p class="note bad" role="alert">${this.trouble}</p>` : nothing}
      <div class="pair"><button type="button" class="button" @click=${() => { this.form = ""; }}>${t("取消")}</button>
        <button class="button primary">${t("提交")}</button></div>
    </form>`;
  }

  /** @param {SubmitEvent} event @param {ShownTask} task @param {Form} form */
  async #written(event, task, form) {
    event.preventDefault();
    const data = new FormData(/** @type {HTMLFormElement} */ (event.target));
    const words = String(data.get("words") ?? "").trim();
    if (form.need && !words) {
      this.trouble = t("请写一句“{ask}”。", { ask: t(form.ask) });
      return;
    }
    /** @type {Record<string, unknown>} */
    const body = { ...form.extra, [form.words]: words };
    if (form.photos) body.photos = this.photos.map((photo) => photo.id);
    if (form.until) body.until = new Date(Date.now() + this.hours * 3_600_000).toISOString();
    await this.#send(task, form.kind, t(form.name), body, this.photos);
  }

  /**
   * @param {ShownTask} task
   * @param {string} kind
   * @param {string} name
   * @param {Record<string, unknown>} body
   * @param {Photo[]} photos
   */
  async #send(task, kind, name, body, photos) {
    try {
      await this.app.do(kind, { task_id: task.id, ...body }, {
        subject: task.id, title: `${name}:${task.title}`, plain: name, photos,
      });
    } catch (error) {
      if (!(error instanceof StorageFull)) throw error;
      this.trouble = t("手机存储已满,这一条没有存下。请清理手机后再试。");
      this.app.say(this.trouble);
      return;
    }
    this.form = "";
    this.photos = [];
    this.app.say(t("“{name}”已存在手机里。", { name }));
    if (kind !== "dispatch.accept" && kind !== "dispatch.start") location.hash = "#tasks";
  }
}

customElements.define("wg-task", WgTask);
