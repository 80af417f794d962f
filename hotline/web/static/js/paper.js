// On paper what is folded is read too: details are opened for the print and closed after it.

import { $$ } from "./dom.js";

export function startPaper() {
  let opened = [];
  addEventListener("beforeprint", () => {
    opened = $$("main details:not(.menu, [open])").filter((one) => !one.querySelector("form"));
    for (const one of opened) one.open = true;
  });
  addEventListener("afterprint", () => {
    for (const one of opened) one.open = false;
  });
}
