// The large screen's clock, in China's time whatever the computer is set to.

import { $, now } from "../web/js/dom.js";

const clock = $("[data-clock]");
const write = new Intl.DateTimeFormat("zh-CN", { timeZone: "Asia/Shanghai", timeStyle: "medium", hour12: false });

setInterval(() => {
  clock.textContent = write.format(new Date(now() * 1000));
}, 1000);

document.addEventListener("keydown", (event) => {
  if (event.key === "f" && !document.fullscreenElement) document.documentElement.requestFullscreen();
});
