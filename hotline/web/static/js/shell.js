// What every page starts with.

import { $, $$ } from "./dom.js";
import { startForms } from "./forms.js";
import { startKeys } from "./keys.js";
import { startLive } from "./live.js";
import { startPaper } from "./paper.js";
import { startTables } from "./table.js";
import { startTimers } from "./timers.js";
import { startToasts } from "./toasts.js";

document.documentElement.classList.add("scripted");
startTimers();
startKeys();
startForms();
startTables();
startPaper();
startToasts();
// On a telephone the entries scroll sideways: where one is stands in the middle.
const here = $(".rail [aria-current]");
if (here) {
  const rail = here.closest(".rail");
  const [inside, around] = [here.getBoundingClientRect(), rail.getBoundingClientRect()];
  rail.scrollLeft += inside.left + inside.width / 2 - around.left - around.width / 2;
}
document.addEventListener("click", (event) => {
  for (const menu of $$("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") for (const menu of $$("details.menu[open]")) menu.open = false;
});
// Pages' own modules run first, so that they can ask for news before the stream opens.
addEventListener("DOMContentLoaded", startLive);
