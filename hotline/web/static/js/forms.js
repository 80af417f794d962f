// Forms: what is typed is not lost by a stray click, filters apply as they are chosen, a button is
// pressed once.

import { $$ } from "./dom.js";

export function startForms() {
  for (const form of $$("form[data-guard]")) {
    form.addEventListener("input", () => form.setAttribute("data-dirty", ""));
    form.addEventListener("submit", () => form.removeAttribute("data-dirty"));
  }
  addEventListener("beforeunload", (event) => {
    if (document.querySelector("form[data-dirty]")) event.preventDefault();
  });
  for (const form of $$("form.filters")) {
    form.addEventListener("change", (event) => {
      if (event.target.matches("select, input[type=date], input[type=checkbox]")) form.requestSubmit();
    });
    // An address without empty filters can be read and sent to a colleague.
    form.addEventListener("formdata", (event) => {
      for (const [name, value] of [...event.formData]) if (value === "") event.formData.delete(name);
    });
  }
  for (const form of $$("form[method=post]")) {
    form.addEventListener("submit", () => {
      for (const button of $$("button", form)) setTimeout(() => (button.disabled = true));
    });
  }
}
