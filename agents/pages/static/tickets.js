// The list says that it grew; it never changes under the pointer.

import { $, $$ } from "../web/js/dom.js";
import { onNews } from "../web/js/live.js";

const changed = new Set();

onNews("case.", (news) => {
  changed.add(news.number);
  const bar = $("[data-fresh]");
  $("[data-fresh-count]", bar).textContent = String(changed.size);
  bar.hidden = false;
});

// Ticking tickets that are to be worked off together.
const form = $("form[data-batch]");
const act = form && $("[data-batch-act]", form);

if (act) {
  const ticks = $$("input[name=number]", form);
  const all = $("[data-tick-all]", form);
  const words = act.textContent.trim();
  const count = () => {
    const chosen = ticks.filter((one) => one.checked).length;
    act.disabled = chosen === 0;
    act.textContent = chosen ? `${words}（${chosen}）` : words;
    all.checked = chosen === ticks.length;
    all.indeterminate = chosen > 0 && chosen < ticks.length;
  };
  all.hidden = false;
  all.addEventListener("change", () => {
    for (const one of ticks) one.checked = all.checked;
    count();
  });
  form.addEventListener("change", count);
  document.addEventListener("keydown", (event) => {
    if (event.key !== "x" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input, textarea, select, dialog")) return;
    const tick = $("tr.chosen input[name=number]", form);
    if (!tick) return;
    tick.checked = !tick.checked;
    count();
  });
  count();
}
