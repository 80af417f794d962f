// The telephone on the seat page: devices, levels, faults and what to do about them. The telephone
// itself lives in the call bar, perhaps of the page around this one.

import { $, $$ } from "../../web/js/dom.js";
import { toast } from "../../web/js/toasts.js";
import { host } from "./frame.js";
import { Level, Ring, choose, chosen, constraints, devices, playTo } from "./sound.js";

const WORDS = { ready: "已就绪", starting: "正在接通", off: "未启用" };
const box = () => $("[data-phone-box]");
let tried = null;

function dock() {
  return host() ?? window.hotlineDock;
}

/** What is wrong stands over the call, with what to do. */
function paintFault(fault) {
  const notice = $("[data-phone-fault]");
  if (!notice) return;
  notice.hidden = !fault;
  if (!fault) return;
  $("h2", notice).textContent = fault.words;
  $("p", notice).textContent = fault.advice;
  const again = $("[data-phone-again]", notice);
  again.hidden = !fault.again;
  again.textContent = fault.again ?? "";
}

/** Whether the recording goes on, and the way to stop it for what must not be kept. */
function paintRecording(talk) {
  const place = $("[data-recording]");
  if (!place) return;
  const can = talk.can ?? [];
  const paused = Boolean(talk.recording_paused);
  place.hidden = !can.includes("pause_recording") && !can.includes("resume_recording");
  place.classList.toggle("paused", paused);
  const said = paused ? ["录音和实时转写已暂停", talk.pause_reason] : ["正在录音"];
  const words = said.filter(Boolean).join(" · ");
  // Said once, when it changes, to who hears the page.
  if ($("[data-words]", place).textContent !== words) $("[data-words]", place).textContent = words;
  $("[data-pause-recording]", place).hidden = paused;
  $("[data-resume-recording]", place).hidden = !paused;
}

function paint() {
  const [place, one] = [$("[data-phone-state]"), dock()];
  if (one) paintRecording(one.talk);
  if (!place || !one) return;
  paintFault(one.line === "browser" ? one.fault : null);
  if (one.line !== "browser") {
    place.textContent = "";
    return;
  }
  const { fault, phone } = one;
  place.textContent = fault ? fault.words : phone.talking ? "通话中" : (WORDS[phone.state] ?? "");
  place.className = `phone-state small ${fault ? "bad" : phone.state === "ready" ? "good" : "muted"}`;
  if (phone.state === "ready") fill();
}

let filled = "";
async function fill() {
  if (!navigator.mediaDevices) return;
  const known = await devices();
  const mark = JSON.stringify(known);
  if (mark === filled && $$("[data-device] option", box()).length > 3) return;
  filled = mark;
  for (const select of $$("[data-device]", box())) {
    const name = select.dataset.device;
    const list = name === "microphone" ? known.microphone : known.speaker;
    select.length = 1;
    for (const { id, name: words } of list) {
      if (id !== "default") select.add(new Option(words, id, false, id === chosen(name)));
    }
  }
}

function levels() {
  const one = dock();
  const own = tried ?? one?.phone.levels.own;
  for (const [name, level] of [["own", own], ["other", one?.phone.levels.other]]) {
    const meter = $(`[data-level="${name}"]`);
    if (meter) meter.value = level ? level.read() : 0;
  }
  if (box()?.open) setTimeout(levels, 80);
}

async function tryMicrophone(button) {
  if (tried) return;
  try {
    const stream = await navigator.mediaDevices.getUserMedia(constraints());
    tried = new Level(stream);
    button.textContent = "请说话……";
    setTimeout(() => {
      tried.close();
      tried = null;
      for (const track of stream.getTracks()) track.stop();
      button.textContent = "试麦克风";
    }, 6000);
  } catch {
    dock()?.again();
  }
}

function tryRing() {
  const ring = new Ring();
  ring.start();
  setTimeout(() => ring.stop(), 2000);
}

async function notify() {
  if (!("Notification" in window)) return toast("这个浏览器不能弹出通知", "warn");
  const answer = await Notification.requestPermission();
  if (answer === "granted") toast("来电时会弹出通知");
  else toast("通知被拒绝：请点地址栏左侧的图标，把“通知”改为“允许”", "warn");
}

document.addEventListener("change", (event) => {
  const device = event.target.closest("[data-device]");
  if (device) {
    choose(device.dataset.device, device.value);
    const { speaker } = dock()?.phone ?? {};
    if (device.dataset.device === "speaker" && speaker) playTo(speaker, "speaker");
  }
  if (event.target.matches("[data-clear]")) choose("clear", event.target.checked ? "" : "no");
});
document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  if (button.dataset.phoneAgain !== undefined) dock()?.again();
  if (button.dataset.try !== undefined) tryMicrophone(button);
  if (button.dataset.ringTry !== undefined) tryRing();
  if (button.dataset.notify !== undefined) notify();
  if (button.dataset.pauseReason) {
    button.closest("details").open = false;
    dock()?.order("pause_recording", "", button.dataset.pauseReason);
  }
  if (button.dataset.resumeRecording !== undefined) dock()?.order("resume_recording");
});
document.addEventListener(
  "toggle",
  (event) => {
    if (event.target === box() && box().open) levels();
  },
  true,
);
navigator.mediaDevices?.addEventListener("devicechange", fill);

function begin() {
  const one = dock();
  if (!one) return setTimeout(begin, 50);
  const stop = one.watch(paint);
  addEventListener("pagehide", stop);
  const clear = $("[data-clear]");
  if (clear) clear.checked = chosen("clear") !== "no";
}
document.addEventListener("seat", paint);
begin();
