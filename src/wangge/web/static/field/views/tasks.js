/** My tasks: offers on top, answered in one tap; then what I hold, soonest due first. */

import { html, nothing } from "lit";

import { clock, left, t, tone } from "../words.js";
import { View } from "./view.js";

/** @import {ShownTask} from "../overlay.js" */

/** Why not, written for whoever dispatches; one tap says it. */
const CANNOT = ["现在没空", "离得太远", "我不会办"];

/**
 * What an offer is answered with, each in one tap.
 * @param {(kind: string, body: Record<string, unknown>, words: string) => unknown} answer
 */
export const offerAnswers = (answer) => html`<div class="answers">
  <button class="button primary wide" @click=${() => answer("dispatch.accept", {}, t("接单"))}>${t("接单")}</button>
  <p class="because">${t("不能接,因为:")}</p>
  <div class="pair three">${CANNOT.map((reason) => html`
    <button class="button" @click=${() => answer("dispatch.decline", { reason }, t("不能接"))}>${t(reason)}</button>`)}</div>
</div>`;

/** What a task asks for. */
export const KINDS = {
  handle: "处置", verify: "核实(立案前)", inspect: "核查(结案前)", joint: "联合处置", call_back: "回访",
};

export class WgTasks extends View {
  /** @type {ReturnType<typeof setInterval> | undefined} */ #clock;

  connectedCallback() {
    super.connectedCallback();
    this.#clock = setInterval(() => this.requestUpdate(), 20_000);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    clearInterval(this.#clock);
  }

  render() {
    const tasks = this.app.tasks;
    const offers = tasks.filter((task) => task.state === "offered");
    const mine = tasks.filter((task) => task.state !== "offered" && !task.gone);
    const gone = tasks.filter((task) => task.gone);
    return html`
      ${offers.length ? html`<h2>${t("等您接单")}</h2>${offers.map((task) => this.#offer(task))}` : nothing}
      <h2>${t("我的任务")} <small>${mine.length}</small></h2>
      ${mine.length ? mine.map((task) => this.#card(task))
        : html`<p class="empty">${t("现在没有要办的任务。")}</p>`}
      ${gone.length ? html`<h2>${t("已办,待发送")}</h2>${gone.map((task) => this.#card(task))}` : nothing}
      ${this.app.stale.left ? html`<a class="card stairs" href="#stale">
        <span><b>${t("上门顺便核实")}</b><small>${t("登记的内容旧了,下次到门口时问一句")}</small></span>
        <span class="todo">${t("{n} 户要问", { n: this.app.stale.left })}</span></a>` : nothing}
      <p class="foot">${t("更新于 {time}", { time: clock(this.app.bundle?.asked ?? this.app.bundle?.at ?? "") })}</p>`;
  }

  /** @param {ShownTask} task */
  #offer(task) {
    const answer = (/** @type {string} */ kind, /** @type {Record<string, unknown>} */ body, /** @type {string} */ words) =>
      this.app.do(kind, { task_id: task.id, ...body }, {
        subject: task.id, title: `${words}:${task.title}`, plain: words,
      }).catch(() => this.app.say(t("手机存储已满,这一条没有存下。请清理手机后再试。")));
    const now = this.app.sweeps.now();
    return html`<article class="card offer">
      ${this.#what(task)}
      ${task.why ? html`<p class="because">${t("为什么派给您")}:${task.why}</p>` : nothing}
      ${task.answer_by ? html`<p class="left ${tone(task.answer_by, now)}">${t("答复时间:{left}", { left: left(task.answer_by, now) })}</p>` : nothing}
      ${offerAnswers(answer)}
    </article>`;
  }

  /** @param {ShownTask} task */
  #card(task) {
    const refused = task.pending.some((deed) => deed.state === "refused");
    const now = this.app.sweeps.now();
    return html`<article class="card">
      ${this.#what(task)}
      <p class="row">
        ${task.due_at ? html`<span class="left ${tone(task.due_at, now)}">${left(task.due_at, now)}</span>` : nothing}
        ${refused ? html`<span class="mark bad">${t("没有被接受")}</span>`
          : task.pending.length ? html`<span class="mark wait">${t("待发送")}</span>` : nothing}
      </p>
    </article>`;
  }

  /** @param {ShownTask} task */
  #what(task) {
    return html`<a class="what" href="#tasks/${task.id}">
      <p class="row"><span class="mark">${t(KINDS[task.kind])}</span>
        ${task.urgent ? html`<span class="mark bad">${t("紧急")}</span>` : nothing}
        <span class="class">${task.class_name}</span></p>
      <h3>${task.title}</h3>
      <p class="where">${task.place || task.area_name}</p>
    </a>`;
  }
}

customElements.define("wg-tasks", WgTasks);
