// Tables that are read with the keyboard: arrows choose a row, Enter opens it, space looks into it
// in the drawer without leaving the list.

import { $, $$, fetchFragment, parse } from "./dom.js";
import { toast } from "./toasts.js";

function choose(table, row) {
  for (const other of $$("tr.chosen", table)) {
    other.classList.remove("chosen");
    other.removeAttribute("aria-selected");
  }
  row.classList.add("chosen");
  row.setAttribute("aria-selected", "true");
  row.scrollIntoView({ block: "nearest" });
  if (drawer() && !drawer().hidden) look(row);
}

const drawer = () => $(".drawer[data-preview]");

async function look(row) {
  const place = drawer();
  if (!place || !row.dataset.preview) return;
  try {
    const html = await fetchFragment(row.dataset.preview);
    if (!row.classList.contains("chosen")) return;
    $(".body", place).replaceChildren(parse(html));
    $("h2", place).textContent = row.dataset.title ?? "";
    place.hidden = false;
  } catch (error) {
    toast(error.message, "bad");
  }
}

function onKey(table, event) {
  if (event.target.closest("input, textarea, select, button, a, summary, dialog")) return;
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const rows = $$("tbody tr[data-href]", table);
  const at = rows.findIndex((row) => row.classList.contains("chosen"));
  const moves = { ArrowDown: 1, ArrowUp: -1, j: 1, k: -1 };
  if (event.key in moves && rows.length) {
    event.preventDefault();
    choose(table, rows[Math.min(rows.length - 1, Math.max(0, at + moves[event.key]))]);
  } else if (event.key === "Enter" && at >= 0) {
    location.assign(rows[at].dataset.href);
  } else if (event.key === " " && at >= 0) {
    event.preventDefault();
    if (drawer() && !drawer().hidden) drawer().hidden = true;
    else look(rows[at]);
  } else if (event.key === "Escape" && drawer()) {
    drawer().hidden = true;
  }
}

export function startTables() {
  const table = $("table[data-keyboard]");
  if (!table) return;
  document.addEventListener("keydown", (event) => onKey(table, event));
  table.addEventListener("click", (event) => {
    const row = event.target.closest("tr[data-href]");
    if (row && !event.target.closest("a, button, input") && !getSelection().toString()) {
      location.assign(row.dataset.href);
    }
  });
  drawer()
    ?.querySelector("[data-close]")
    ?.addEventListener("click", () => {
      drawer().hidden = true;
    });
}
