// The wallboard's own: the curves of the last hours, and saying that one has seen an alarm.
//
// The server draws the curves as a picture; where uPlot is there, it takes their place and shows
// values under the pointer.

import { $, $$, fetchFragment } from "../web/js/dom.js";
import { toast } from "../web/js/toasts.js";

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const china = (seconds, style) =>
  new Intl.DateTimeFormat("zh-CN", { timeZone: "Asia/Shanghai", hour12: false, ...style }).format(seconds * 1000);
const HOUR = { hour: "2-digit", minute: "2-digit" };

let chart = null;

function options(box) {
  const axis = { stroke: colour("--ink-2"), grid: { stroke: colour("--line"), width: 1 }, ticks: { show: false } };
  const series = (label, name, fill) => ({
    label,
    stroke: colour(name),
    width: 2,
    fill: fill ? `${colour(name)}22` : undefined,
    points: { show: false },
  });
  return {
    width: box.clientWidth,
    height: box.clientHeight,
    legend: { show: false },
    cursor: { drag: { x: false, y: false }, points: { size: 7 } },
    scales: { y: { range: (_, __, high) => [0, Math.max(4, Math.ceil(high * 1.08))] } },
    axes: [
      { ...axis, size: 26, values: (_, ticks) => ticks.map((t) => china(t, HOUR)) },
      { ...axis, size: 32, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500] },
    ],
    series: [{}, series("通话", "--primary", true), series("等待", "--warn", false)],
    hooks: { setCursor: [tell] },
  };
}

/** Show the values under the pointer in the legend's place. */
function tell(plot) {
  const { idx } = plot.cursor;
  const legend = plot.root.closest(".card").querySelector(".legend");
  const [times, talking, waiting] = plot.data;
  const at = idx ?? times.length - 1;
  const [first, second] = legend.querySelectorAll("b");
  first.textContent = String(talking[at]);
  second.textContent = String(waiting[at]);
  legend.title = china(times[at], HOUR);
}

function draw(UPlot) {
  const box = $("[data-curve]");
  if (!box) return;
  const { t, talking, waiting } = JSON.parse(box.dataset.curve);
  const data = [t, talking, waiting];
  if (chart?.root.isConnected && chart.root.parentElement === box) {
    chart.setData(data);
    return;
  }
  chart?.destroy();
  box.classList.add("plotted");
  chart = new UPlot(options(box), data, box);
}

async function startCurves() {
  let UPlot;
  try {
    ({ default: UPlot } = await import("../web/vendor/uplot.js"));
  } catch {
    // Not bundled on this machine: the server's picture stays.
    return;
  }
  draw(UPlot);
  document.addEventListener("region", () => draw(UPlot));
  const anew = () => {
    chart?.destroy();
    chart = null;
    draw(UPlot);
  };
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", anew);
  let waiting = 0;
  addEventListener("resize", () => {
    clearTimeout(waiting);
    waiting = setTimeout(anew, 200);
  });
}

function showAcks() {
  for (const button of $$("[data-ack][hidden]")) button.hidden = false;
}

function startAlarms() {
  if (!$("[data-may-ack]")) return;
  showAcks();
  document.addEventListener("region", showAcks);
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-ack]");
    if (!button) return;
    button.disabled = true;
    try {
      await fetchFragment(`/alarms/${button.dataset.ack}/seen`, { method: "POST" });
      toast("已确认");
    } catch (error) {
      toast(error.message, "bad");
    }
  });
}

startCurves();
startAlarms();
