/**
 * One stairwell, floor by floor. A tap on a door that nobody has reported says 齐; a long press, a
 * second tap or the button below opens everything else. Nothing is said by colour alone.
 */

import { html, nothing } from "lit";
import { guard } from "lit/directives/guard.js";

import { asksMark, byTube, column, columns, floors, isMine, settledFor, tally } from "../doors.js";
import { StorageFull } from "../outbox.js";
import { counted, left, locale, t, tone, unitOf } from "../words.js";
import { View, icon } from "./view.js";

/** @import {Board} from "../sweeps.js" */
/** @import {ShownDoor} from "../doors.js" */

/** Milliseconds a finger stays for a long press, and pixels it may slip. */
const PRESS = 450;
const SLIP = 12;

/** The door that was open last, to be scrolled back to. @type {string} */
let visited = "";
/** A door whose tap said 齐 but where something must be asked first: it opens with 齐 chosen. */
export const tapped = { door: "" };

export class WgStairwell extends View {
  static properties = {
    board: { attribute: false }, asking: { state: true }, trouble: { state: true },
  };

  /** @type {ReturnType<typeof setTimeout> | undefined} */ #press;
  #from = { x: 0, y: 0 };
  #pressed = false;

  constructor() {
    super();
    this.board = /** @type {Board} */ (/** @type {unknown} */ (undefined));
    /** A tap asks instead of saying 齐: the way without a long press. */
    this.asking = false;
    this.trouble = "";
  }

  firstUpdated() {
    if (visited) this.querySelector(`[data-door="${visited}"]`)?.scrollIntoView({ block: "center" });
    visited = "";
  }

  render() {
    const { app, board } = this;
    const { round, block } = board;
    const mine = board.doors.filter((door) => isMine(door, block));
    const counts = tally(mine, settledFor(round, block));
    const todo = counts.left + counts.again;
    const last = app.sweeps.lastOf(board);
    const one = round.buttons[0];
    const road = block.kind === "road";
    const stand = road ? undefined : columns(board.doors);
    return html`<section class="stairwell">
      <header class="stairs-head">
        <a class="back" href="#sweep" aria-label=${t("返回清查")}>${icon("back")}</a>
        <h1>${block.label}</h1>
        <p class="todo ${todo ? "" : "none"}" role="status">${todo ? html`${t("还差")} <b>${todo}</b> ${unitOf(round)}` : html`✔ ${t("都报了")}`}
          <small class=${tone(round.ends_at, app.sweeps.now())}>${left(round.ends_at, app.sweeps.now())}</small></p>
      </header>
      ${block.home ? html`<p class="note asks">★ ${t("您来上门:只去亮着的这几家,其他的门有人敲。")}</p>` : nothing}
      ${block.floors && block.visits?.length ? html`<p class="note asks">★ ${t("您负责的楼层挨家敲;其他楼层只去亮着的这几家上门。")}</p>` : nothing}
      ${block.wave ? html`<p class="note ${block.called_at ? "asks" : ""}">${block.called_at ? t("第 {n} 批:已叫下楼采样", { n: block.wave }) : t("第 {n} 批:还没叫,请住户先在家等", { n: block.wave })}</p>` : nothing}
      ${round.turn > 1 && counts.again ? html`<p class="note warn">${t("第 {n} 遍:有 {some}上次没见到人(↻),请再去一次。", { n: round.turn, some: counted(round, counts.again) })}</p>` : nothing}
      ${counts.refused ? html`<a class="note bad" href="#mine">✖ ${t("{some}没有被接受,点此处理", { some: counted(round, counts.refused) })}</a>` : nothing}
      ${counts.flagged ? html`<p class="note warn">‼ ${t("{some}和别人报的不一样,社区会裁定。您再去看过,可以点开重新报。", { some: counted(round, counts.flagged) })}</p>` : nothing}
      ${counts.asks ? html`<p class="note asks">? ${t("{some}还有要问的,点开就问。", { some: counted(round, counts.asks) })}</p>` : nothing}
      ${counts.late ? html`<p class="note">${t("{some}是结束后送到的,已收下,会补进核对表。", { some: counted(round, counts.late) })}</p>` : nothing}
      ${this.trouble ? html`<p class="note bad" role="alert">${this.trouble}</p>` : nothing}
      <div class=${block.home ? "visiting" : ""} @pointerdown=${this.#down} @pointermove=${this.#moved} @pointerup=${this.#up} @pointercancel=${this.#up}
        @contextmenu=${this.#held} @click=${this.#clicked}>
      ${road ? html`<div class="road" role="group" aria-label=${t("沿路的顺序")}>${board.doors.map((door) => this.#cell(door))}</div>` : html`<div class="floors" data-columns=${stand?.length ?? nothing}>
        ${floors(board.doors).map(([floor, doors]) => html`<div class="floor" role="group" aria-label=${floor ? t("{n} 层", { n: floor }) : t("未分楼层")}>
          <span class="storey" aria-hidden="true">${floor || "·"}</span>
          <div class="rooms">${stand
            ? stand.map((end) => doors.filter((door) => column(door) === end).map((door) => this.#cell(door))[0] ?? html`<span></span>`)
            : doors.map((door) => this.#cell(door))}</div></div>`)}
      </div>`}</div>
      <details class="legend"><summary>${t("图例和用法")}</summary>
        <p>${round.by_tube ? t("点一下:给这一户装管采样,装了管才算已检;不在、拒检、免检也在那里报。已报的点开可以改、可以撤回。") : t("点一下:{words}。按住不放,或先点下面的“选其他情况”:报其他结果。已报的点开可以改、可以撤回。", { words: one ? one.words : "" })}</p>
        <p class="marks">${round.buttons.map((button) => html`<span>${button.mark} ${button.words}</span>`)}
          ${round.stops ? nothing : html`<span>★ ${t("行动不便等要上门的")}</span>`}<span>⇡ ${t("已存在手机里,待发送")}</span><span>↻ ${t("再去一次")}</span><span>? ${t("还有要问的")}</span><span>‼ ${t("说法不一样")}</span><span>✖ ${t("没有被接受")}</span></p>
      </details>
      <div class="stairs-foot">
        <button class="button" ?disabled=${!last} @click=${() => last && this.#undo(last)}>${icon("undo")}${last ? t("撤回 {room}", { room: last.room || last.label }) : t("撤回")}</button>
        <button class="button" aria-pressed=${this.asking} @click=${() => { this.asking = !this.asking; }}>${this.asking ? t("请点要报的…") : t("选其他情况")}</button>
      </div>
    </section>`;
  }

  /** @param {ShownDoor} door */
  #cell(door) {
    const { app, board } = this;
    const button = board.round.buttons.find((one) => one.code === door.outcome);
    const words = app.sweeps.words(board.round, door.outcome);
    const special = door.people.some((person) => person.special);
    const sign = { "": "", sent: "", saving: "…", waiting: "⇡", refused: "✖" }[door.state];
    const where = door.label && door.label !== door.room ? door.label : "";
    const road = board.block.kind === "road";
    const mine = isMine(door, board.block);
    const asks = asksMark(door);
    const said = [
      door.room || door.label, door.what ? [door.what, where].filter(Boolean).join(" ") : door.people.length ? t("{n} 人", { n: door.people.length }) : t("无登记"),
      special ? t("有行动不便等要上门的人") : "", board.block.home && mine ? t("要您上门") : "", words,
      { "": "", sent: t("已送达"), saving: t("正在存"), waiting: t("已存在手机里,待发送"), refused: t("没有被接受") }[door.state],
      door.again ? t("再去一次") : "", door.flagged.length ? t("说法不一样") : "",
      joinedWords(door), goneWords(door),
      asks ? t("还有要问的") : "",
    ].filter(Boolean).join(",");
    // A tap draws one cell, not all of them: what a cell shows is in these, and its finger is the board's.
    return guard([door.id, said, door.outcome, door.state, door.gone, mine, locale()], () => html`<button class="door ${mine ? "" : "theirs"} ${door.gone ? "gone" : ""}" data-door=${door.id}
        data-outcome=${door.outcome ?? "none"} data-state=${door.state || "none"} ?data-again=${door.again} ?data-flagged=${door.flagged.length > 0}
        aria-label=${said} aria-busy=${door.state === "saving"}>
      <b>${door.room || door.label}</b>
      <span class="shape">${door.outcome === null ? "" : button?.mark ?? "▷"}</span>
      <small>${[door.outcome === null ? joinedWords(door) || (door.what ? "" : door.people.length ? t("{n} 人", { n: door.people.length }) : t("无登记")) : words, ...(road ? [door.what, where] : [])].filter(Boolean).join(" · ")}</small>
      <i>${special ? "★" : ""}${door.again ? "↻" : ""}${asks ? "?" : ""}${door.flagged.length ? "‼" : ""}${sign}</i>
    </button>`);
  }

  /** The door under a finger, as it stands now. @param {Event} event */
  #at(event) {
    const cell = /** @type {Element} */ (event.target).closest("button.door");
    return cell instanceof HTMLElement ? this.board.doors.find((one) => one.id === cell.dataset.door) : undefined;
  }

  /** @param {Event} event */
  #clicked(event) {
    const door = this.#at(event);
    if (door) this.#tap(door);
  }

  /** @param {Event} event */
  #held(event) {
    const door = this.#at(event);
    if (!door) return;
    event.preventDefault();
    this.#open(door);
  }

  /** @param {PointerEvent} event */
  #down(event) {
    this.#pressed = false;
    this.#from = { x: event.clientX, y: event.clientY };
    clearTimeout(this.#press);
    const door = this.#at(event);
    if (event.button !== 0 || !door) return;
    this.#press = setTimeout(() => {
      this.#pressed = true;
      navigator.vibrate?.(30);
      this.#open(door);
    }, PRESS);
  }

  /** @param {PointerEvent} event */
  #moved(event) {
    if (Math.hypot(event.clientX - this.#from.x, event.clientY - this.#from.y) > SLIP) this.#up();
  }

  #up() {
    clearTimeout(this.#press);
  }

  /** @param {ShownDoor} door */
  #tap(door) {
    clearTimeout(this.#press);
    if (this.#pressed) { // the long press has opened it already
      this.#pressed = false;
      return;
    }
    const one = this.board.round.buttons[0];
    const fresh = door.outcome === null || door.again;
    if (this.asking || !fresh || !one || door.state === "refused") this.#open(door);
    else if (byTube(this.board.round, door)) this.#open(door); // a tube says who is done
    else if (door.must > 0) {
      tapped.door = door.id;
      this.#open(door);
    } else void this.#say(door, one.code);
  }

  /** @param {ShownDoor} door */
  #open(door) {
    this.asking = false;
    visited = door.id;
    const { round, block } = this.board;
    location.hash = `#sweep/${round.id}/${block.id}/${door.id}`;
  }

  /** @param {ShownDoor} door @param {string} outcome */
  async #say(door, outcome) {
    await this.#kept(door, this.app.sweeps.say(this.board, door, { outcome, how: "door" }));
  }

  /** @param {ShownDoor} door */
  async #undo(door) {
    await this.#kept(door, this.app.sweeps.undo(this.board, door));
  }

  /** @param {ShownDoor} door @param {Promise<void>} work */
  async #kept(door, work) {
    try {
      await work;
      this.trouble = "";
    } catch (error) {
      this.trouble = notSafe(error, door);
    }
  }
}

/** What is said of a door that was not there when the round opened. @param {ShownDoor} door */
export function joinedWords(door) {
  if (door.joined === "frozen") return "";
  if (door.what) return door.joined === "moved_in" ? t("新开的") : t("新登记");
  return door.joined === "moved_in" ? t("新搬来") : "";
}

/** @param {ShownDoor} door */
export const goneWords = (door) => !door.gone ? "" : door.what ? t("已注销") : t("已搬走");

/** Not on the disk: say so, and what to do. @param {unknown} error @param {ShownDoor} door */
export function notSafe(error, door) {
  const room = door.room || door.label;
  return error instanceof StorageFull
    ? t("手机存储已满,{room} 没有存下。请删些照片或视频再点一次,或先记在纸上。", { room })
    : t("{room} 没有存下,请再点一次。", { room });
}

customElements.define("wg-stairwell", WgStairwell);
