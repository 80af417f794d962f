// The reviewer's page: the waveform of both legs, one key a finding, the running total.
// Without this module the page still has a player, forms for every act and a button to send.

import { $, $$, duration, fetchFragment } from "../web/js/dom.js";
import { toast } from "../web/js/toasts.js";

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

async function drawWaves() {
  const place = $("[data-sound]");
  const audio = place && $("audio", place);
  if (!audio || !place.dataset.library) return;
  const { WaveSurfer, Regions } = await import(place.dataset.library);
  const peaks = JSON.parse(place.dataset.peaks);
  const legs = $("[data-legs]", place);
  const names = $$(".leg.caller .leg-name, .leg.agent .leg-name", legs).map((name) => name.textContent.trim());
  const surf = document.createElement("div");
  surf.className = "surf";
  const labels = document.createElement("div");
  labels.className = "surf-names";
  for (const name of names) {
    const label = document.createElement("span");
    label.textContent = name;
    labels.append(label);
  }
  const canvas = document.createElement("div");
  canvas.className = "canvas";
  surf.append(labels, canvas);
  legs.before(surf);
  const colours = names.length > 1 ? ["--voice-caller", "--voice-agent"] : ["--voice-agent"];
  const regions = Regions.create();
  const waves = WaveSurfer.create({
    container: canvas,
    media: audio,
    peaks,
    duration: Number($("[data-player]", place).dataset.seconds),
    height: 48,
    cspNonce: place.dataset.nonce,
    cursorColor: colour("--ink"),
    cursorWidth: 2,
    normalize: false,
    splitChannels: colours.map((name) => ({ waveColor: colour(name), progressColor: colour(name) })),
    plugins: [regions],
  });
  waves.on("ready", () => {
    for (const mark of JSON.parse(place.dataset.marks)) {
      regions.addRegion({ start: mark.at, drag: false, resize: false, color: colour(mark.bad ? "--bad" : "--warn") });
    }
    place.classList.add("drawn");
  });
}

function place() {
  return $("audio", $("[data-sound]") ?? document)?.currentTime ?? 0;
}

function followComments() {
  const at = $("[data-at]");
  const words = $("input[data-key='m']");
  words?.addEventListener("focus", () => {
    if (!words.value) at.value = duration(place());
  });
}

let chosen = -1;

function choose(list, at) {
  if (!list.length) return;
  list[chosen]?.classList.remove("chosen");
  chosen = Math.min(list.length - 1, Math.max(0, at));
  list[chosen].classList.add("chosen");
  list[chosen].focus({ preventScroll: true });
  list[chosen].scrollIntoView({ block: "nearest" });
}

async function judge(form, verdict) {
  const item = form.closest("[data-finding]");
  const data = new FormData(form);
  data.set("verdict", verdict);
  try {
    const html = await fetchFragment(form.action, { method: "POST", body: new URLSearchParams(data) });
    const page = new DOMParser().parseFromString(html, "text/html");
    const fresh = page.getElementById(item.id);
    if (fresh) item.replaceWith(fresh);
    return true;
  } catch (error) {
    toast(error.message, "bad");
    return false;
  }
}

function startFindings() {
  const root = $("[data-findings]");
  if (!root || !$("[data-judge]", root)) return;
  const list = () => $$("[data-finding]", root);
  root.addEventListener("submit", (event) => {
    event.preventDefault();
    judge(event.target, event.submitter?.value ?? "change");
  });
  document.addEventListener("keydown", async (event) => {
    if (event.target.closest("input, textarea, select, dialog") || event.ctrlKey || event.metaKey || event.altKey) return;
    const findings = list();
    if (event.key === "j" || event.key === "k") {
      event.preventDefault();
      choose(findings, chosen + (event.key === "j" ? 1 : -1));
    }
    const verdict = { y: "confirm", x: "reject" }[event.key];
    if (verdict) {
      event.preventDefault();
      if (chosen < 0) choose(findings, 0);
      if (await judge($("[data-judge]", findings[chosen]), verdict)) choose(list(), chosen + 1);
    }
    if (event.key === "c") {
      event.preventDefault();
      if (chosen < 0) choose(findings, 0);
      $("input[name=words]", findings[chosen])?.focus();
    }
  });
}

function startTotal() {
  const form = $("[data-grade]");
  if (!form) return;
  const shown = $("[data-running]", form);
  const count = () => {
    const items = $$(".item", form);
    const picked = items.map((item) => [Number(item.dataset.weight), $("input:checked", item)]);
    const open = picked.filter(([, input]) => !input).length;
    const applying = picked.filter(([, input]) => input && input.value !== "na");
    const weight = applying.reduce((sum, [each]) => sum + each, 0);
    const points = applying.reduce((sum, [each, input]) => sum + each * Number(input.dataset.share), 0);
    const veto = $("input[name=veto]:checked", form);
    shown.hidden = false;
    if (veto) shown.textContent = "一票否决：0 分";
    else if (open) shown.textContent = `还有 ${open} 项`;
    else shown.textContent = `${Math.round((1000 * points) / weight) / 10} 分`;
  };
  form.addEventListener("change", count);
  count();
}

followComments();
startFindings();
startTotal();
drawWaves();
