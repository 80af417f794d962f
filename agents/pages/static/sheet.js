// The ticket beside the call: what is typed is saved as one types. What could not be saved yet is
// kept in this tab and sent when it can be: after the network, or a new sign-in. Closing the tab
// forgets it: it holds personal data and must not stay on a shared computer.

import { $, $$, csrf } from "../web/js/dom.js";
import { onNews } from "../web/js/live.js";
import { toast } from "../web/js/toasts.js";
import { host } from "./phone/frame.js";
import { startPicker } from "./sheet/picker.js";
import { startReckoner } from "./sheet/reckoner.js";

const PAUSE_MS = 900;
const AGAIN_MS = 5000;
const seat = $("[data-seat]");

let held = new Map();
let changed = new Map();
let number = "";
let timer = 0;
let busy = false;

const form = () => $("[data-sheet-form]", seat);
const controls = (name) => (form() ? $$(`[name="${CSS.escape(name)}"]`, form()) : []);
const part = (selector) => (form() ? $(selector, form()) : null);
const keep = () => `sheet.${number}`;

function read(name) {
  const [first, ...rest] = controls(name);
  if (!first) return "";
  if (first.type !== "checkbox") return first.value;
  if (!rest.length && first.value === "True") return first.checked;
  return [first, ...rest].filter((one) => one.checked).map((one) => one.value);
}

function flat(value) {
  if (Array.isArray(value)) return [...value].sort().join(",");
  if (typeof value === "boolean") return value ? "True" : "False";
  return value;
}

/** An unticked box and one that was never asked are the same to a reader. */
const same = (a, b) => flat(a) === flat(b) || (["", "False"].includes(flat(a)) && ["", "False"].includes(flat(b)));

/** The wrap-up codes stand beside the timer; the field itself is in the form. */
function paintCodes() {
  const chosen = flat(read("wrap_up"));
  for (const chip of $$("[data-code]", seat)) chip.setAttribute("aria-pressed", String(chip.dataset.code === chosen));
}

function chooseCode(code) {
  const [control] = controls("wrap_up");
  if (!control) return;
  control.value = control.value === code ? "" : code;
  touched("wrap_up");
}

function write(name, value) {
  for (const one of controls(name)) {
    if (one.type !== "checkbox") {
      if (one.value !== value) one.value = value;
    } else if (one.value === "True") one.checked = value === "True";
    else one.checked = value.split(",").includes(one.value);
  }
}

const names = () => [...new Set($$("[name]", form()).map((one) => one.name))];

function begin() {
  const sheet = form();
  if (!sheet || sheet.dataset.sheetForm === number) return paintCodes();
  number = sheet.dataset.sheetForm;
  held = new Map(names().map((name) => [name, flat(read(name))]));
  changed = new Map(JSON.parse(sessionStorage.getItem(keep()) ?? "[]"));
  for (const [name, { now }] of changed) write(name, flat(now));
  if (changed.size) soon(0);
  say("");
  paintCodes();
}

function touched(name) {
  const now = read(name);
  const before = changed.get(name);
  const was = before ? before.was : held.get(name);
  if (same(now, was)) changed.delete(name);
  else changed.set(name, { was, now });
  store();
  say(changed.size ? "正在填写" : "");
  paintCodes();
  soon(PAUSE_MS);
}

function store() {
  try {
    if (changed.size) sessionStorage.setItem(keep(), JSON.stringify([...changed]));
    else sessionStorage.removeItem(keep());
  } catch {
    // The tab's room is full: the server will still have it.
  }
}

function soon(after) {
  clearTimeout(timer);
  timer = setTimeout(send, after);
}

/** Send what was typed last, within a second; for who is about to hand the caller on. */
async function flush() {
  clearTimeout(timer);
  await Promise.race([send(), new Promise((done) => setTimeout(done, 1000))]);
}

window.hotlineSheet = { flush };

async function send() {
  if (!number || !changed.size) return true;
  if (busy) {
    soon(200);
    return false;
  }
  busy = true;
  say("正在保存");
  const sent = new Map(changed);
  let answer;
  try {
    const response = await fetch(`/seat/tickets/${number}`, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRF-Token": csrf(), "X-Fragment": "1" },
      body: JSON.stringify({ changes: Object.fromEntries(sent) }),
    });
    answer = await response.json();
    if (!response.ok) return refused(response.status, answer);
  } catch {
    kept("网络不通，还没有保存", "填写的内容留在本机，恢复后自动保存。可以继续填写。");
    soon(AGAIN_MS);
    return false;
  } finally {
    busy = false;
  }
  const notice = part("[data-kept]");
  if (notice) notice.hidden = true;
  taken(sent, answer);
  return !Object.keys(answer.problems).length && !Object.keys(answer.theirs).length;
}

function refused(status, { error_id: id, message }) {
  if (status === 401) {
    kept("登录已过期，还没有保存", "填写的内容留在本机，可以继续填写；通话不受影响。重新登录后自动保存。", true);
    (host() ?? window.hotlineDock)?.look();
    soon(AGAIN_MS);
  } else if (id === "csrf") {
    // Signed in again elsewhere: this page's token is of the time before.
    (host() ?? window.hotlineDock)?.look();
    soon(1000);
  } else if (status >= 500) {
    kept("服务器暂时存不了", "填写的内容留在本机，稍后自动再试。");
    soon(AGAIN_MS);
  } else if (status === 404) {
    kept("没有保存", "来电已由别人接着办理，工单现在由对方填写。没有存上的内容请告诉对方。");
  } else kept("没有保存", message);
  return false;
}

function taken(sent, { saved, theirs, problems, values, at }) {
  for (const name of saved) {
    const now = changed.get(name);
    held.set(name, values[name]);
    // Typed on while it was under way: from what is saved now.
    if (now && flat(now.now) !== flat(sent.get(name).now)) changed.set(name, { was: values[name], now: now.now });
    else changed.delete(name);
    problem(name, "");
    others(name, null);
  }
  for (const [name, words] of Object.entries(problems)) problem(name, words);
  for (const [name, what] of Object.entries(theirs)) others(name, what);
  fresh(values);
  store();
  const left = Object.keys(problems).length + Object.keys(theirs).length;
  if (left) say(`${left} 项待处理`, "bad");
  else if (changed.size) soon(PAUSE_MS);
  else say(`已保存 ${at}`, "good");
}

/** Take over what others wrote where nothing is being typed. */
function fresh(values) {
  for (const [name, value] of Object.entries(values)) {
    if (changed.has(name) || same(held.get(name) ?? "", value)) {
      if (!changed.has(name)) held.set(name, value);
      continue;
    }
    held.set(name, value);
    write(name, value);
    glow(name);
  }
  paintCodes();
}

function glow(name) {
  const field = part(`[data-name="${CSS.escape(name)}"]`);
  field?.classList.remove("glow");
  void field?.offsetWidth;
  field?.classList.add("glow");
}

function problem(name, words) {
  const place = part(`[data-problem="${CSS.escape(name)}"]`);
  if (!place) return;
  place.hidden = !words;
  place.textContent = words;
  place.closest(".field").classList.toggle("wrong", Boolean(words));
  if (words) place.closest("details").open = true;
}

function others(name, what) {
  const place = part(`[data-theirs="${CSS.escape(name)}"]`);
  if (!place) return;
  place.hidden = !what;
  place.replaceChildren();
  if (!what) return;
  const text = document.createElement("span");
  text.append("别人改成了：", Object.assign(document.createElement("b"), { textContent: what.words }));
  place.append(text, choice("用对方的", () => settle(name, what.value, false)), choice("用我的", () => settle(name, what.value, true)));
  place.closest("details").open = true;
}

function choice(words, react) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button small";
  button.textContent = words;
  button.addEventListener("click", react);
  return button;
}

function settle(name, value, mine) {
  held.set(name, value);
  if (mine) changed.set(name, { was: value, now: read(name) });
  else {
    changed.delete(name);
    write(name, value);
  }
  others(name, null);
  store();
  say("");
  soon(0);
}

function say(words, kind = "") {
  const place = $("[data-sheet-state]", seat);
  if (!place) return;
  place.textContent = words;
  place.className = `small ${kind || "muted"}`;
}

function kept(title, words, signIn = false) {
  say("未保存", "bad");
  const place = part("[data-kept]");
  if (!place) return;
  place.hidden = false;
  $("h3", place).textContent = title;
  const text = $("p", place);
  text.textContent = words;
  if (signIn) text.append(" ", choice("重新登录", () => (host() ?? window.hotlineDock)?.askSignIn()));
}

/** Fill what is still empty with a draft; what a person wrote stays. */
function draft(detail) {
  let filled = 0;
  for (const name of ["title", "details", "demand", "answer", "statutes"]) {
    const [control] = controls(name);
    if (!control || !detail[name] || control.value.trim()) continue;
    control.value = detail[name];
    const note = part(`[data-theirs="${name}"]`);
    note.hidden = false;
    note.textContent = "草稿：摘自通话原话，请核对修改";
    touched(name);
    filled += 1;
  }
  const [told] = controls("legal_aid_told");
  if (told && detail.legal_aid_told && !told.checked) {
    told.checked = true;
    touched("legal_aid_told");
  }
  toast(filled ? "草稿已填入空着的项，请核对" : "这些项您已经填过，没有改动");
}

function cite(words) {
  const [control] = controls("statutes");
  if (!control) return;
  const lines = control.value.split("\n").map((line) => line.trim()).filter(Boolean);
  if (!lines.includes(words)) control.value = [...lines, words].join("\n");
  touched("statutes");
  glow("statutes");
}

function refer(words) {
  const [control] = controls("referral");
  const parts = control.value.split("、").filter(Boolean);
  control.value = (parts.includes(words) ? parts.filter((p) => p !== words) : [...parts, words]).join("、");
  touched("referral");
}

function setDate(day) {
  const [control] = controls("limitation_deadline");
  control.value = day;
  touched("limitation_deadline");
  glow("limitation_deadline");
}

seat?.addEventListener("input", (event) => {
  const { name } = event.target;
  if (!name || !event.target.closest("[data-sheet-form]")) return;
  const note = part(`[data-theirs="${CSS.escape(name)}"]`);
  if (note && !$("button", note)) note.hidden = true;
  touched(name);
});
seat?.addEventListener("change", (event) => {
  if (event.target.name && event.target.closest("[data-sheet-form]")) soon(0);
});
seat?.addEventListener("click", (event) => {
  const chip = event.target.closest("[data-chip]");
  if (chip) refer(chip.dataset.chip);
  const code = event.target.closest("[data-code]");
  if (code) chooseCode(code.dataset.code);
});
seat?.addEventListener("submit", async (event) => {
  if (event.target.matches("[data-sheet-form]")) {
    event.preventDefault();
    soon(0);
  } else if (event.target.matches('form[action="/seat/presence"]') && changed.size) {
    event.preventDefault();
    event.stopImmediatePropagation();
    clearTimeout(timer);
    if (await send()) event.target.requestSubmit();
    else toast("工单还有没存好的项，请先处理", "bad");
  }
});
document.addEventListener("cite", (event) => cite(event.detail));
document.addEventListener("draft", (event) => draft(event.detail));
addEventListener("online", () => soon(0));
for (const again of ["focus", "signedin"]) addEventListener(again, () => changed.size && soon(0));
document.addEventListener("seat", begin);
onNews("case.", async (news) => {
  if (news.number !== number || busy || !form()) return;
  const response = await fetch(`/seat/tickets/${number}`, { headers: { "X-Fragment": "1" } });
  if (response.ok) fresh((await response.json()).values);
});
startPicker(seat, cite);
startReckoner(seat, { setDate, cite });
begin();
