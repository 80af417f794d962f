// Click to call: the form asks for the call and stays where it is; what came of it shows in the call bar.
import { toast } from "../web/js/toasts.js";

document.addEventListener("submit", async (event) => {
  const form = event.target.closest("form[data-dial]");
  if (!form) return;
  event.preventDefault();
  const button = form.querySelector("button");
  button.disabled = true;
  try {
    const answer = await fetch(form.action, { method: "POST", body: new FormData(form), headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error();
    toast("先接您的话机，再接通来电人", "good");
  } catch {
    toast("没有拨出去。请确认已签入、话机在线，再试一次", "bad");
  } finally {
    button.disabled = false;
  }
});
