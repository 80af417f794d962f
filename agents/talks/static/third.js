// Somebody who was asked into a talk leaves it; what came of it is told by the controller.
import { toast } from "../web/js/toasts.js";

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-leave]");
  if (!button) return;
  button.disabled = true;
  const body = new FormData();
  body.set("call", button.dataset.leave);
  body.set("csrf", document.documentElement.dataset.csrf);
  try {
    const answer = await fetch("/seat/call/hangup", { method: "POST", body, headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error();
  } catch {
    button.disabled = false;
    toast("没有退出。请再按一次，或直接挂断您的电话", "bad");
  }
});
