// Timers that run in the page: [data-since] holds the start as seconds since 1970.

import { $$, duration, now } from "./dom.js";

function tick() {
  const time = now();
  for (const element of $$("[data-since]")) {
    const seconds = time - Number(element.dataset.since);
    const words = duration(seconds);
    if (element.textContent !== words) element.textContent = words;
    const { warnAfter, badAfter } = element.dataset;
    const bad = Boolean(badAfter) && seconds >= Number(badAfter);
    element.classList.toggle("bad", bad);
    element.classList.toggle("warn", !bad && Boolean(warnAfter) && seconds >= Number(warnAfter));
  }
}

export function startTimers() {
  tick();
  setInterval(tick, 500);
}
