// Words and hints while people talk. Words come with the news and are appended; nothing that was
// shown moves. Hints are drawn by the server; what is done with one is told and forgotten.

import { $, $$, csrf, duration, fetchFragment, parse } from "../web/js/dom.js";
import { onNews } from "../web/js/live.js";
import { morph } from "../web/js/morph.js";
import { toast } from "../web/js/toasts.js";

const LEGS = { caller: "来电人", agent: "我" };
const UNSURE = 0.7;

function element(name, className, text) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

function turn({ leg, start, text, confidence, position }, talk) {
  const line = element("li", `turn ${leg}`);
  line.dataset.id = `turn-${talk}-${position}`;
  const head = element("span");
  head.append(element("span", `leg-name ${leg}`, LEGS[leg]), element("span", "when", duration(start)));
  line.append(head, element("div", confidence !== null && confidence < UNSURE ? "unsure" : "", text));
  return line;
}

async function draw(name) {
  const panel = $(`[data-panel="${name}"]`);
  if (panel) morph(panel, parse(await fetchFragment(`/seat/panels/${name}`)));
}

/** What the page says of its ear; of what is not recorded nothing is heard here either. */
function stateOf(words, { ended, behind }) {
  if (ended) return "通话已结束";
  if (words.dataset.paused !== undefined) return "录音已暂停，也不转写";
  return behind ? "机器繁忙，只显示说完的句子" : "正在听";
}

// From when to when nothing was recorded stands between the words.
onNews("call.talk", async (news) => {
  const words = $(`[data-live-words="${news.call_id}"]`);
  if (!words || (words.dataset.paused !== undefined) === Boolean(news.recording_paused)) return;
  await draw("live-words");
  // The timeline, of which the sentence is, may be written a moment after.
  setTimeout(() => draw("live-words").catch(() => {}), 700);
  const list = $("[data-live-turns]");
  if (list) list.scrollTop = list.scrollHeight;
});

onNews("live.words", async (news) => {
  const words = $(`[data-live-words="${news.call_id}"]`);
  if (!words) {
    await draw("live-words");
    return;
  }
  const list = $("[data-live-turns]", words);
  const following = list.scrollHeight - list.scrollTop - list.clientHeight < 40;
  for (const said of news.turns) {
    // A page drawn a moment ago may hold the sentence already.
    if (!$(`[data-id="turn-${news.talk}-${said.position}"]`, list)) list.append(turn(said, news.talk));
  }
  for (const leg of Object.keys(LEGS)) {
    const line = $(`[data-running="${leg}"]`, words);
    line.hidden = !news.running[leg];
    line.lastElementChild.textContent = news.running[leg] ?? "";
  }
  $("[data-live-state]", words).textContent = stateOf(words, news);
  if (following) list.scrollTop = list.scrollHeight;
});

async function tell(url, options) {
  const response = await fetch(url, { ...options, headers: { "X-CSRF-Token": csrf(), Accept: "application/json" } });
  if (!response.ok) throw new Error((await response.json()).message);
  return response.json();
}

// What stood on the page is told once: only what was seen may be called shown.
const told = new Set();
async function seen() {
  const fresh = $$(".live-help .hint[data-id]").map((one) => one.dataset.id.replace("hint-", "")).filter((id) => !told.has(id));
  if (!fresh.length || document.hidden) return;
  for (const id of fresh) told.add(id);
  try {
    await tell("/live/hints/seen", { method: "POST", body: new URLSearchParams({ ids: fresh.join(",") }) });
  } catch {
    for (const id of fresh) told.delete(id);
  }
}

function drafted(box, draft) {
  const parts = [["案情", draft.details], ["诉求", draft.demand], ["答复要点", draft.answer], ["引用法条", draft.statutes]];
  box.replaceChildren(element("p", "small", "草稿：摘自通话原话，请修改后再用。"));
  for (const [name, text] of parts.filter(([, words]) => words)) {
    const part = element("p");
    part.append(element("b", "small", `${name}　`), element("span", "", text));
    box.append(part);
  }
  if (box.childElementCount === 1) box.append(element("p", "muted", "还没有听到可以摘录的内容。"));
  box.hidden = false;
}

document.addEventListener("click", async (event) => {
  const hint = event.target.closest("[data-hint]");
  const asked = event.target.closest("[data-draft]");
  try {
    if (hint) {
      if (hint.dataset.cite) document.dispatchEvent(new CustomEvent("cite", { detail: hint.dataset.cite }));
      if (hint.dataset.hintWhat === "dismissed") hint.closest(".hint").remove();
      await tell(`/live/hints/${hint.dataset.hint}/${hint.dataset.hintWhat}`, { method: "POST" });
      if (hint.dataset.cite) toast(`已引用${hint.dataset.cite}`);
    } else if (asked) {
      const draft = await tell(`/live/${asked.dataset.draft}/draft.json`);
      drafted($("[data-drafted]"), draft);
      // The ticket form takes it over; every part stays the lawyer's to change.
      document.dispatchEvent(new CustomEvent("draft", { detail: draft }));
    }
  } catch (error) {
    toast(error.message || "网络不通，请稍后再试", "bad");
    // What could not be logged as dismissed stands there again.
    if (hint) draw("live-help").catch(() => {});
  }
});

// The card that fits is drawn open; one that the person closed stays closed.
const closed = new Set();
document.addEventListener("toggle", ({ target }) => {
  if (!target.matches?.(".live-help details.hint")) return;
  if (target.open) closed.delete(target.dataset.id);
  else closed.add(target.dataset.id);
}, true);
for (const name of ["panel", "seat", "visibilitychange"]) document.addEventListener(name, seen);
document.addEventListener("panel", () => {
  for (const hint of $$(".live-help details.hint[open]")) {
    if (closed.has(hint.dataset.id)) hint.open = false;
  }
});

for (const list of $$("[data-live-turns]")) list.scrollTop = list.scrollHeight;
seen();
