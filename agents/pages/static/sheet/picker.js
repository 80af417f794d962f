// Finds articles as one types and puts the exact citation into the form.

import { $, $$ } from "../../web/js/dom.js";

const PAUSE_MS = 250;

export function startPicker(seat, cite) {
  let timer = 0;
  let asked = 0;

  async function find(input) {
    const list = $("[data-found]", input.closest("[data-picker]"));
    const question = input.value.trim();
    if (!question) return list.replaceChildren();
    const mine = (asked += 1);
    let articles = [];
    try {
      const response = await fetch(`/seat/statutes?q=${encodeURIComponent(question)}`, { headers: { "X-Fragment": "1" } });
      articles = response.ok ? (await response.json()).articles : [];
    } catch {
      return list.replaceChildren(line("网络不通，暂时查不了"));
    }
    if (mine !== asked) return;
    list.replaceChildren(...(articles.length ? articles.map(entry) : [line("没有找到，请换个说法")]));
  }

  function entry({ cite: words, text }) {
    const item = document.createElement("li");
    const button = document.createElement("button");
    button.type = "button";
    button.append(
      Object.assign(document.createElement("b"), { textContent: words }),
      Object.assign(document.createElement("span"), { textContent: text }),
    );
    button.addEventListener("click", () => {
      cite(words);
      const picker = item.closest("[data-picker]");
      $("input", picker).value = "";
      $("[data-found]", picker).replaceChildren();
      $("input", picker).focus();
    });
    item.append(button);
    return item;
  }

  seat?.addEventListener("input", (event) => {
    if (!event.target.matches("[data-find-statute]")) return;
    clearTimeout(timer);
    timer = setTimeout(find, PAUSE_MS, event.target);
  });
  seat?.addEventListener("keydown", (event) => {
    const picker = event.target.closest("[data-picker]");
    if (!picker) return;
    const stops = [$("input", picker), ...$$("[data-found] button", picker)];
    const at = stops.indexOf(event.target);
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      stops[(at + (event.key === "ArrowDown" ? 1 : -1) + stops.length) % stops.length].focus();
    } else if (event.key === "Enter" && at === 0) {
      event.preventDefault();
      stops[1]?.click();
    }
  });
}

function line(words) {
  return Object.assign(document.createElement("li"), { className: "muted small", textContent: words });
}
