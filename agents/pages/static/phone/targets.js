// Whom a talk may be given to: people, stations, topics, outside bodies; found as one types.

import { $ } from "../../web/js/dom.js";

const GROUPS = { agents: "人员", stations: "乡镇站", topics: "专题（排队优先）", outside: "外部单位" };
const KINDS = { transfer: "转接", consult: "咨询", conference: "三方" };

/** Fill the sheet; `done(kind, target)` is called with what was chosen. */
export async function showTargets(sheet, talk, done) {
  const [list, find] = [$("[data-targets]", sheet), $("[data-find]", sheet)];
  find.value = "";
  find.focus();
  list.replaceChildren(line("正在读取……"));
  let targets;
  try {
    const response = await fetch("/seat/targets.json", { headers: { Accept: "application/json" } });
    if (!response.ok) throw new Error((await response.json()).message);
    targets = await response.json();
  } catch (error) {
    list.replaceChildren(line(error.message || "读不到名单，请稍后再试"));
    return;
  }
  const draw = () => {
    const wanted = find.value.trim().toLowerCase();
    list.replaceChildren();
    for (const [group, title] of Object.entries(GROUPS)) {
      const rows = (targets[group] ?? []).filter((t) => `${t.words}${t.detail}`.toLowerCase().includes(wanted));
      if (rows.length) list.append(heading(title), ...rows.map((row) => entry(row, group, talk, done)));
    }
    if (!list.children.length) list.append(line("没有符合的人员或单位"));
  };
  find.oninput = draw;
  draw();
}

function line(words) {
  const item = document.createElement("li");
  item.className = "muted";
  item.textContent = words;
  return item;
}

function heading(words) {
  const item = document.createElement("li");
  const title = document.createElement("h3");
  title.textContent = words;
  item.append(title);
  return item;
}

function entry(row, group, talk, done) {
  const item = document.createElement("li");
  item.className = "bar-target";
  const words = document.createElement("span");
  words.className = "words";
  words.textContent = row.words;
  if (row.detail) {
    const detail = document.createElement("small");
    detail.textContent = row.detail;
    words.append(detail);
  }
  item.append(dot(row.free), words);
  const kinds = group === "topics" ? ["transfer"] : Object.keys(KINDS);
  for (const kind of kinds) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button small";
    button.textContent = KINDS[kind];
    button.disabled = talk.can !== null && talk.can !== undefined && !talk.can.includes(kind);
    button.addEventListener("click", () => done(kind, row.target));
    item.append(button);
  }
  return item;
}

function dot(free) {
  const mark = document.createElement("span");
  mark.className = `dot ${free ? "good" : ""}`;
  mark.title = free ? "空闲" : "忙";
  mark.setAttribute("role", "img");
  mark.setAttribute("aria-label", mark.title);
  return mark;
}

/** Fill the sheet with those who may be asked to leave; `done(id)` is called with who was chosen. */
export function showThirds(sheet, thirds, done) {
  const rows = thirds.map((third) => {
    const item = document.createElement("li");
    item.className = "bar-target";
    const words = Object.assign(document.createElement("span"), { className: "words", textContent: third.words });
    const button = Object.assign(document.createElement("button"), { type: "button", className: "button small", textContent: "请出" });
    button.addEventListener("click", () => done(third.id));
    item.append(words, button);
    return item;
  });
  const list = $("[data-thirds]", sheet);
  list.replaceChildren(...rows);
  $("button", list)?.focus();
}
