// Asks the server for the last day of a period; the law stands in config/limitation.yaml.

import { $ } from "../../web/js/dom.js";

export function startReckoner(seat, { setDate, cite }) {
  let found = null;

  async function reckon(box) {
    const rule = $("[data-rule]", box);
    $("[data-from-words]", box).textContent = rule.selectedOptions[0].dataset.from;
    const since = $("input[data-from]", box).value;
    const [shown, wrong] = [$("[data-reckoned]", box), $("[data-reckoned-problem]", box)];
    shown.hidden = wrong.hidden = true;
    if (!since) return;
    const query = new URLSearchParams({ rule: rule.value, since });
    let answer;
    try {
      const response = await fetch(`/seat/limitation?${query}`, { headers: { "X-Fragment": "1" } });
      answer = await response.json();
      if (!response.ok) throw new Error(answer.message);
    } catch (error) {
      wrong.hidden = false;
      wrong.textContent = error.message || "网络不通，暂时算不了";
      return;
    }
    found = answer;
    shown.hidden = false;
    shown.className = `reckoned ${answer.near ? "bad" : answer.past ? "warn" : ""}`;
    $("[data-reckoned-words]", box).textContent = answer.words;
    const unsure = answer.provisional ? "这一年的放假调休通知还没有录入，日期可能变动。" : "";
    $("[data-reckoned-note]", box).textContent = `依据：${answer.cite}。${answer.note}${unsure}`;
  }

  seat?.addEventListener("change", (event) => {
    const box = event.target.closest("[data-reckoner]");
    if (box) reckon(box);
  });
  seat?.addEventListener("click", (event) => {
    if (!found) return;
    if (event.target.closest("[data-take-date]")) setDate(found.last);
    if (event.target.closest("[data-take-cite]")) cite(found.cite);
  });
}
